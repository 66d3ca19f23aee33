/** The first example of each content, by its hash. */
import type { ContentHash } from './content-hash.ts';

const EMPTY = 0xffffffff;

/** A table from 64-bit hashes to numbers, 12 bytes a place and at most two thirds full; the first number of a hash stays. */
export class HashTable {
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  #value = new Uint32Array(1024).fill(EMPTY);
  #size = 0;

  /** The number that was put under a hash. */
  get({ low, high }: ContentHash): number | undefined {
    const value = this.#value[this.#place(low, high)]!;
    return value === EMPTY ? undefined : value;
  }

  /** Puts a number below 2³² − 1 under a hash that has none. @returns the number that is there then */
  put({ low, high }: ContentHash, value: number): number {
    if (3 * (this.#size + 1) > 2 * this.#value.length) this.#grow();
    const place = this.#place(low, high);
    if (this.#value[place] !== EMPTY) return this.#value[place]!;
    this.#low[place] = low;
    this.#high[place] = high;
    this.#value[place] = value;
    this.#size++;
    return value;
  }

  #place(low: number, high: number): number {
    const mask = this.#value.length - 1;
    let place = (low ^ Math.imul(high, 0x9e3779b1)) & mask;
    while (this.#value[place] !== EMPTY && !(this.#low[place] === low && this.#high[place] === high))
      place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const [low, high, value] = [this.#low, this.#high, this.#value];
    const room = 2 * value.length;
    this.#low = new Uint32Array(room);
    this.#high = new Uint32Array(room);
    this.#value = new Uint32Array(room).fill(EMPTY);
    for (let i = 0; i < value.length; i++) {
      if (value[i] === EMPTY) continue;
      const place = this.#place(low[i]!, high[i]!);
      this.#low[place] = low[i]!;
      this.#high[place] = high[i]!;
      this.#value[place] = value[i]!;
    }
  }
}

/** MinHash (Broder 1997): short signatures of sets, from which their likeness can be told; and an index of them. */
import { Random } from '../../random.ts';
import { finish } from './content-hash.ts';

/** Groups of values of which one has to agree. */
export const BANDS = 32;
/** Values that agree together. */
const ROWS = 4;
/** Values of a signature. */
export const VALUES = BANDS * ROWS;

const random = Random.from(1, 'MinHash');
const FACTORS = Int32Array.from({ length: VALUES }, () => random.int32() | 1);
const TERMS = Int32Array.from({ length: VALUES }, () => random.int32());

/** A set's signature: a byte of each of 128 minima, and a number for each of the 32 bands. */
export interface MinHash {
  bytes: Uint8Array;
  bands: Uint32Array;
}

/** The signature of a set of hashes: each value is the least of the set's under a hash function of its own. */
export function minHash(shingles: Uint32Array): MinHash {
  const least = new Uint32Array(VALUES).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let value = 0; value < VALUES; value++) {
      const mixed = Math.imul(shingle, FACTORS[value]!) + TERMS[value]!;
      const hash = (mixed ^ (mixed >>> 15)) >>> 0;
      if (hash < least[value]!) least[value] = hash;
    }
  }
  const bands = new Uint32Array(BANDS);
  for (let band = 0; band < BANDS; band++) {
    let key = band;
    for (let row = 0; row < ROWS; row++) key = finish(Math.imul(key, 31) ^ least[band * ROWS + row]!);
    bands[band] = key;
  }
  // The highest bits of a minimum are nearly always 0.
  return { bytes: Uint8Array.from(least, (value) => finish(value) & 0xff), bands };
}

const EMPTY = 0xffffffff;

/**
 * Signatures by their bands: two sets of likeness s meet with probability 1 − (1 − s⁴)³². It takes 260 bytes a set and
 * grows as sets are added.
 */
export class MinHashIndex {
  #room = 1024;
  #heads = new Uint32Array(BANDS * 1024).fill(EMPTY);
  #next = new Uint32Array(BANDS * 1024);
  #keys = new Uint32Array(BANDS * 1024);
  #bytes = new Uint8Array(VALUES * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a set, whose number is how many there were before. */
  add({ bytes, bands }: MinHash): void {
    if (this.#length === this.#room) this.#grow();
    const number = this.#length++;
    this.#bytes.set(bytes, number * VALUES);
    this.#keys.set(bands, number * BANDS);
    for (let band = 0; band < BANDS; band++) this.#link(number, band);
  }

  /**
   * Shows sets whose signatures say that they are about as alike as wanted; a set may be shown again.
   *
   * @param visit ends the search by answering `'stop'`
   */
  like({ bytes, bands }: MinHash, similarity: number, visit: (number: number) => unknown): void {
    // Three standard deviations of the estimate, at least.
    const agreeing = VALUES * Math.max(0, similarity - 0.14);
    for (let band = 0; band < BANDS; band++) {
      const key = bands[band]!;
      let number = this.#heads[this.#headOf(key, band)]!;
      for (; number !== EMPTY; number = this.#next[number * BANDS + band]!) {
        if (this.#keys[number * BANDS + band] !== key) continue;
        let same = 0;
        for (let value = 0, at = number * VALUES; value < VALUES; value++, at++)
          if (this.#bytes[at] === bytes[value]) same++;
        if (same >= agreeing && visit(number) === 'stop') return;
      }
    }
  }

  #headOf(key: number, band: number): number {
    return band * this.#room + (key & (this.#room - 1));
  }

  #link(number: number, band: number): void {
    const head = this.#headOf(this.#keys[number * BANDS + band]!, band);
    this.#next[number * BANDS + band] = this.#heads[head]!;
    this.#heads[head] = number;
  }

  #grow(): void {
    this.#room *= 2;
    const [next, keys, bytes] = [this.#next, this.#keys, this.#bytes];
    this.#heads = new Uint32Array(BANDS * this.#room).fill(EMPTY);
    this.#next = new Uint32Array(next.length * 2);
    this.#keys = new Uint32Array(keys.length * 2);
    this.#keys.set(keys);
    this.#bytes = new Uint8Array(bytes.length * 2);
    this.#bytes.set(bytes);
    for (let number = 0; number < this.#length; number++)
      for (let band = 0; band < BANDS; band++) this.#link(number, band);
  }
}

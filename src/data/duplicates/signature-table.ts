/** What many pictures are compared by, packed: 276 bytes a picture. */
import type { ContentHash } from './content-hash.ts';
import type { HashList } from './hamming-index.ts';
import { CELLS } from './image-grid.ts';
import type { Thumbnail } from './perceptual-hash.ts';

/** Grows as pictures are added. */
export class SignatureTable {
  #low = new Uint32Array(256);
  #high = new Uint32Array(256);
  #owner = new Uint32Array(256);
  #thumbnails = new Int8Array(256 * CELLS);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The hashes of all, to be indexed. */
  get hashes(): HashList {
    return { low: this.#low.subarray(0, this.#length), high: this.#high.subarray(0, this.#length) };
  }

  /** Thumbnails of all, 256 numbers each. */
  get thumbnails(): Int8Array {
    return this.#thumbnails;
  }

  /** The picture that an entry is of. */
  ownerOf(entry: number): number {
    return this.#owner[entry]!;
  }

  /** @param owner the number of the picture: a picture may have several entries, one a part of it */
  add(hash: ContentHash, image: Thumbnail, owner: number): void {
    if (this.#length === this.#low.length) this.#grow();
    this.#low[this.#length] = hash.low;
    this.#high[this.#length] = hash.high;
    this.#owner[this.#length] = owner;
    this.#thumbnails.set(image, this.#length * CELLS);
    this.#length++;
  }

  #grow(): void {
    const room = 2 * this.#low.length;
    this.#low = larger(this.#low, room);
    this.#high = larger(this.#high, room);
    this.#owner = larger(this.#owner, room);
    const thumbnails = new Int8Array(room * CELLS);
    thumbnails.set(this.#thumbnails);
    this.#thumbnails = thumbnails;
  }
}

function larger(numbers: Uint32Array, room: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(room);
  grown.set(numbers);
  return grown;
}

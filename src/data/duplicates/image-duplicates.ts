/** Finds pictures of a set that other sets have too, or that it has more than once. */
import { OutlierExposureError } from '../../errors.ts';
import type { ImageShape, ImageSource } from '../source.ts';
import { bestOf } from './best-match.ts';
import { contentHash } from './content-hash.ts';
import type { DuplicatePair, DuplicateSearch, SearchOptions, UnreadableExample } from './found.ts';
import { type HammingIndex, hammingIndex, MAX_DISTANCE } from './hamming-index.ts';
import { HashTable } from './hash-table.ts';
import { CELLS, CROPS, type Crop, grayOf, gridder } from './image-grid.ts';
import { eachImage } from './image-reader.ts';
import { OwnImages } from './own-images.ts';
import { perceptualHash, type Thumbnail, thumbnail } from './perceptual-hash.ts';
import { SignatureTable } from './signature-table.ts';

/** Of 64 bits: the most in which perceptual hashes of near duplicates differ. */
export const IMAGE_DISTANCE = 12;
/** The least correlation of near duplicates. */
export const IMAGE_SIMILARITY = 0.75;

export interface ImageSearchOptions extends SearchOptions {
  /** The most bits, of 64, in which perceptual hashes of near duplicates differ: 0 to 16. Default 12. */
  distance?: number;
}

/**
 * The pictures of a set that repeat one of the other sets, or, if asked, an earlier one of its own.
 *
 * Exact duplicates have equal pixels (as bytes). Near duplicates have perceptual hashes that differ in at most
 * `distance` bits, and grids of 16×16 greys whose correlation, and that of whose steps, is at least `similarity`; a
 * picture is compared as it is and mirrored, with the others whole and with ten parts of them. Pictures
 * of one grey are compared for equality alone. The other sets are kept as signatures, 276 bytes a picture and part of
 * it (11 in all); the set itself is read once, and only kept so for `within`.
 *
 * @param against sets of the same shape as the set
 * @throws OutlierExposureError `invalid-argument` for other shapes, distances or similarities, or when no picture of a
 *   set can be read
 */
export async function findDuplicateImages(
  source: ImageSource,
  against: readonly ImageSource[],
  options: ImageSearchOptions = {},
): Promise<DuplicateSearch> {
  const { distance = IMAGE_DISTANCE, similarity = IMAGE_SIMILARITY, within = 'keep', skip } = options;
  checkSearch(source, against, { distance, similarity });
  const { signal, onProgress } = options;
  const passes = within === 'remove' ? [source, source, ...against] : [source, ...against];
  const total = passes.reduce((sum, { length }) => sum + length, 0);
  let before = 0;
  const tell = (length: number) => {
    const start = before;
    before += length;
    return (done: number) => onProgress?.(start + done, total);
  };
  const unreadable: UnreadableExample[] = [];
  const others = new References(source.shape);
  for (const [set, other] of against.entries()) {
    let failed = 0;
    await eachImage(
      other,
      (image, index) => others.add(image, set, index),
      (index, reason) => {
        failed++;
        unreadable.push({ set, index, reason });
      },
      { signal, onProgress: tell(other.length) },
    );
    if (failed === other.length) throw allUnreadable(other, unreadable.at(-1)!);
  }
  const search: Search = { distance, similarity, others: others.indexed(), own: new OwnImages(), within };
  const pairs: DuplicatePair[] = [];
  let [flat, failed, looked] = [0, 0, 0];
  const sign = signer(source.shape, CROPS[0]!);
  await eachImage(
    source,
    (image, index) => {
      looked++;
      const signed = sign(image);
      if (signed.kind === 'flat') flat++;
      const pair = compare(search, signed, contentHash(bytesOf(image)), index);
      if (pair) pairs.push(pair);
    },
    (index, reason) => {
      failed++;
      unreadable.push({ set: 'cleaned', index, reason });
    },
    { skip, signal, onProgress: tell(source.length) },
  );
  if (failed > 0 && looked === 0) throw allUnreadable(source, unreadable.at(-1)!);
  if (within === 'remove') {
    const told = tell(source.length);
    const toldShare = (done: number, of: number) => told(Math.round((source.length * done) / of));
    pairs.push(...(await search.own.repeats({ distance, similarity, signal, onProgress: toldShare })));
  }
  pairs.sort((a, b) => a.index - b.index);
  return { pairs, unreadable, flat };
}

interface Search {
  distance: number;
  similarity: number;
  others: IndexedReferences;
  own: OwnImages;
  within: 'keep' | 'remove';
}

/** What a picture repeats of other sets, or exactly of its own; others are kept for {@link OwnImages.repeats}. */
function compare(
  { distance, similarity, others, own, within }: Search,
  signed: Signed,
  content: { low: number; high: number },
  index: number,
): DuplicatePair | undefined {
  const equal = others.content.get(content);
  if (equal !== undefined) return { index, ...others.placeOf(equal), sameness: 'exact', similarity: 1 };
  const best = signed.kind === 'flat' ? undefined : bestOf(others, signed, { distance, similarity });
  if (best)
    return {
      index,
      ...others.placeOf(others.table.ownerOf(best.entry)),
      sameness: 'near',
      similarity: best.similarity,
    };
  if (within === 'keep') return undefined;
  const first = own.content.put(content, index);
  if (first !== index) return { index, set: 'within', of: first, sameness: 'exact', similarity: 1 };
  if (signed.kind !== 'flat') own.table.add(signed.hash, signed.thumbnail, index);
  return undefined;
}

interface Signed {
  kind: 'flat' | 'structured';
  hash: { low: number; high: number };
  /** Written over by the next picture. */
  thumbnail: Thumbnail;
}

/** Makes signatures of pictures of one shape. */
function signer(shape: ImageShape, crop: Crop): (image: Float32Array) => Signed {
  const grid = gridder(shape[1], shape[2], crop);
  const [cells, small] = [new Float32Array(CELLS), new Int8Array(CELLS)];
  return (image) => {
    grid(grayOf(image, shape), cells);
    return { kind: thumbnail(cells, small), hash: perceptualHash(cells), thumbnail: small };
  };
}

/** The pictures of the other sets, numbered through. */
class References {
  readonly content = new HashTable();
  readonly table = new SignatureTable();
  readonly #sets: number[] = [];
  readonly #starts: number[] = [];
  readonly #signers: ((image: Float32Array) => Signed)[];
  #count = 0;

  constructor(shape: ImageShape) {
    this.#signers = CROPS.map((crop) => signer(shape, crop));
  }

  add(image: Float32Array, set: number, index: number): void {
    // Numbers follow each other but for pictures that could not be read.
    if (this.#sets.at(-1) !== set || this.#count !== index + this.#starts.at(-1)!) {
      this.#sets.push(set);
      this.#starts.push(this.#count - index);
      this.#firsts.push(this.#count);
    }
    const number = this.#count++;
    if (this.content.put(contentHash(bytesOf(image)), number) !== number) return;
    for (const sign of this.#signers) {
      const { kind, hash, thumbnail: small } = sign(image);
      if (kind === 'structured') this.table.add(hash, small, number);
    }
  }

  readonly #firsts: number[] = [];

  /** The set and the number in it of a picture. */
  placeOf(number: number): { set: number; of: number } {
    const run = this.#firsts.findLastIndex((first) => first <= number);
    return { set: this.#sets[run]!, of: number - this.#starts[run]! };
  }

  indexed(): IndexedReferences {
    return Object.assign(this, { index: hammingIndex(this.table.hashes) });
  }
}

type IndexedReferences = References & { index: HammingIndex };

function bytesOf(image: Float32Array): Uint8Array {
  const bytes = new Uint8Array(image.length);
  for (let j = 0; j < bytes.length; j++) bytes[j] = Math.max(0, Math.min(255, Math.round(255 * image[j]!)));
  return bytes;
}

function checkSearch(
  source: ImageSource,
  against: readonly ImageSource[],
  { distance, similarity }: { distance: number; similarity: number },
): void {
  const stranger = against.find(({ shape }) => shape.some((side, i) => side !== source.shape[i]));
  if (stranger) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${source.name}" has images of the shape [${source.shape.join(', ')}], but "${stranger.name}" of [${stranger.shape.join(', ')}]: bring all sets to one shape to compare them.`,
    );
  }
  if (!(Number.isInteger(distance) && distance >= 0 && distance <= MAX_DISTANCE)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A distance of ${distance} bits cannot be searched; give a whole number from 0 to ${MAX_DISTANCE}.`,
    );
  }
  checkSimilarity(similarity);
}

/** @throws OutlierExposureError `invalid-argument` unless it is above 0 and at most 1 */
export function checkSimilarity(similarity: number): void {
  if (similarity > 0 && similarity <= 1) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `Examples cannot be alike to the degree ${similarity}; give a number above 0 and up to 1.`,
  );
}

function allUnreadable({ name }: { name: string }, { reason }: { reason: string }): OutlierExposureError {
  return new OutlierExposureError(
    'invalid-file',
    `No example of "${name}" can be read, such as the last one: ${reason}`,
  );
}

/** Batches of texts: which texts, and their numbers padded to one length. */
import { OutlierExposureError } from '../../errors.ts';
import { Random } from '../../random.ts';
import type { EncodedText } from './encode.ts';
import { checkedIndex } from './source.ts';
import type { PadSide } from './tokenizer.ts';
import { PAD_ID } from './vocabulary.ts';

/** What padded lengths are multiples of, unless told otherwise. */
const MULTIPLE = 8;

export interface LengthBucketOptions {
  /** Texts a batch. */
  batch: number;
  seed: number;
  epoch: number;
  /** Padded lengths are multiples of it, so that few of them occur: a compiled step is kept for each. */
  multiple?: number;
  /** The longest padded length; longer texts are cut. As long as the longest text unless given. */
  maxLength?: number;
  /** What to do with a last batch that is smaller than the others. */
  rest?: 'keep' | 'drop';
  /** Batches of a bucket: more of them waste less padding, fewer mix texts of different lengths better. */
  pool?: number;
}

export interface TextBatch {
  /** Numbers of texts in the set. */
  indices: Uint32Array;
  /** The padded length of these texts. */
  length: number;
}

/**
 * One epoch in batches of texts of similar length. The texts are put in random order and cut into buckets of `pool`
 * batches; a bucket is sorted by length and cut into batches, and all batches come in random order: torchtext's
 * BucketIterator, with which the paper's code trains. Order and contents depend on seed and epoch alone, and every
 * text comes once, but for those of a rest that is dropped, which are other ones each epoch.
 *
 * The padded length is that of a batch's longest text, brought up to `multiple` and down to `maxLength`, and at least
 * 1. With `multiple` and `maxLength` the same it is constant.
 *
 * @throws OutlierExposureError `invalid-argument` for a set without texts, or sizes that are no whole numbers from 1 on
 */
export function* lengthBuckets(
  encoded: Pick<EncodedText, 'name' | 'length' | 'offsets'>,
  { batch, seed, epoch, multiple = MULTIPLE, maxLength, rest = 'keep', pool = 100 }: LengthBucketOptions,
): Generator<TextBatch, void> {
  checkSizes({ batch, multiple, pool, ...(maxLength !== undefined && { maxLength }) });
  const { length: count } = encoded;
  if (count === 0)
    throw new OutlierExposureError('invalid-argument', `"${encoded.name}" has no texts to make batches of.`);
  const random = Random.from(seed, 'length buckets', epoch);
  const order = random.permutation(count).subarray(0, rest === 'drop' ? count - (count % batch) : count);
  sortBuckets(encoded, order, batch * pool);
  for (const number of random.permutation(Math.ceil(order.length / batch))) {
    const indices = order.slice(number * batch, (number + 1) * batch);
    const length = paddedLength(encoded, indices, { multiple });
    yield { indices, length: Math.min(length, maxLength ?? length) };
  }
}

/** Sorts each run of `bucket` texts by length, in place; texts of one length stay in their order. */
export function sortBuckets(
  { offsets }: Pick<EncodedText, 'offsets'>,
  order: Uint32Array,
  bucket: number,
): void {
  const lengthOf = (text: number) => offsets[text + 1]! - offsets[text]!;
  for (let start = 0; start < order.length; start += bucket)
    order.subarray(start, start + bucket).sort((a, b) => lengthOf(a) - lengthOf(b));
}

/** The length to which texts are padded: that of the longest, but at least 1, brought up to a multiple. */
export function paddedLength(
  { offsets }: Pick<EncodedText, 'offsets'>,
  indices: ArrayLike<number>,
  { multiple = MULTIPLE }: { multiple?: number } = {},
): number {
  let longest = 1;
  for (let i = 0; i < indices.length; i++)
    longest = Math.max(longest, offsets[indices[i]! + 1]! - offsets[indices[i]!]!);
  return Math.ceil(longest / multiple) * multiple;
}

/**
 * Writes texts' numbers, each filled up or cut to `length`, one text after the other.
 *
 * @param indices which texts
 * @param length numbers a text; of longer ones the first count
 * @param out at least `indices.length` × `length` long; more of it is left as it is
 * @param pad where texts are filled up: `first`, as in the paper's code
 * @param padId what they are filled up with
 */
export function padBatch(
  encoded: Pick<EncodedText, 'name' | 'length' | 'ids' | 'offsets'>,
  indices: ArrayLike<number>,
  length: number,
  out: Int32Array | BigInt64Array,
  { pad = 'first', padId = PAD_ID }: { pad?: PadSide; padId?: number } = {},
): void {
  checkSizes({ length });
  if (out.length < indices.length * length) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${indices.length} texts of ${length} words take ${indices.length * length} numbers, but there is room for ${out.length}.`,
    );
  }
  const { ids, offsets } = encoded;
  for (let i = 0; i < indices.length; i++) {
    const text = checkedIndex(indices[i]!, encoded);
    const from = offsets[text]!;
    const count = Math.min(offsets[text + 1]! - from, length);
    const row = i * length;
    const first = pad === 'first' ? row + length - count : row;
    if (out instanceof BigInt64Array) {
      out.fill(BigInt(padId), row, row + length);
      for (let k = 0; k < count; k++) out[first + k] = BigInt(ids[from + k]!);
    } else {
      out.fill(padId, row, row + length);
      out.set(ids.subarray(from, from + count), first);
    }
  }
}

function checkSizes(sizes: Record<string, number>): void {
  for (const [name, value] of Object.entries(sizes)) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `${name} must be a whole number of 1 or more, but is ${value}.`,
    );
  }
}

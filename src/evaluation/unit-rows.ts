/** Rows of length 1, or of zeros, and which of them point the same way. */
import { rowRange } from '../detectors/algebra.ts';
import type { Algebra, Matrix } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';

/** Rows that are multiplied at once with all of a block: 16 MB of products for 4,096. */
const STRIP = 1024;

export interface Near {
  /** A row, by its number. */
  at: number;
  cosine: number;
}

export interface Bank {
  readonly length: number;
  add(rows: Matrix): void;
  /** For every row of a block the nearest in the bank; undefined while that is empty. */
  nearest(block: Matrix, algebra: Pick<Algebra, 'largest'>): Promise<((row: number) => Near) | undefined>;
}

/** Rows of length 1, up to `capacity`, one after the other. */
export function bank(capacity: number): Bank {
  let data: Float32Array | undefined;
  let [length, width] = [0, 0];
  return {
    get length() {
      return length;
    },
    add({ data: values, shape }) {
      if (!data) {
        width = shape[1];
        data = allocated(capacity, width);
      }
      if (shape[1] !== width) {
        throw new OutlierExposureError(
          'invalid-argument',
          `Features of ${shape[1]} values cannot be compared with features of ${width}: take all from one model.`,
        );
      }
      data.set(values, length * width);
      length += shape[0];
    },
    async nearest(block, algebra) {
      if (!data || length === 0) return undefined;
      const all = rowRange({ data, shape: [capacity, width] }, 0, length);
      const { rows } = await algebra.largest(block, all, 1);
      return (row) => ({ at: rows[row]!, cosine: cosineOf(block, row, all, rows[row]!) });
    },
  };
}

/** Of rows of one block: the nearest before a row that stays, where it is alike. */
export async function earlierIn(
  rows: Matrix,
  {
    algebra,
    alike,
    signal,
  }: { algebra: Pick<Algebra, 'products'>; alike: number; signal?: AbortSignal | undefined },
): Promise<(row: number, gone: Uint8Array) => Near | undefined> {
  const [count] = rows.shape;
  const candidates: number[][] = Array.from({ length: count }, () => []);
  for (let from = 0; from < count; from += STRIP) {
    signal?.throwIfAborted();
    const to = Math.min(count, from + STRIP);
    const { data } = await algebra.products(rowRange(rows, from, to), rowRange(rows, 0, to));
    // Float32 products of rows of length 1 are off by less than this.
    const least = alike - 1e-5;
    for (let row = from; row < to; row++)
      for (let at = 0; at < row; at++) if (data[(row - from) * to + at]! >= least) candidates[row]!.push(at);
  }
  return (row, gone) => {
    let best: Near | undefined;
    for (const at of candidates[row]!) {
      if (gone[at]) continue;
      const cosine = cosineOf(rows, row, rows, at);
      if (cosine >= alike && (!best || cosine > best.cosine)) best = { at, cosine };
    }
    return best;
  };
}

/** Exactly 1 for equal rows; 0 where one has no direction. */
function cosineOf(a: Matrix, row: number, b: Matrix, at: number): number {
  const [, width] = a.shape;
  let [product, ours, theirs] = [0, 0, 0];
  for (let d = 0; d < width; d++) {
    const [x, y] = [a.data[row * width + d]!, b.data[at * width + d]!];
    product += x * y;
    ours += x * x;
    theirs += y * y;
  }
  return product === 0 ? 0 : Math.min(1, product / Math.sqrt(ours * theirs));
}

function allocated(rows: number, width: number): Float32Array {
  try {
    return new Float32Array(rows * width);
  } catch (error) {
    throw new OutlierExposureError(
      'unsupported',
      `The features of ${rows.toLocaleString('en')} examples, ${width} values each, do not fit into memory (${((4 * rows * width) / 1e9).toFixed(1)} GB): compare with fewer at a time, or name a narrower value with --features.`,
      { cause: error },
    );
  }
}

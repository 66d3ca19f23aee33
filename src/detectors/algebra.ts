/** Products of large matrices, which detectors on features live on. */
import { OutlierExposureError } from '../errors.ts';
import { type Matrix, rowOf } from './outputs.ts';

export interface Algebra {
  /**
   * A·Bᵀ, [rows of a, rows of b]: every row of a with every row of b. The whole result is held: give `a` in blocks
   * (`rowBlocks`) where it would be large.
   *
   * @throws OutlierExposureError `invalid-argument` when their rows differ in length
   */
  products(a: Matrix, b: Matrix, options?: ProductOptions): Promise<Matrix>;
  /**
   * A·Bᵀ, [rows of a, rows of b], and A·Bᵀ·Cᵀ, [rows of a, rows of c]. All three travel no more often than for one product.
   *
   * @throws OutlierExposureError `invalid-argument` when the rows of a and b differ in length, or c's are not as long as b
   * has rows
   */
  chained(
    a: Matrix,
    b: Matrix,
    c: Matrix,
    options?: ProductOptions,
  ): Promise<{ first: Matrix; second: Matrix }>;
  /** Aᵀ·A, [columns of a, columns of a]: every column with every column. */
  gram(a: Matrix): Promise<Matrix>;
  /**
   * The `count` largest products of each row of a with the rows of b. What is held beyond the result does not grow with
   * either number of rows: {@link BLOCK_BYTES} of products at most.
   *
   * @param count 1 to rows of b
   * @throws OutlierExposureError `invalid-argument` when their rows differ in length, or b has fewer rows than `count`
   */
  largest(a: Matrix, b: Matrix, count: number, options?: ProductOptions): Promise<Largest>;
}

export interface ProductOptions {
  /**
   * `b` comes again, in the same buffer and unchanged: it is kept where products are computed, so that it travels once
   * and is laid out for products once.
   */
  keep?: boolean;
}

/** The largest products of each row, the largest first. */
export interface Largest {
  /** [rows of a, count]. */
  products: Matrix;
  /** The rows of b that they belong to, [rows of a, count]. */
  rows: Int32Array;
}

/** How many bytes of products are held at once. */
export const BLOCK_BYTES = 2 ** 24;

/** In plain code: for small matrices, and as the reference of faster ones. */
export const plainAlgebra: Algebra = {
  async products(a, b) {
    checkProduct(a, b);
    const [m, width] = a.shape;
    const [n] = b.shape;
    const data = new Float32Array(m * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let d = 0; d < width; d++) sum += a.data[i * width + d]! * b.data[j * width + d]!;
        data[i * n + j] = sum;
      }
    }
    return { data, shape: [m, n] };
  },
  async chained(a, b, c) {
    const first = await plainAlgebra.products(a, b);
    return { first, second: await plainAlgebra.products(first, c) };
  },
  async gram({ data: values, shape: [count, width] }) {
    const sums = new Float64Array(width * width);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < width; j++) {
        const value = values[i * width + j]!;
        for (let k = 0; k < width; k++)
          sums[j * width + k] = sums[j * width + k]! + value * values[i * width + k]!;
      }
    }
    return { data: Float32Array.from(sums), shape: [width, width] };
  },
  async largest(a, b, count) {
    checkLargest(a, b, count);
    const found = emptyLargest(a.shape[0], count);
    for (let i = 0; i < a.shape[0]; i++) {
      const { data } = await plainAlgebra.products({ data: rowOf(a, i), shape: [1, a.shape[1]] }, b);
      const order = Array.from(data.keys()).sort((x, y) => data[y]! - data[x]!);
      for (let at = 0; at < count; at++) {
        found.products.data[i * count + at] = data[order[at]!]!;
        found.rows[i * count + at] = order[at]!;
      }
    }
    return found;
  },
};

export function checkProduct(a: Matrix, b: Matrix): void {
  if (a.shape[1] === b.shape[1]) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `Rows of ${a.shape[1]} values cannot be multiplied with rows of ${b.shape[1]}: give both the same length.`,
  );
}

export function checkLargest(a: Matrix, b: Matrix, count: number): void {
  checkProduct(a, b);
  if (Number.isSafeInteger(count) && count >= 1 && count <= b.shape[0]) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `The ${count} largest of ${b.shape[0]} products cannot be taken: ask for 1 to ${b.shape[0]}.`,
  );
}

/** No products yet: all −∞, of no row. */
export function emptyLargest(rows: number, count: number): Largest {
  const data = new Float32Array(rows * count).fill(Number.NEGATIVE_INFINITY);
  return { products: { data, shape: [rows, count] }, rows: new Int32Array(rows * count).fill(-1) };
}

/** The rows `from` to `to` of a matrix, a view. */
export function rowRange({ data, shape: [, columns] }: Matrix, from: number, to: number): Matrix {
  return { data: data.subarray(from * columns, to * columns), shape: [to - from, columns] };
}

/**
 * A matrix in blocks of rows, views: as many rows as give at most {@link BLOCK_BYTES} of float32 results.
 *
 * @param results how many results there are for a row
 */
export function* rowBlocks(rows: Matrix, results: number): Generator<{ from: number; block: Matrix }, void> {
  const size = Math.max(1, Math.floor(BLOCK_BYTES / 4 / Math.max(results, rows.shape[1])));
  for (let from = 0; from < rows.shape[0]; from += size)
    yield { from, block: rowRange(rows, from, Math.min(rows.shape[0], from + size)) };
}

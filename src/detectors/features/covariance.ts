/** Covariance of features, and what it is divided out by. */
import { CholeskyDecomposition, Matrix as Dense, EigenvalueDecomposition } from 'ml-matrix';
import { type Algebra, rowRange } from '../algebra.ts';
import type { Matrix } from '../outputs.ts';

/** A symmetric matrix, row-major, in double precision. */
export interface Symmetric {
  data: Float64Array;
  width: number;
}

/** Rows that are multiplied at once: their products are added in float32, the sums of blocks in double. */
const BLOCK_ROWS = 2048;

/**
 * Σ_i (x_i − c_i)(x_i − c_i)ᵀ / n / scale², products in float32, sums in double.
 *
 * @param centreOf which row of `centres` each example's c is
 * @param scale of the size of the largest deviation, so that nothing overflows
 */
export async function covarianceOf(
  features: Matrix,
  { centres, centreOf, scale }: { centres: Float64Array; centreOf: (row: number) => number; scale: number },
  { algebra, signal }: { algebra: Algebra; signal?: AbortSignal | undefined },
): Promise<Symmetric> {
  const [count, width] = features.shape;
  const data = new Float64Array(width * width);
  for (let from = 0; from < count; from += BLOCK_ROWS) {
    signal?.throwIfAborted();
    const block = rowRange(features, from, Math.min(count, from + BLOCK_ROWS));
    const [rows] = block.shape;
    const values = block.data;
    const columns = new Float32Array(width * rows);
    for (let i = 0; i < rows; i++) {
      const centre = centreOf(from + i) * width;
      for (let d = 0; d < width; d++)
        columns[d * rows + i] = (values[i * width + d]! - centres[centre + d]!) / scale;
    }
    const deviations: Matrix = { data: columns, shape: [width, rows] };
    const products = await algebra.products(deviations, deviations);
    const sums = products.data;
    for (let at = 0; at < data.length; at++) data[at] = data[at]! + sums[at]!;
  }
  for (let at = 0; at < data.length; at++) data[at] = data[at]! / count;
  return { data, width };
}

/** The largest |x − c|, 1 where all are 0. */
export function largestDeviation(
  { data, shape: [count, width] }: Matrix,
  { centres, centreOf }: { centres: Float64Array; centreOf: (row: number) => number },
): number {
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const centre = centreOf(i) * width;
    for (let d = 0; d < width; d++) {
      const deviation = Math.abs(data[i * width + d]! - centres[centre + d]!);
      if (deviation > largest) largest = deviation;
    }
  }
  return largest || 1;
}

/** Eigenvalues, the largest first, and their eigenvectors as rows. */
export interface Eigen {
  values: Float64Array;
  /** [width, width]. */
  vectors: Float64Array;
}

/** The symmetric eigen-decomposition (ml-matrix); about a second for a width of 512, and eight times that for twice it. */
export function symmetricEigen({ data, width }: Symmetric): Eigen {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(dense({ data, width }), {
    assumeSymmetric: true,
  });
  const vectors = new Float64Array(width * width);
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  for (const [row, column] of order.entries())
    for (let d = 0; d < width; d++) vectors[row * width + d] = eigenvectorMatrix.get(d, column);
  return { values: Float64Array.from(order, (i) => realEigenvalues[i]!), vectors };
}

/** Directions with a smaller share of the largest variance count as none: features in float32 say nothing of them. */
export const LEAST_VARIANCE = 1e-10;

/**
 * W with WᵀW = Σ⁺, so that ‖W·x‖² = xᵀΣ⁺x; [rank, width], float32. By Cholesky's decomposition, or by eigenvectors where
 * Σ is singular: then directions without variance count for nothing.
 *
 * @returns undefined when nothing varies
 */
export function whitening(covariance: Symmetric): Matrix | undefined {
  const inverse = inverseOfFactor(covariance);
  const { width } = covariance;
  if (inverse) return { data: inverse, shape: [width, width] };
  const { values, vectors } = symmetricEigen(covariance);
  const rank = values.findLastIndex((value) => value > LEAST_VARIANCE * values[0]!) + 1;
  if (!(values[0]! > 0)) return undefined;
  const data = new Float32Array(rank * width);
  for (let row = 0; row < rank; row++)
    for (let d = 0; d < width; d++)
      data[row * width + d] = vectors[row * width + d]! / Math.sqrt(values[row]!);
  return { data, shape: [rank, width] };
}

/** L⁻¹ for Σ = L·Lᵀ, undefined where Σ is singular, or nearly. */
function inverseOfFactor(covariance: Symmetric): Float32Array | undefined {
  const { data, width } = covariance;
  const factor = new CholeskyDecomposition(dense(covariance)).lowerTriangularMatrix;
  let largest = 0;
  for (let d = 0; d < width; d++) largest = Math.max(largest, data[d * width + d]!);
  for (let d = 0; d < width; d++) if (!(factor.get(d, d) ** 2 > LEAST_VARIANCE * largest)) return undefined;
  const rows = Array.from({ length: width }, (_, d) => Float64Array.from(factor.getRow(d)));
  const inverse = Array.from({ length: width }, () => new Float64Array(width));
  for (let i = 0; i < width; i++) {
    const [row, into] = [rows[i]!, inverse[i]!];
    into[i] = 1;
    for (let k = 0; k < i; k++) {
      const [weight, above] = [row[k]!, inverse[k]!];
      for (let j = 0; j <= k; j++) into[j] = into[j]! - weight * above[j]!;
    }
    for (let j = 0; j <= i; j++) into[j] = into[j]! / row[i]!;
  }
  const flat = new Float32Array(width * width);
  for (const [i, row] of inverse.entries()) flat.set(row, i * width);
  return flat;
}

function dense({ data, width }: Symmetric): Dense {
  return Dense.from1DArray(width, width, data as unknown as number[]);
}

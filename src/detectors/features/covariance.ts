/** Covariance of features, and what it is divided out by. */
import { CholeskyDecomposition } from 'ml-matrix';
import { type Algebra, rowRange } from '../algebra.ts';
import type { Matrix } from '../outputs.ts';
import { inverseOfLower } from './lower-triangular.ts';
import { powerOfTwo } from './rows.ts';
import type { FitFeatures } from './state.ts';
import { matrixOf, type Symmetric, symmetricEigen } from './symmetric-eigen.ts';

/** Rows that are multiplied at once: their products are added in float32, the sums of blocks in double. */
const BLOCK_ROWS = 2048;

/**
 * Σ_i (x_i − c_i)(x_i − c_i)ᵀ / n / scale², products in float32, sums in double.
 *
 * @param centreOf which row of `centres` each example's c is
 * @param scale a power of two of the size of the largest deviation, so that nothing overflows
 */
export async function covarianceOf(
  features: Matrix,
  { centres, centreOf, scale }: { centres: Float64Array; centreOf: (row: number) => number; scale: number },
  { algebra, signal }: { algebra: Algebra; signal?: AbortSignal | undefined },
): Promise<Symmetric> {
  const [count, width] = features.shape;
  const data = new Float64Array(width * width);
  const times = 1 / scale;
  // One for all blocks: fresh memory costs as much time as filling it.
  const deviations = new Float32Array(Math.min(count, BLOCK_ROWS) * width);
  for (let from = 0; from < count; from += BLOCK_ROWS) {
    signal?.throwIfAborted();
    const { data: values, shape } = rowRange(features, from, Math.min(count, from + BLOCK_ROWS));
    for (let i = 0; i < shape[0]; i++) {
      const centre = centreOf(from + i) * width;
      for (let at = i * width, d = centre; at < (i + 1) * width; at++, d++)
        deviations[at] = (values[at]! - centres[d]!) * times;
    }
    const { data: sums } = await algebra.gram({ data: deviations.subarray(0, shape[0] * width), shape });
    for (let at = 0; at < data.length; at++) data[at] = data[at]! + sums[at]!;
  }
  for (let at = 0; at < data.length; at++) data[at] = data[at]! / count;
  return { data, width };
}

/** A power of two of the size of the largest |x_i − c|, at least half of it; 1 where all are 0. */
export function deviationScale({ largest }: FitFeatures, centres: Float64Array): number {
  let furthest = 0;
  for (let at = 0; at < centres.length; at++) furthest = Math.max(furthest, Math.abs(centres[at]!));
  return powerOfTwo(largest + furthest);
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
  const factor = inverseOfFactor(covariance);
  const { width } = covariance;
  if (factor) return { data: factor, shape: [width, width] };
  const { values, vectors } = symmetricEigen(covariance);
  const rank = values.findLastIndex((value) => value > LEAST_VARIANCE * values[0]!) + 1;
  if (!(values[0]! > 0)) return undefined;
  const data = new Float32Array(rank * width);
  for (let row = 0; row < rank; row++)
    for (let d = 0; d < width; d++)
      data[row * width + d] = vectors[row * width + d]! / Math.sqrt(values[row]!);
  return { data, shape: [rank, width] };
}

/** L⁻¹ for Σ = L·Lᵀ (Cholesky), undefined where Σ is singular, or nearly. */
function inverseOfFactor(covariance: Symmetric): Float32Array | undefined {
  const cholesky = new CholeskyDecomposition(matrixOf(covariance));
  if (!cholesky.isPositiveDefinite()) return undefined;
  const factor = cholesky.lowerTriangularMatrix;
  const [least, largest] = [Math.min(...factor.diagonal()), Math.max(...factor.diagonal())];
  if (!(least ** 2 > LEAST_VARIANCE * largest ** 2)) return undefined;
  return Float32Array.from(inverseOfLower(Float64Array.from(factor.to1DArray()), covariance.width));
}

/** Gaussians of one covariance around the classes' means, and how far features are from the nearest. */
import { OutlierExposureError } from '../../errors.ts';
import { rowBlocks } from '../algebra.ts';
import type { FitContext, FittedState, ScoreContext } from '../detector.ts';
import { float64State, stateOf } from '../logits/state.ts';
import type { Matrix } from '../outputs.ts';
import { covarianceOf, deviationScale, whitening } from './covariance.ts';
import { centredRows } from './rows.ts';
import { type FitFeatures, matrixOf } from './state.ts';
import type { Symmetric } from './symmetric-eigen.ts';

export interface Gaussians {
  /** What all features are first taken from, [width]. */
  centre: Float64Array;
  /** What all features are then divided by: a power of two. */
  scale: number;
  /** W with WᵀW = Σ⁺, [rank, width]. */
  whitening: Matrix;
  /** W·(μ_k − centre)/scale, [classes, rank]. */
  means: Matrix;
}

/**
 * Fits Σ = Σ_i (z_i − μ_{y_i})(z_i − μ_{y_i})ᵀ / n.
 *
 * @param means [classes, width]
 * @param labels which mean each row belongs to
 * @throws OutlierExposureError `invalid-argument` when no feature varies
 */
export async function fitGaussians(
  features: FitFeatures,
  { means, labels, centre }: { means: Float64Array; labels: Int32Array; centre: Float64Array },
  { detector, settings, algebra, signal }: Omit<FitContext, 'head'> & { detector: string },
): Promise<Gaussians> {
  const [, width] = features.shape;
  const centres = { centres: means, centreOf: (row: number) => labels[row]! };
  const scale = deviationScale(features, means);
  const covariance = await covarianceOf(features, { ...centres, scale }, { algebra, signal });
  const white = whitening(shrunk(covariance, settings.shrinkage!));
  if (!white) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The detector ${detector} divides by the features' covariance, and no feature varies among the ${features.shape[0]} examples to learn from: give more, of several kinds.`,
    );
  }
  const classes: Matrix = { data: Float32Array.from(means), shape: [means.length / width, width] };
  for (let at = 0; at < means.length; at++) classes.data[at] = (means[at]! - centre[at % width]!) / scale;
  return { centre, scale, whitening: white, means: await algebra.products(classes, white) };
}

/** (1 − s)·Σ + s·(tr Σ / width)·I. */
function shrunk({ data, width }: Symmetric, share: number): Symmetric {
  if (share === 0) return { data, width };
  let trace = 0;
  for (let d = 0; d < width; d++) trace += data[d * width + d]!;
  const smaller = data.map((value) => (1 - share) * value);
  for (let d = 0; d < width; d++) smaller[d * width + d] = smaller[d * width + d]! + (share * trace) / width;
  return { data: smaller, width };
}

/**
 * min_k (z − μ_k)ᵀΣ⁺(z − μ_k) of each row, in double precision from float32 products; NaN where a feature is not finite.
 */
export async function nearestDistances(
  features: Matrix,
  { centre, scale, whitening, means }: Gaussians,
  { algebra, signal }: Pick<ScoreContext, 'algebra' | 'signal'>,
): Promise<Float64Array> {
  const distances = new Float64Array(features.shape[0]);
  const [classes, rank] = means.shape;
  const squares = new Float64Array(classes);
  for (let k = 0; k < classes; k++)
    for (let r = 0; r < rank; r++) squares[k] = squares[k]! + means.data[k * rank + r]! ** 2;
  for (const { from, block } of rowBlocks(features, Math.max(rank, classes))) {
    signal?.throwIfAborted();
    const { rows, scales } = centredRows(block, centre, scale);
    const both = await algebra.chained(rows, whitening, means, { keep: true });
    const { first: white, second: products } = both;
    for (let i = 0; i < scales.length; i++) {
      const times = scales[i]!;
      let nearest = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let k = 0; k < classes; k++) {
        const distance = squares[k]! - 2 * times * products.data[i * classes + k]!;
        if (distance < least) [least, nearest] = [distance, k];
      }
      // Once more, as the sum of squares that it is: what chose the nearest is a difference, and may have lost digits.
      distances[from + i] =
        times ** 2 * squaredDistance(white.data, i * rank, means.data, nearest * rank, rank, times);
    }
  }
  return distances;
}

/** ‖a − b/divisor‖² of `width` values that start at `fromA` and `fromB`. */
function squaredDistance(
  a: Float32Array,
  fromA: number,
  b: Float32Array,
  fromB: number,
  width: number,
  divisor: number,
): number {
  let sum = 0;
  for (let d = 0; d < width; d++) {
    const gap = a[fromA + d]! - b[fromB + d]! / divisor;
    sum += gap * gap;
  }
  return sum;
}

/** As tensors, their names begun with `prefix`. */
export function gaussiansState(gaussians: Gaussians, prefix: string): FittedState {
  const { centre, scale, whitening, means } = gaussians;
  return {
    [`${prefix}centre`]: float64State(centre, [centre.length]),
    [`${prefix}scale`]: float64State(Float64Array.of(scale), [1]),
    [`${prefix}whitening`]: { elementType: 'float32', ...whitening },
    [`${prefix}means`]: { elementType: 'float32', ...means },
  };
}

/** @throws OutlierExposureError `invalid-argument` when the state fits other features */
export function gaussiansOf(detector: string, state: FittedState, prefix: string, width: number): Gaussians {
  const whitening = matrixOf(detector, state, `${prefix}whitening`, width);
  return {
    centre: stateOf(detector, state, `${prefix}centre`, [width]),
    scale: stateOf(detector, state, `${prefix}scale`, [1])[0]!,
    whitening,
    means: matrixOf(detector, state, `${prefix}means`, whitening.shape[0]),
  };
}

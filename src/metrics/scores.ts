/**
 * Two sets of anomaly scores, sorted once, and the sweep over their thresholds from which every metric follows.
 *
 * Everywhere: a higher score means more anomalous, and out-of-distribution is the positive class.
 */
import { OutlierExposureError } from '../errors.ts';
import { sortFloats } from './sort-floats.ts';

export type Scores = Float32Array | Float64Array | readonly number[];

/** Scores in ascending order, ready for {@link sweep}. */
export interface SortedScores {
  inliers: Float32Array | Float64Array;
  outliers: Float32Array | Float64Array;
}

/**
 * Sorts copies of both sets. Infinite scores are in order.
 *
 * @throws OutlierExposureError `invalid-argument` when a set is empty or holds a NaN
 */
export function sortScores(inScores: Scores, outScores: Scores): SortedScores {
  return { inliers: sorted(inScores, 'in-distribution'), outliers: sorted(outScores, 'out-of-distribution') };
}

function sorted(scores: Scores, side: string): Float32Array | Float64Array {
  if (scores.length === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `There are no ${side} scores; metrics need at least one on each side.`,
    );
  }
  const copy = scores instanceof Float32Array ? new Float32Array(scores) : Float64Array.from(scores);
  for (let i = 0; i < copy.length; i++) {
    if (Number.isNaN(copy[i])) {
      throw new OutlierExposureError(
        'invalid-argument',
        `The ${side} score number ${i} (counted from 0) is NaN; every example needs a score.`,
      );
    }
  }
  return copy instanceof Float32Array ? sortFloats(copy) : copy.sort();
}

/**
 * Visits every distinct score as a threshold, from the highest down. At each, everything that scores at least the
 * threshold is called an outlier: `tp` outliers and `fp` inliers.
 *
 * @param visit returns `false` to stop
 */
export function sweep(
  { inliers, outliers }: SortedScores,
  visit: (threshold: number, tp: number, fp: number) => unknown,
): void {
  let i = inliers.length - 1;
  let o = outliers.length - 1;
  while (i >= 0 || o >= 0) {
    const threshold = o < 0 || (i >= 0 && inliers[i]! > outliers[o]!) ? inliers[i]! : outliers[o]!;
    while (i >= 0 && inliers[i] === threshold) i--;
    while (o >= 0 && outliers[o] === threshold) o--;
    if (visit(threshold, outliers.length - 1 - o, inliers.length - 1 - i) === false) return;
  }
}

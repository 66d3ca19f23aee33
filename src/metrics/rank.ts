/** Checked and sorted scores: what every metric here is computed from. */
import { OutlierExposureError } from '../errors.ts';
import { sortedCopy, sortScratch } from './sort.ts';

/** Anomaly scores, one an example; higher = more anomalous. Infinities are legal, NaN is not. */
export type Scores = Float32Array | Float64Array | readonly number[];

/** The scores of both sides, each in ascending order. Two plain arrays and nothing else: no indices, no labels. */
export interface Ranking {
  readonly inScores: Float32Array | Float64Array;
  readonly outScores: Float32Array | Float64Array;
}

/**
 * Sorts both sides once. The input is left as it is; beside the two sorted copies at most one more array of the
 * larger side's size is held for a moment.
 *
 * @param inScores scores of in-distribution examples (the negatives)
 * @param outScores scores of out-of-distribution examples (the positives)
 * @throws OutlierExposureError `invalid-argument` when a side is empty or holds NaN
 */
export function rankScores(inScores: Scores, outScores: Scores): Ranking {
  const inFloats = checkedFloats(inScores, 'in-distribution');
  const outFloats = checkedFloats(outScores, 'out-of-distribution');
  const scratch = sortScratch(inFloats, outFloats);
  return { inScores: sortedCopy(inFloats, scratch), outScores: sortedCopy(outFloats, scratch) };
}

function checkedFloats(scores: Scores, side: string): Float32Array | Float64Array {
  if (scores === null || typeof scores !== 'object' || typeof scores.length !== 'number') {
    throw new OutlierExposureError(
      'invalid-argument',
      `The ${side} scores are not an array: give a Float32Array, a Float64Array or an array of numbers.`,
    );
  }
  if (scores.length === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `There are no ${side} scores: every detection metric needs at least one example on each side.`,
    );
  }
  const floats =
    scores instanceof Float32Array || scores instanceof Float64Array ? scores : Float64Array.from(scores);
  for (let i = 0; i < floats.length; i++) {
    if (Number.isNaN(floats[i]!)) {
      throw new OutlierExposureError(
        'invalid-argument',
        `The ${side} score at index ${i} is not a number (NaN), so it has no rank: look for NaN or infinite values in the model's output for that example.`,
      );
    }
  }
  return floats;
}

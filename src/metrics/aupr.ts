/** Area under the precision-recall curve, as average precision. */
import { type Ranking, rankScores, type Scores } from './rank.ts';
import { ThresholdSweep } from './sweep.ts';

/**
 * AUPR = Σ_t (R_t − R_{t−1}) · P_t over the distinct thresholds from high to low, with out-of-distribution examples
 * as the positives: average precision, a sum of steps without interpolation. It depends on the base rate: a chance
 * detector gets the share of positives, 1/6 for the paper's one outlier in five in-distribution examples.
 *
 * Source: the same number as scikit-learn's `average_precision_score`, which the paper's code uses. Some libraries
 * report the trapezoid area under the same name; the digits differ.
 *
 * @returns in (0, 1]; 1 separates perfectly
 * @throws OutlierExposureError `invalid-argument` when a side is empty or holds NaN
 */
export function aupr(inScores: Scores, outScores: Scores): number {
  return auprOf(rankScores(inScores, outScores));
}

/**
 * The same with the roles exchanged: in-distribution examples are the positives and scores are negated, so that the
 * least anomalous come first. Often called AUPR-In.
 *
 * @returns in (0, 1]; 1 separates perfectly
 * @throws OutlierExposureError `invalid-argument` when a side is empty or holds NaN
 */
export function auprIn(inScores: Scores, outScores: Scores): number {
  return auprInOf(rankScores(inScores, outScores));
}

/** `aupr` of scores that are sorted already. */
export function auprOf(ranking: Ranking): number {
  const sweep = new ThresholdSweep(ranking);
  let sum = 0;
  while (sweep.next()) {
    if (sweep.tp > sweep.previousTp) {
      sum += (sweep.tp - sweep.previousTp) * (sweep.tp / (sweep.tp + sweep.fp));
    }
  }
  return sum / sweep.positives;
}

/** `auprIn` of scores that are sorted already. */
export function auprInOf(ranking: Ranking): number {
  const sweep = new ThresholdSweep(ranking);
  let sum = 0;
  while (sweep.next()) {
    // At the negated threshold, those with a score at most this one are flagged: all but the ones above it.
    const tp = sweep.negatives - sweep.previousFp;
    const fp = sweep.positives - sweep.previousTp;
    if (sweep.fp > sweep.previousFp) sum += (sweep.fp - sweep.previousFp) * (tp / (tp + fp));
  }
  return sum / sweep.negatives;
}

/** Area under the ROC curve. */
import { type Ranking, rankScores, type Scores } from './rank.ts';
import { ThresholdSweep } from './sweep.ts';

/**
 * AUROC = P(s_out > s_in) + ½ P(s_out = s_in): the probability that a random out-of-distribution example scores
 * higher than a random in-distribution one, ties counting half. It does not depend on the base rate.
 *
 * Source: Fawcett, An introduction to ROC analysis, 2006; the same number as scikit-learn's `roc_auc_score`.
 *
 * @returns in [0, 1]; 1 separates perfectly, 0.5 is chance
 * @throws OutlierExposureError `invalid-argument` when a side is empty or holds NaN
 */
export function auroc(inScores: Scores, outScores: Scores): number {
  return aurocOf(rankScores(inScores, outScores));
}

/** `auroc` of scores that are sorted already. */
export function aurocOf(ranking: Ranking): number {
  const sweep = new ThresholdSweep(ranking);
  // Twice the number of ordered pairs: an integer, and exact up to 6 × 10^7 examples a side.
  let doubled = 0;
  while (sweep.next()) doubled += (sweep.fp - sweep.previousFp) * (sweep.tp + sweep.previousTp);
  return doubled / 2 / sweep.positives / sweep.negatives;
}

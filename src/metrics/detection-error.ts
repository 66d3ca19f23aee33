/** Detection error: the best that any threshold can do when both sides are equally likely. */
import { type Ranking, rankScores, type Scores } from './rank.ts';
import { ThresholdSweep } from './sweep.ts';

/**
 * Detection error = min_t ½ (1 − TPR(t)) + ½ FPR(t), the chance of a mistake at the best threshold with equal priors.
 * Flagging nothing is among the choices, so chance is 0.5.
 *
 * Source: Liang, Li, Srikant, Enhancing the reliability of out-of-distribution image detection, ICLR 2018.
 *
 * @returns in [0, 0.5]; lower is better
 * @throws OutlierExposureError `invalid-argument` when a side is empty or holds NaN
 */
export function detectionError(inScores: Scores, outScores: Scores): number {
  return detectionErrorOf(rankScores(inScores, outScores));
}

/** `detectionError` of scores that are sorted already. */
export function detectionErrorOf(ranking: Ranking): number {
  const sweep = new ThresholdSweep(ranking);
  let least = 0.5;
  while (sweep.next()) {
    const error = 0.5 * (1 - sweep.tp / sweep.positives) + 0.5 * (sweep.fp / sweep.negatives);
    if (error < least) least = error;
  }
  return least;
}

/** All the numbers of one comparison, from one sort. */
import { OutlierExposureError } from '../errors.ts';
import { auprInOf, auprOf } from './aupr.ts';
import { aurocOf } from './auroc.ts';
import { detectionErrorOf } from './detection-error.ts';
import { type FprMode, operatingPointOf } from './fpr-at-tpr.ts';
import { rankScores, type Scores } from './rank.ts';

export interface DetectionMetricsOptions {
  /** The N of FPRN in percent, in (0, 100]. The paper has 95 for images and 90 for text. */
  n?: number;
  /** How the threshold at N is chosen; see `FprMode`. */
  mode?: FprMode;
}

/** Everything the paper's tables report about one pair of data sets, as fractions in [0, 1]. */
export interface DetectionMetrics {
  /** False positive rate at a true positive rate of `n` percent; lower is better. */
  fpr: number;
  n: number;
  auroc: number;
  /** Average precision, out-of-distribution examples as the positives. Depends on the base rate. */
  aupr: number;
  /** Average precision, in-distribution examples as the positives. */
  auprIn: number;
  /** Least mean of miss rate and false positive rate over all thresholds; lower is better. */
  detectionError: number;
  inCount: number;
  outCount: number;
  /** The threshold behind `fpr`: an example is flagged when its score ≥ it. */
  threshold: number;
}

/**
 * FPRN, AUROC, AUPR (both ways) and detection error of anomaly scores, higher = more anomalous, with
 * out-of-distribution examples as the positives. Formulas and sources stand at each metric's own function; all are
 * computed here from one sort of the scores.
 *
 * @throws OutlierExposureError `invalid-argument` when a side is empty or holds NaN, or an option is out of range
 */
export function detectionMetrics(
  inScores: Scores,
  outScores: Scores,
  { n = 95, mode = 'nearest' }: DetectionMetricsOptions = {},
): DetectionMetrics {
  if (!(n > 0 && n <= 100)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The N of FPRN is ${n}, but it is a true positive rate in percent, above 0 and at most 100: for FPR95 give 95.`,
    );
  }
  const ranking = rankScores(inScores, outScores);
  const { fpr, threshold } = operatingPointOf(ranking, { tpr: n / 100, mode });
  return {
    fpr,
    n,
    auroc: aurocOf(ranking),
    aupr: auprOf(ranking),
    auprIn: auprInOf(ranking),
    detectionError: detectionErrorOf(ranking),
    inCount: ranking.inScores.length,
    outCount: ranking.outScores.length,
    threshold,
  };
}

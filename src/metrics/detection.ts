/** The paper's metrics, and the field's, from one sort and one sweep. */
import { OutlierExposureError } from '../errors.ts';
import { type Scores, type SortedScores, sortScores, sweep } from './scores.ts';

/**
 * Which threshold FPRN is read at, since recall moves in steps and may miss N %.
 *
 * - `'nearest'`: the recall nearest to N, above or below; of two as near, the higher. The paper's code does this.
 * - `'first'`: the first recall that reaches N. Other toolkits do this.
 */
export type RecallMode = 'nearest' | 'first';

export interface MetricOptions {
  /** The true positive rate, in percent, at which the false positive rate is read: 95 for FPR95. */
  n?: number;
  mode?: RecallMode;
}

export interface DetectionMetrics {
  /** False positive rate at N % true positives, 0 to 1; lower is better. */
  fpr: number;
  n: number;
  /** The score from which on that rate calls an example an outlier. */
  threshold: number;
  auroc: number;
  /** Average precision with outliers as positives. */
  aupr: number;
  /** Average precision with inliers as positives, and scores negated. */
  auprIn: number;
  detectionError: number;
  inCount: number;
  outCount: number;
}

/** What the numbers mean, for showing wherever they are shown. */
export const METRIC_DEFINITIONS = {
  fpr: 'FPRN: the share of in-distribution examples taken for outliers when N % of the outliers are found (lower is better).',
  auroc:
    'AUROC: the chance that an outlier scores higher than an in-distribution example, ties counting half (higher is better; 50 % is guessing).',
  aupr: 'AUPR: average precision in finding outliers (higher is better; guessing gives the share of outliers).',
  auprIn: 'AUPR-in: average precision in finding in-distribution examples (higher is better).',
  detectionError:
    'Detection error: the least possible mean of missed outliers and false alarms (lower is better; 50 % is guessing).',
} as const;

/**
 * All metrics of one detector on one pair of sets.
 *
 * @param inScores scores of in-distribution examples, higher = more anomalous
 * @param outScores scores of out-of-distribution examples, the positive class
 * @throws OutlierExposureError `invalid-argument` for empty sets, NaN, or an N outside (0, 100]
 */
export function detectionMetrics(
  inScores: Scores,
  outScores: Scores,
  options: MetricOptions = {},
): DetectionMetrics {
  return metricsOfSorted(sortScores(inScores, outScores), options);
}

/** As {@link detectionMetrics}, for scores that are sorted already. */
export function metricsOfSorted(
  scores: SortedScores,
  { n = 95, mode = 'nearest' }: MetricOptions = {},
): DetectionMetrics {
  if (!(n > 0 && n <= 100)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `N is a percentage above 0 and up to 100, not ${n}; FPR95 has N = 95.`,
    );
  }
  const positives = scores.outliers.length;
  const negatives = scores.inliers.length;
  const recall = n / 100;
  let lastTp = 0;
  let lastFp = 0;
  let pairs = 0;
  let aupr = 0;
  let auprIn = 0;
  let detectionError = 0.5;
  let distance = Number.POSITIVE_INFINITY;
  let fpr = 1;
  let threshold = Number.NEGATIVE_INFINITY;
  sweep(scores, (score, tp, fp) => {
    pairs += (fp - lastFp) * ((tp + lastTp) / 2);
    aupr += ((tp - lastTp) / positives) * (tp / (tp + fp));
    // Seen from below, this threshold accepts the inliers and outliers that no higher one called outliers.
    const accepted = negatives - lastFp;
    auprIn += ((fp - lastFp) / negatives) * (accepted / (accepted + positives - lastTp));
    detectionError = Math.min(detectionError, (1 - tp / positives + fp / negatives) / 2);
    // The reference reads its curve from full recall downwards, and stops at the first point of full recall: at
    // equal distance the later threshold wins, and none counts after all outliers are found.
    if (lastTp < positives) {
      const reached = tp / positives;
      const away =
        mode === 'nearest' ? Math.abs(reached - recall) : reached >= recall ? 0 : Number.POSITIVE_INFINITY;
      if (mode === 'nearest' ? away <= distance : away < distance) {
        distance = away;
        fpr = fp / negatives;
        threshold = score;
      }
    }
    lastTp = tp;
    lastFp = fp;
  });
  return {
    fpr,
    n,
    threshold,
    auroc: pairs / positives / negatives,
    aupr,
    auprIn,
    detectionError,
    inCount: negatives,
    outCount: positives,
  };
}

/** Area under the ROC curve: P(outlier scores higher) + ½ P(tie); 0 to 1. */
export function auroc(inScores: Scores, outScores: Scores): number {
  return detectionMetrics(inScores, outScores).auroc;
}

/** Average precision, outliers positive: Σ (Rᵢ − Rᵢ₋₁) Pᵢ over distinct thresholds, as scikit-learn's; 0 to 1. */
export function aupr(inScores: Scores, outScores: Scores): number {
  return detectionMetrics(inScores, outScores).aupr;
}

/** The false positive rate at N % true positives; 0 to 1. */
export function fprAtTpr(inScores: Scores, outScores: Scores, options: MetricOptions = {}): number {
  return detectionMetrics(inScores, outScores, options).fpr;
}

/** False positive rate at a true positive rate: FPR95 and its kin. */
import { OutlierExposureError } from '../errors.ts';
import { type Ranking, rankScores, type Scores } from './rank.ts';
import { ThresholdSweep } from './sweep.ts';

/**
 * Which threshold stands for "at a true positive rate of N".
 *
 * - `nearest`: the rule of the paper's published code. The recall nearest to N, which may lie below it; of two
 *   equally near the higher; of several thresholds with that recall the lowest, except at full recall, where the
 *   curve ends at the first.
 * - `first`: the highest threshold whose true positive rate is at least N, as OpenOOD and pytorch-ood have it.
 */
export type FprMode = 'nearest' | 'first';

export interface FprAtTprOptions {
  /** The true positive rate N as a fraction in (0, 1]. The paper has 0.95 for images and 0.9 for text. */
  tpr?: number;
  mode?: FprMode;
}

/** A threshold and what flagging every score ≥ it does. */
export interface OperatingPoint {
  threshold: number;
  /** Share of out-of-distribution examples flagged. */
  tpr: number;
  /** Share of in-distribution examples flagged. */
  fpr: number;
}

/**
 * FPRN = share of in-distribution examples flagged at the threshold that flags N of the out-of-distribution ones.
 * When all scores are equal it is 1.
 *
 * Source: Hendrycks, Mazeika, Dietterich, Deep Anomaly Detection with Outlier Exposure, ICLR 2019.
 *
 * @returns in [0, 1]; lower is better
 * @throws OutlierExposureError `invalid-argument` when a side is empty or holds NaN, or an option is out of range
 */
export function fprAtTpr(inScores: Scores, outScores: Scores, options: FprAtTprOptions = {}): number {
  return operatingPoint(inScores, outScores, options).fpr;
}

/** The threshold behind `fprAtTpr`, with the true positive rate that it really reaches. */
export function operatingPoint(
  inScores: Scores,
  outScores: Scores,
  options: FprAtTprOptions = {},
): OperatingPoint {
  checkOptions(options);
  return operatingPointOf(rankScores(inScores, outScores), options);
}

/** `operatingPoint` of scores that are sorted already. */
export function operatingPointOf(ranking: Ranking, options: FprAtTprOptions = {}): OperatingPoint {
  checkOptions(options);
  const { tpr = 0.95, mode = 'nearest' } = options;
  const sweep = new ThresholdSweep(ranking);
  let threshold = Number.POSITIVE_INFINITY;
  let tp = 0;
  let fp = 0;
  let nearest = Number.POSITIVE_INFINITY;
  // Past full recall both rules only gain false positives.
  while (tp < sweep.positives && sweep.next()) {
    const recall = sweep.tp / sweep.positives;
    const distance = Math.abs(recall - tpr);
    if (mode === 'first' ? recall < tpr : distance > nearest) {
      // Recall only grows, so once it moves away from N it never comes back.
      if (mode === 'nearest' && recall > tpr) break;
      continue;
    }
    nearest = distance;
    threshold = sweep.threshold;
    tp = sweep.tp;
    fp = sweep.fp;
    if (mode === 'first') break;
  }
  return { threshold, tpr: tp / sweep.positives, fpr: fp / sweep.negatives };
}

function checkOptions({ tpr = 0.95, mode = 'nearest' }: FprAtTprOptions): void {
  if (!(tpr > 0 && tpr <= 1)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The true positive rate is ${tpr}, but it is a fraction above 0 and at most 1: for FPR95 give 0.95.`,
    );
  }
  if (mode !== 'nearest' && mode !== 'first') {
    throw new OutlierExposureError(
      'invalid-argument',
      `The mode '${mode}' for choosing the threshold is not known: give 'nearest' or 'first'.`,
    );
  }
}

/** ROC and precision-recall curves, thin enough to draw. */
import { OutlierExposureError } from '../errors.ts';
import { type Ranking, rankScores, type Scores } from './rank.ts';
import { ThresholdSweep } from './sweep.ts';
import { CurveThinner } from './thinning.ts';

export interface CurveOptions {
  /**
   * How far a dropped point may lie from the line between its kept neighbours, as a share of the plot's side. The
   * default is half a pixel on a plot of 1000. 0 keeps every point.
   */
  tolerance?: number;
}

/** Points from (0, 0) to (1, 1), in order of falling threshold; the first threshold is +Infinity. */
export interface RocCurve {
  /** Share of in-distribution examples with a score ≥ the threshold. */
  fpr: Float64Array;
  /** Share of out-of-distribution examples with a score ≥ the threshold. */
  tpr: Float64Array;
  thresholds: Float64Array;
}

/**
 * Points from (recall 0, precision 1), which is a convention, to (recall 1, precision = share of positives), in order
 * of falling threshold; the first threshold is +Infinity.
 */
export interface PrCurve {
  /** Share of out-of-distribution examples with a score ≥ the threshold. */
  recall: Float64Array;
  /** Share of the examples with a score ≥ the threshold that are out-of-distribution. */
  precision: Float64Array;
  thresholds: Float64Array;
}

/**
 * The ROC curve: TPR(t) over FPR(t), both in [0, 1], out-of-distribution examples as the positives.
 *
 * Source: Fawcett, An introduction to ROC analysis, 2006.
 *
 * @throws OutlierExposureError `invalid-argument` when a side is empty or holds NaN, or the tolerance is not usable
 */
export function rocCurve(inScores: Scores, outScores: Scores, options: CurveOptions = {}): RocCurve {
  checkTolerance(options);
  return rocCurveOf(rankScores(inScores, outScores), options);
}

/**
 * The precision-recall curve: P(t) = TP / (TP + FP) over R(t) = TPR(t), out-of-distribution examples as the positives.
 * For areas use `aupr`: between two points this curve is a step, not a line, and thinned points say less.
 *
 * Source: the same points as scikit-learn's `precision_recall_curve`, before thinning and in reverse order.
 *
 * @throws OutlierExposureError `invalid-argument` when a side is empty or holds NaN, or the tolerance is not usable
 */
export function prCurve(inScores: Scores, outScores: Scores, options: CurveOptions = {}): PrCurve {
  checkTolerance(options);
  return prCurveOf(rankScores(inScores, outScores), options);
}

/** `rocCurve` of scores that are sorted already. */
export function rocCurveOf(ranking: Ranking, { tolerance = 1 / 2000 }: CurveOptions = {}): RocCurve {
  const sweep = new ThresholdSweep(ranking);
  const thinner = new CurveThinner(tolerance);
  thinner.push(0, 0, Number.POSITIVE_INFINITY);
  while (sweep.next()) thinner.push(sweep.fp / sweep.negatives, sweep.tp / sweep.positives, sweep.threshold);
  const { x, y, thresholds } = thinner.finish();
  return { fpr: x, tpr: y, thresholds };
}

/** `prCurve` of scores that are sorted already. */
export function prCurveOf(ranking: Ranking, { tolerance = 1 / 2000 }: CurveOptions = {}): PrCurve {
  const sweep = new ThresholdSweep(ranking);
  const thinner = new CurveThinner(tolerance);
  thinner.push(0, 1, Number.POSITIVE_INFINITY);
  while (sweep.next()) {
    thinner.push(sweep.tp / sweep.positives, sweep.tp / (sweep.tp + sweep.fp), sweep.threshold);
  }
  const { x, y, thresholds } = thinner.finish();
  return { recall: x, precision: y, thresholds };
}

function checkTolerance({ tolerance = 1 / 2000 }: CurveOptions): void {
  if (!(tolerance >= 0 && tolerance < 1)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The curve's tolerance is ${tolerance}, but it is a share of the plot's side, at least 0 and below 1: leave it out for 1/2000, or give 0 to keep every point.`,
    );
  }
}

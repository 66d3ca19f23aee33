/** Thresholds from scores: a rule of what may go wrong, and what is to be expected of it. */
import { OutlierExposureError } from '../errors.ts';
import { type Scores, type SortedScores, sortScores, sweep } from '../metrics/index.ts';
import { quantileRanks, type Rate, shareOf } from './intervals.ts';

/**
 * What a threshold has to do. Outliers are the positive class, as everywhere here; shares are from 0 to 1.
 *
 * - `fpr`: at most this share of in-distribution examples is flagged: false alarms.
 * - `tpr`: at least this share of outliers is found.
 * - `cost`: false alarms and missed outliers cost least, when a missed outlier costs `cost` times a false alarm and
 *   outliers are the share `prevalence` of all examples to come (default 0.5).
 */
export type Rule = { fpr: number } | { tpr: number } | { cost: number; prevalence?: number | undefined };

export type ThresholdOptions = Rule & {
  /** Scores of outliers; `tpr` and `cost` need them. */
  outScores?: Scores | undefined;
};

/** A threshold, and what is to be expected of it. */
export interface ChosenThreshold {
  /** What scores at least this is an outlier. */
  threshold: number;
  /**
   * Between which scores the threshold that many more examples would give lies, with 95 % confidence (order statistics); null
   * where no score bounds it. Not known for `cost`.
   */
  interval?: [low: number | null, high: number | null];
  /** In-distribution examples that are flagged. */
  fpr: Rate;
  /** Outliers that are found; where there are scores of outliers. */
  tpr?: Rate;
}

/**
 * Whether a score calls its example an outlier. A score of NaN, of which nothing is known, does.
 *
 * @param threshold what {@link chooseThreshold} gave
 */
export function isOutlier(score: number, threshold: number): boolean {
  return !(score < threshold);
}

/**
 * Chooses the threshold from which on a score is called an outlier's.
 *
 * By `fpr` it is the least number above the r-th highest of n in-distribution scores, r = ⌊fpr (n + 1)⌋; by `tpr` the r-th lowest of
 * n scores of outliers, r = ⌊(1 − tpr)(n + 1)⌋. So over the draws of these n examples the expected share is fpr or less, or
 * tpr or more, whatever the scores' distribution (Vovk, Gammerman & Shafer 2005). By `cost` it is, of all thresholds, the
 * highest that costs least on these scores; its rates, chosen on the same scores, are a little too good.
 *
 * @param inScores scores of in-distribution examples that nothing was fitted to; higher = more anomalous
 * @throws OutlierExposureError `invalid-argument` for empty sets, NaN, values out of range, `tpr` or `cost` without scores of
 * outliers, too few examples for the share that was asked for, or infinite scores at the threshold
 */
export function chooseThreshold(inScores: Scores, options: ThresholdOptions): ChosenThreshold {
  const { outScores } = options;
  checkRule(options);
  if (!('fpr' in options) && outScores === undefined) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A threshold by ${'tpr' in options ? 'tpr, the share of outliers found,' : 'cost'} needs scores of outliers: give some, or choose by fpr, the share of in-distribution examples flagged.`,
    );
  }
  // In-distribution scores stand in for outliers where there are none; nothing reads them.
  const sorted = sortScores(inScores, outScores ?? inScores);
  const float32 = inScores instanceof Float32Array;
  const chosen =
    'fpr' in options
      ? byFalseAlarms(sorted.inliers, options.fpr, float32)
      : 'tpr' in options
        ? byFound(sorted.outliers, options.tpr)
        : byCost(sorted, options, float32);
  const { threshold } = chosen;
  if (!Number.isFinite(threshold)) {
    throw new OutlierExposureError(
      'invalid-argument',
      'The scores at which the threshold would have to lie are infinite: choose another share, or another detector.',
    );
  }
  return {
    ...chosen,
    fpr: shareAbove(sorted.inliers, threshold),
    ...(outScores === undefined ? {} : { tpr: shareAbove(sorted.outliers, threshold) }),
  };
}

/**
 * How many of the scores a threshold flags, with the 95 % confidence interval.
 *
 * @throws OutlierExposureError `invalid-argument` when there are none
 */
export function flaggedShare(scores: Scores, threshold: number): Rate {
  let flagged = 0;
  for (const score of scores) if (isOutlier(score, threshold)) flagged++;
  return shareOf(flagged, scores.length);
}

type Sorted = SortedScores['inliers'];
type Placed = Pick<ChosenThreshold, 'threshold' | 'interval'>;

function byFalseAlarms(inliers: Sorted, fpr: number, float32: boolean): Placed {
  const count = inliers.length;
  const rank = wholePart(fpr * (count + 1));
  if (rank < 1) throw tooFew(count, 'in-distribution', `an fpr of ${fpr}`, fpr);
  const threshold = nextAbove(inliers[count - rank]!, float32);
  return { threshold, interval: intervalOf(inliers, 1 - fpr) };
}

function byFound(outliers: Sorted, tpr: number): Placed {
  const count = outliers.length;
  const rank = wholePart((1 - tpr) * (count + 1));
  if (rank < 1) throw tooFew(count, 'out-of-distribution', `a tpr of ${tpr}`, 1 - tpr);
  return { threshold: outliers[rank - 1]!, interval: intervalOf(outliers, 1 - tpr) };
}

function byCost(
  sorted: SortedScores,
  rule: { cost: number; prevalence?: number | undefined },
  float32: boolean,
): Placed {
  const { cost, prevalence = 0.5 } = rule;
  const [inCount, outCount] = [sorted.inliers.length, sorted.outliers.length];
  const price = (tp: number, fp: number) =>
    ((1 - prevalence) * fp) / inCount + (prevalence * cost * (outCount - tp)) / outCount;
  // Above all scores nothing is flagged.
  const highest = Math.max(sorted.inliers.at(-1)!, sorted.outliers.at(-1)!);
  let [threshold, least] = [nextAbove(highest, float32), price(0, 0)];
  sweep(sorted, (candidate, tp, fp) => {
    if (price(tp, fp) < least) [threshold, least] = [candidate, price(tp, fp)];
  });
  return { threshold };
}

/** The whole part, of what should be whole and is off in the last digits too. */
function wholePart(value: number): number {
  const near = Math.round(value);
  return Math.abs(value - near) < 1e-9 * Math.max(1, near) ? near : Math.floor(value);
}

function tooFew(count: number, kind: string, asked: string, share: number): OutlierExposureError {
  const least = Math.ceil(1 / share - 1 - 1e-9);
  return new OutlierExposureError(
    'invalid-argument',
    `${count} ${kind} scores are too few for ${asked}: give at least ${least}, or ask for less.`,
  );
}

function intervalOf(sorted: Sorted, p: number): [number | null, number | null] {
  const [low, high] = quantileRanks(p, sorted.length);
  const at = (rank: number): number | null => {
    const value = sorted[rank - 1];
    return value !== undefined && Number.isFinite(value) ? value : null;
  };
  return [at(low), at(high)];
}

function shareAbove(sorted: Sorted, threshold: number): Rate {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < threshold) low = middle + 1;
    else high = middle;
  }
  return shareOf(sorted.length - low, sorted.length);
}

/** The least number above `value` that the scores' type holds. */
function nextAbove(value: number, float32: boolean): number {
  if (value === Number.POSITIVE_INFINITY) return value;
  if (value === Number.NEGATIVE_INFINITY) return float32 ? -(2 - 2 ** -23) * 2 ** 127 : -Number.MAX_VALUE;
  if (value === 0) return float32 ? 2 ** -149 : Number.MIN_VALUE;
  const bits = float32
    ? new Int32Array(Float32Array.of(value).buffer)
    : new BigInt64Array(Float64Array.of(value).buffer);
  if (bits instanceof Int32Array) {
    bits[0]! += value > 0 ? 1 : -1;
    return new Float32Array(bits.buffer)[0]!;
  }
  bits[0]! += value > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0]!;
}

function checkRule(rule: Rule): void {
  const given = (['fpr', 'tpr', 'cost'] as const).filter((name) => name in rule);
  const fail = (sentence: string): never => {
    throw new OutlierExposureError('invalid-argument', sentence);
  };
  if (given.length !== 1)
    fail(
      `A threshold is chosen by one of fpr, tpr and cost, but ${given.join(' and ') || 'none'} was given.`,
    );
  const share = (name: string, value: number) => {
    if (!(value > 0 && value < 1))
      fail(`A ${name} of ${value} cannot be: give a share between 0 and 1, 0.05 for 5 %.`);
  };
  if ('fpr' in rule) share('fpr', rule.fpr);
  if ('tpr' in rule) share('tpr', rule.tpr);
  if (!('cost' in rule)) return;
  if (!(rule.cost > 0 && rule.cost < Number.POSITIVE_INFINITY))
    fail(
      `A cost of ${rule.cost} cannot be: say how many false alarms a missed outlier is worth, a number above 0.`,
    );
  if (rule.prevalence !== undefined) share('prevalence', rule.prevalence);
}

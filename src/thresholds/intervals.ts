/** What a number of examples says of the share among all, and of the quantile of all. */
import { OutlierExposureError } from '../errors.ts';
import { betaCdf, betaQuantile } from './beta.ts';

/** How sure intervals are. */
export const LEVEL = 0.95;

/** A share that was measured. */
export interface Rate {
  /** flagged / count, from 0 to 1. */
  rate: number;
  /** The 95 % confidence interval of the share among all such examples (Clopper-Pearson), from 0 to 1. */
  interval: [low: number, high: number];
  flagged: number;
  count: number;
}

/**
 * `flagged` of `count` as a share, with its exact 95 % confidence interval (Clopper & Pearson 1934): at least 95 of 100 such
 * intervals hold the true share, however few the examples. It also holds where the threshold is a rank of the same scores:
 * the share beyond the r-th of n then has a beta distribution, from whose quantiles this interval is made.
 *
 * @throws OutlierExposureError `invalid-argument` unless 0 ≤ flagged ≤ count, both whole, and count ≥ 1
 */
export function shareOf(flagged: number, count: number): Rate {
  if (
    !Number.isSafeInteger(count) ||
    !Number.isSafeInteger(flagged) ||
    flagged < 0 ||
    count < 1 ||
    flagged > count
  ) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${flagged} of ${count} is no share: give whole numbers, from 0 to the count.`,
    );
  }
  const tail = (1 - LEVEL) / 2;
  const low = flagged === 0 ? 0 : betaQuantile(tail, flagged, count - flagged + 1);
  const high = flagged === count ? 1 : betaQuantile(1 - tail, flagged + 1, count - flagged);
  return { rate: flagged / count, interval: [low, high], flagged, count };
}

/**
 * Between which ranks the p-quantile of all lies with 95 % confidence, whatever the distribution (order statistics).
 *
 * @param p from 0 to 1
 * @returns ranks from 1 (the least of `count` values) to `count`; 0 and count + 1 where no value bounds it
 */
export function quantileRanks(p: number, count: number): [low: number, high: number] {
  const tail = (1 - LEVEL) / 2;
  /** P(at least `rank` of `count` values are below the quantile). */
  const atLeast = (rank: number) => (rank <= 0 ? 1 : rank > count ? 0 : betaCdf(p, rank, count - rank + 1));
  const first = (holds: (rank: number) => boolean): number => {
    let [low, high] = [0, count + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (holds(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  // The quantile is below the rank-th value when fewer than `rank` values are below it.
  const high = first((rank) => atLeast(rank) <= tail);
  const beyond = first((rank) => atLeast(rank) < 1 - tail);
  return [Math.max(0, beyond - 1), high];
}

/** How many flagged examples in a window are too many to be chance. */
import { OutlierExposureError } from '../errors.ts';

/** How often examples are flagged while nothing has drifted: as it was counted in calibration, or a share that is known. */
export type FlagRate = { flagged: number; count: number } | { rate: number };

/** From how many flagged examples on there is an alarm, and how often that happens though nothing has drifted. */
export interface AlarmCount {
  /** window + 1 where no number is rare enough: the window is too short for such a rate, and there is never an alarm. */
  count: number;
  /** P(K ≥ count), at most the rate that was asked for. */
  falseAlarmRate: number;
}

/**
 * The least k with P(K ≥ k) ≤ alarmRate, where K is the number of flagged examples among `window` while nothing has drifted.
 *
 * By a known `rate`, K ~ Binomial(window, rate). By calibration, the share itself is known only as well as `count` examples tell:
 * where the threshold lies just above the r-th highest of n scores, the share beyond it is distributed as Beta(r, n + 1 − r),
 * with r = flagged + 1, and so K ~ BetaBinomial(window, flagged + 1, count − flagged). Over all draws of calibration
 * examples and windows the rate of false alarms then is exactly P(K ≥ k), whatever the scores' distribution.
 *
 * @param window examples, 1 or more
 * @param alarmRate from 0 to 1
 * @throws OutlierExposureError `invalid-argument` for numbers out of range
 */
export function alarmCount(reference: FlagRate, window: number, alarmRate: number): AlarmCount {
  if (!(Number.isSafeInteger(window) && window >= 1 && window <= 1e6))
    throw invalid(`A window of ${window} examples cannot be: give a whole number from 1 to 1,000,000.`);
  if (!(alarmRate > 0 && alarmRate < 1))
    throw invalid(`An alarm rate of ${alarmRate} cannot be: give a share between 0 and 1, such as 0.001.`);
  const logs = logsOf(reference, window);
  let tail = 0;
  let count = window + 1;
  while (count > 0) {
    const more = tail + Math.exp(logs[count - 1]!);
    if (more > alarmRate) break;
    tail = more;
    count--;
  }
  return { count, falseAlarmRate: tail };
}

/**
 * P(K ≥ flagged), as {@link alarmCount} takes K to be distributed: small where so many are no chance.
 *
 * @param flagged from 0 to `window`
 */
export function chanceOf(flagged: number, reference: FlagRate, window: number): number {
  const logs = logsOf(reference, window);
  let tail = 0;
  for (let k = window; k >= flagged; k--) tail += Math.exp(logs[k]!);
  return Math.min(1, tail);
}

/** Of a share with its counts, such as a threshold's file has, the counts are what tells how well it is known. */
function logsOf(reference: FlagRate, window: number): Float64Array {
  return 'flagged' in reference ? betaBinomial(reference, window) : binomial(reference.rate, window);
}

/** log P(K = k) for k = 0 … n. */
function binomial(rate: number, n: number): Float64Array {
  if (!(rate > 0 && rate < 1))
    throw invalid(`A rate of ${rate} flagged examples cannot be: give a share between 0 and 1.`);
  const logs = new Float64Array(n + 1);
  logs[0] = n * Math.log1p(-rate);
  const odds = Math.log(rate) - Math.log1p(-rate);
  for (let k = 0; k < n; k++) logs[k + 1] = logs[k]! + Math.log((n - k) / (k + 1)) + odds;
  return logs;
}

/** log P(K = k) for k = 0 … n, from P(0) = B(a, b + n) / B(a, b) and the ratio of neighbours. */
function betaBinomial({ flagged, count }: { flagged: number; count: number }, n: number): Float64Array {
  const whole = Number.isSafeInteger(flagged) && Number.isSafeInteger(count);
  if (!whole || flagged < 0 || count < 1 || flagged >= count)
    throw invalid(
      `${flagged} flagged of ${count} calibration examples cannot be watched by: some have to be, and not all.`,
    );
  const [a, b] = [flagged + 1, count - flagged];
  const logs = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) logs[0]! += Math.log((b + i) / (a + b + i));
  for (let k = 0; k < n; k++)
    logs[k + 1] = logs[k]! + Math.log(((n - k) * (a + k)) / ((k + 1) * (b + n - k - 1)));
  return logs;
}

const invalid = (sentence: string) => new OutlierExposureError('invalid-argument', sentence);

/** Watches a guard's scores over time, and raises an alarm when more are flagged than calibration lets expect. */
import * as z from 'zod/mini';
import { OutlierExposureError } from '../errors.ts';
import type { Scores } from '../metrics/index.ts';
import { flaggedShare, isOutlier } from '../thresholds/index.ts';
import { alarmCount, chanceOf, type FlagRate } from './flag-counts.ts';
import { type QuantileSketch, quantileSketch, sketchSchema } from './quantile-sketch.ts';

/** Quantiles of calibration scores by their share, `{ 0.5: -0.99, 0.95: -0.7 }`, and of how many scores they are. */
export interface ReferenceQuantiles {
  quantiles: Readonly<Record<number, number>>;
  count: number;
}

export interface DriftOptions {
  /** What scores at least this is flagged. */
  threshold: number;
  /**
   * What is to be expected: the calibration scores, which nothing was fitted to; how many of them were flagged (the `fpr` of
   * a threshold's file); quantiles of them; or a share that is known.
   */
  reference: Scores | FlagRate | ReferenceQuantiles;
  /** Examples that are counted together. Default 500. */
  window?: number | undefined;
  /** False alarms a window, at most. Default 0.001: one in a thousand windows. */
  alarmRate?: number | undefined;
  /** What `state()` of a monitor with the same options gave, to go on from. Anything else is refused. */
  state?: unknown;
}

export interface DriftAlarm {
  /** Flagged so far in the window, and how many examples of it had come. */
  flagged: number;
  seen: number;
  /** The window's number, from 0. */
  window: number;
}

export interface DriftReport {
  /** Examples and flagged ones since the start. */
  seen: number;
  flagged: number;
  /** Windows with an alarm, of the full ones and the one under way. */
  alarms: number;
  /** Whether the last full window or the one under way has an alarm. */
  alarm: boolean;
  window: {
    size: number;
    /** Of the one under way. */
    seen: number;
    flagged: number;
    /** From how many flagged on there is an alarm. */
    alarmAt: number;
    /** How often a window has one though nothing has drifted. */
    falseAlarmRate: number;
  };
  /** The last full window; `chance` is the probability of as many flagged or more when nothing has drifted. */
  last: { flagged: number; chance: number } | undefined;
  /** Scores so far by share, and the reference's where it has them. */
  quantiles: { share: number; score: number; reference?: number }[];
}

export interface DriftMonitor {
  /**
   * Takes a score, or a verdict of a guard.
   *
   * @returns the alarm that this one raised: the first of its window that was too many
   */
  add(score: number | { anomalyScore: number }): DriftAlarm | undefined;
  report(): DriftReport;
  /** Plain data, for JSON. */
  state(): DriftState;
}

/** The shares that a report tells of. */
const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

const whole = z.int().check(z.gte(0));
const schema = z.strictObject({
  format: z.literal('outlier-exposure/drift'),
  version: z.literal(1),
  window: whole,
  threshold: z.number(),
  seen: whole,
  flagged: whole,
  alarms: whole,
  current: z.strictObject({ number: whole, seen: whole, flagged: whole }),
  last: z.optional(z.strictObject({ flagged: whole, alarm: z.boolean() })),
  scores: sketchSchema,
});

/** What a monitor has seen, as JSON. */
export type DriftState = z.infer<typeof schema>;

/**
 * Counts flagged examples window by window. A window has an alarm as soon as its count reaches the least k with P(K ≥ k) ≤
 * alarmRate, where K ~ BetaBinomial(window, flagged + 1, count − flagged) by the calibration (see `alarmCount`). While
 * examples are like those of the calibration, at most the share `alarmRate` of windows has one, over the draws of both.
 *
 * @throws OutlierExposureError `invalid-argument` for options that cannot be, or a window too short for the alarm rate;
 * `invalid-file` for a state that is none, or belongs to other options
 */
export function driftMonitor(options: DriftOptions): DriftMonitor {
  const { threshold, window: size = 500, alarmRate = 0.001 } = options;
  if (!Number.isFinite(threshold))
    throw invalid(
      `A threshold of ${threshold} cannot be: give the score from which on an example is flagged.`,
    );
  const reference = flagRateOf(options.reference, threshold);
  const { count: alarmAt, falseAlarmRate } = alarmCount(reference, size, alarmRate);
  if (alarmAt > size)
    throw invalid(
      `Even ${size} flagged of ${size} happen by chance more often than ${alarmRate}: take a longer window, a higher alarm rate, or more calibration examples.`,
    );
  const expected = quantilesOf(options.reference);
  const kept = options.state === undefined ? undefined : readState(options.state, size, threshold);
  let { seen, flagged, alarms, last } = kept ?? { seen: 0, flagged: 0, alarms: 0, last: undefined };
  let current = kept?.current ?? { number: 0, seen: 0, flagged: 0 };
  const scores: QuantileSketch = quantileSketch(kept && { state: kept.scores });

  return {
    add(given) {
      const score = typeof given === 'number' ? given : given.anomalyScore;
      if (!Number.isNaN(score)) scores.add(score);
      const flag = isOutlier(score, threshold) ? 1 : 0;
      seen++;
      flagged += flag;
      current = { number: current.number, seen: current.seen + 1, flagged: current.flagged + flag };
      const raised = flag === 1 && current.flagged === alarmAt;
      if (raised) alarms++;
      const alarm = { flagged: current.flagged, seen: current.seen, window: current.number };
      if (current.seen === size) {
        last = { flagged: current.flagged, alarm: current.flagged >= alarmAt };
        current = { number: current.number + 1, seen: 0, flagged: 0 };
      }
      return raised ? alarm : undefined;
    },
    report: () => ({
      seen,
      flagged,
      alarms,
      alarm: current.flagged >= alarmAt || (last?.alarm ?? false),
      window: { size, seen: current.seen, flagged: current.flagged, alarmAt, falseAlarmRate },
      last: last && { flagged: last.flagged, chance: chanceOf(last.flagged, reference, size) },
      quantiles: SHARES.map((share) => {
        const of = expected(share);
        return { share, score: scores.quantile(share), ...(of !== undefined && { reference: of }) };
      }),
    }),
    state: () => ({
      format: 'outlier-exposure/drift',
      version: 1,
      window: size,
      threshold,
      seen,
      flagged,
      alarms,
      current,
      ...(last && { last }),
      scores: scores.state(),
    }),
  };
}

const isScores = (reference: DriftOptions['reference']): reference is Scores => 'length' in reference;

function flagRateOf(reference: DriftOptions['reference'], threshold: number): FlagRate {
  if (isScores(reference)) return flaggedShare(reference, threshold);
  return 'quantiles' in reference ? rateByQuantiles(reference, threshold) : reference;
}

/** The share above the threshold, on the line between the quantiles around it. */
function rateByQuantiles({ quantiles, count }: ReferenceQuantiles, threshold: number): FlagRate {
  const known = pointsOf(quantiles);
  const above = known.findIndex(([, score]) => score >= threshold);
  if (above < 1)
    throw invalid(
      `The threshold ${threshold} is not between the quantiles of the reference: give some on both of its sides.`,
    );
  const [[fromShare, from], [toShare, to]] = [known[above - 1]!, known[above]!];
  const share =
    to === from ? toShare : fromShare + ((threshold - from) / (to - from)) * (toShare - fromShare);
  return { flagged: Math.round((1 - share) * count), count };
}

function pointsOf(quantiles: Readonly<Record<number, number>>): [share: number, score: number][] {
  const points = Object.entries(quantiles).map(
    ([share, score]) => [Number(share), score] as [number, number],
  );
  points.sort(([a], [b]) => a - b);
  const fine = points.every(
    ([share, score], i) =>
      share >= 0 && share <= 1 && Number.isFinite(score) && (i === 0 || score >= points[i - 1]![1]),
  );
  if (fine && points.length > 1) return points;
  throw invalid('Quantiles are scores by share, 0 to 1, and ascend with it; two or more are needed.');
}

/** The reference's own quantiles, where they are known. */
function quantilesOf(reference: DriftOptions['reference']): (share: number) => number | undefined {
  if (isScores(reference)) {
    const sorted = Float64Array.from(reference).sort();
    return (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }
  return 'quantiles' in reference ? (share) => reference.quantiles[share] : () => undefined;
}

function readState(given: unknown, window: number, threshold: number): DriftState {
  const read = schema.safeParse(given);
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    throw new OutlierExposureError(
      'invalid-file',
      `This is no state of a drift monitor (${path.join('.') || 'the whole'}: ${message.slice(0, 200)}): start anew.`,
    );
  }
  const { data } = read;
  if (data.window !== window || data.threshold !== threshold)
    throw new OutlierExposureError(
      'invalid-file',
      `The state is of a monitor with a window of ${data.window} and the threshold ${data.threshold}, not ${window} and ${threshold}: start anew, or take its options.`,
    );
  if (data.current.seen >= window || data.current.flagged > data.current.seen || data.flagged > data.seen)
    throw new OutlierExposureError(
      'invalid-file',
      'The counts of the state do not fit together: start anew.',
    );
  return data;
}

const invalid = (sentence: string) => new OutlierExposureError('invalid-argument', sentence);

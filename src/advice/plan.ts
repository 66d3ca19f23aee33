/** With which settings candidates are tried, and how long that takes. */
import { isEncodedText } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { AdviseOptions, TrialSettings } from './options.ts';

const IMAGES = { lambda: 0.5, learningRate: 0.001, batch: { inliers: 128, outliers: 256 } };
const TEXTS = { lambda: 1, learningRate: 0.001, batch: { inliers: 64, outliers: 64 } };

/** Steps of a tuning unless told otherwise. */
const STEPS = 100;
const TUNINGS = 2;

/** With fewer steps a tuning says nothing, and more than these are no short tuning. */
export const LEAST_STEPS = 20;
const MOST_STEPS = 5000;

/**
 * The settings, with defaults: the paper's weights and batches, and statistics of batch normalization as whole tunings take them:
 * what outliers do to those is a part of what they do.
 */
export function trialSettings(options: AdviseOptions): TrialSettings {
  const usual = isEncodedText(options.inliers) ? TEXTS : IMAGES;
  const settings = {
    steps: options.steps ?? STEPS,
    tunings: options.tunings ?? TUNINGS,
    lambda: options.lambda ?? usual.lambda,
    learningRate: options.learningRate ?? usual.learningRate,
    batch: options.batch ?? usual.batch,
    normalization: options.normalization ?? ('stacked' as const),
    seed: options.seed ?? 1,
  };
  for (const [what, value] of [
    ['steps', settings.steps],
    ['tunings', settings.tunings],
    ['batch.inliers', settings.batch.inliers],
    ['batch.outliers', settings.batch.outliers],
  ] as const) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `${what} is ${value}, but it must be a whole number of 1 or more.`,
    );
  }
  return settings;
}

/** What a tuning costs. */
export interface Costs {
  /** Seconds before and after the steps: compiling, loading, measuring. */
  fixed: number;
  /** Seconds of a step. */
  step: number;
}

/**
 * How many steps each tuning gets so that all end in time.
 *
 * @param trials how many tunings there will be
 * @throws OutlierExposureError `invalid-argument` when the time allows too few to say anything
 */
export function stepsWithin(budgetSeconds: number, trials: number, { fixed, step }: Costs): number {
  const steps = Math.floor((budgetSeconds / trials - fixed) / step);
  if (steps >= LEAST_STEPS) return Math.min(MOST_STEPS, steps);
  const needed = trials * (fixed + LEAST_STEPS * step);
  throw new OutlierExposureError(
    'invalid-argument',
    `${trials} tunings of at least ${LEAST_STEPS} steps take about ${Math.ceil((10 * needed) / 60) / 10} minutes here, more than the ${Math.max(0, Math.round((10 * budgetSeconds) / 60) / 10)} that remain: allow more time, or try fewer candidates or tunings.`,
  );
}

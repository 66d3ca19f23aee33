/** How many outliers are enough: the gain from smaller and smaller parts of a candidate. */
import type { ExampleSet } from '../data/index.ts';
import { Random } from '../random.ts';
import type { LearningCurve, Trial, TrialSettings } from './options.ts';
import { selectExamples } from './select.ts';

/** How much smaller each size is than the next. */
const FACTOR = 4;
/** Sizes below the full one. */
const SIZES = 3;
/** Fewer teach nothing that could be measured. */
const LEAST = 16;

/** The share of the full gain that counts as enough. */
const ENOUGH = 0.9;

/**
 * The sizes to try below the most that tunings can see, fewest first.
 *
 * @param count of the candidate
 */
export function curveSizes(
  count: number,
  { steps, batch }: Pick<TrialSettings, 'steps' | 'batch'>,
): number[] {
  const most = mostSeen(count, { steps, batch });
  const sizes = Array.from({ length: SIZES }, (_, i) => Math.round(most / FACTOR ** (SIZES - i)));
  return sizes.filter((size) => size >= LEAST);
}

/** More outliers than this a tuning does not see. */
export function mostSeen(count: number, { steps, batch }: Pick<TrialSettings, 'steps' | 'batch'>): number {
  return Math.min(count, steps * batch.outliers);
}

/** Some of a candidate's examples, drawn by the seed; a smaller part lies within each larger one. */
export function partOf(candidate: ExampleSet, count: number, seed: number): ExampleSet {
  const order = Random.from(seed, 'advice, part of', candidate.name).permutation(candidate.length);
  return selectExamples(candidate, order.slice(0, count).sort());
}

/** @param points fewest first */
export function learningCurve(
  candidate: string,
  points: readonly (Trial & { count: number })[],
): LearningCurve {
  const full = points.at(-1)!.gain;
  const enough = full > 0 ? points.find(({ gain }) => gain >= ENOUGH * full) : undefined;
  return {
    candidate,
    points: points.map(({ count, gain, spread, errorChange }) => ({ count, gain, spread, errorChange })),
    ...(enough ? { enough: enough.count } : {}),
  };
}

/** What a search within a budget tunes with, first and next. */
import { bestWithin, type LinePoint } from './line.ts';
import type { BudgetOptions, BudgetSettings } from './options.ts';

/** How much stronger, or gentler, the next tuning's learning rate is. */
const FACTOR = 2.5;

/** From here on along the line, a tuning was not too strong. */
const FAR_ENOUGH = 0.5;

export function firstSettings({
  lambda = 0.5,
  learningRate = 0.001,
  distillation = 0,
  normalization = 'frozen',
}: Partial<BudgetOptions>): BudgetSettings {
  return { lambda, learningRate, distillation, normalization };
}

/**
 * A stronger tuning, of which a smaller part is taken, detects better at the same error than all of a gentle one
 * (docs/accuracy-budget.md): the learning rate rises, unless the budget ended near the baseline already; then it falls.
 *
 * @param points measured on the line of the last tuning
 */
export function nextSettings(last: BudgetSettings, points: readonly LinePoint[]): BudgetSettings {
  const far = (bestWithin(points)?.share ?? 0) >= FAR_ENOUGH;
  return { ...last, learningRate: far ? last.learningRate * FACTOR : last.learningRate / FACTOR };
}

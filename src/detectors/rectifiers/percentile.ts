/** Percentiles of values, and what is checked of features before they are taken. */
import { OutlierExposureError } from '../../errors.ts';
import type { Matrix } from '../outputs.ts';

/**
 * The value below which `percent` percent of the values lie, with linear interpolation between neighbours (NumPy's
 * default).
 *
 * @param values at least one, none of them NaN; stay as they are
 * @param percent in [0, 100]
 */
export function percentile(values: Float32Array, percent: number): number {
  const sorted = values.slice().sort();
  const at = ((sorted.length - 1) * percent) / 100;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low === high ? low : low + (high - low) * (at - Math.floor(at));
}

/**
 * Refuses features that nothing can be learned from.
 *
 * @throws OutlierExposureError `invalid-argument` when there are none, or one is not finite
 */
export function checkFitFeatures(name: string, { data, shape: [rows, width] }: Matrix): void {
  if (rows === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${name} learns from the features of in-distribution examples, but was given none.`,
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `${name} cannot learn from features that are not finite numbers: feature ${bad % width} of example ${Math.floor(bad / width)} is ${data[bad]}.`,
  );
}

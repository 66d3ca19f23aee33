/** Mean and spread over repeated draws. */
import { OutlierExposureError } from '../errors.ts';

/**
 * Mean = Σ v / n and standard deviation = √(Σ (v − mean)² / n): the population's, with n and not n − 1 below, as the
 * paper's code reports it.
 *
 * @throws OutlierExposureError `invalid-argument` when there are no values
 */
export function meanAndStd(values: ArrayLike<number>): { mean: number; std: number } {
  const n = values.length;
  if (n === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      'There are no values to average: give at least one number.',
    );
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
  return { mean, std: Math.sqrt(squares / n) };
}

/** What detectors on logits share: counting examples, and sums of exponentials that neither overflow nor vanish. */
import { OutlierExposureError } from '../errors.ts';

/** How many examples there are, for logits of [examples, classes]. */
export function exampleCount(logits: Float32Array, classes: number): number {
  const count = logits.length / classes;
  if (!Number.isSafeInteger(classes) || classes < 1 || !Number.isInteger(count)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${logits.length} logits are not a whole number of examples of ${classes} classes; give them as [examples, classes].`,
    );
  }
  return count;
}

/** log Σ_k exp(z_k) over one row of `classes` values that starts at `from`. */
export function logSumExp(values: Float32Array, from: number, classes: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let k = from; k < from + classes; k++) if (values[k]! > max) max = values[k]!;
  if (!Number.isFinite(max)) return max;
  let sum = 0;
  for (let k = from; k < from + classes; k++) sum += Math.exp(values[k]! - max);
  return max + Math.log(sum);
}

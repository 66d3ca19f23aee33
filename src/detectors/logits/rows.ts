/** Softmax of one example at a time, in double precision and in logarithms, so that nothing overflows or vanishes. */

/** The greatest float32: what a score is held to, so that none is infinite without reason. */
export const GREATEST = 3.4028234663852886e38;

/** The highest of one row of `classes` values that starts at `from`; NaN when one of them is. */
export function rowMax(values: Float32Array, from: number, classes: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let k = from; k < from + classes; k++) {
    const value = values[k]!;
    if (value > max) max = value;
    else if (Number.isNaN(value)) return Number.NaN;
  }
  return max;
}

/** T·log Σ_k exp(z_k / T) of one row; NaN when a logit is. */
export function softMaximum(
  values: Float32Array,
  from: number,
  classes: number,
  temperature: number,
): number {
  const max = rowMax(values, from, classes);
  if (!Number.isFinite(max)) return max;
  let sum = 0;
  for (let k = from; k < from + classes; k++) sum += Math.exp((values[k]! - max) / temperature);
  return max + temperature * Math.log(sum);
}

/** Writes log softmax(z)_k of one row into `into`, which has room for `classes` values; NaN when a logit is. */
export function logSoftmax(values: Float32Array, from: number, classes: number, into: Float64Array): void {
  const max = rowMax(values, from, classes);
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    into[k] = values[from + k]! - max;
    sum += Math.exp(into[k]!);
  }
  const logSum = Math.log(sum);
  for (let k = 0; k < classes; k++) into[k] = into[k]! - logSum;
}

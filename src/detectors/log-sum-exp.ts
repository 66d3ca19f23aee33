/** Sums of exponentials that neither overflow nor vanish. */

/** log Σ_k exp(z_k) over one row of `classes` values that starts at `from`. */
export function logSumExp(values: Float32Array, from: number, classes: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let k = from; k < from + classes; k++) if (values[k]! > max) max = values[k]!;
  if (!Number.isFinite(max)) return max;
  let sum = 0;
  for (let k = from; k < from + classes; k++) sum += Math.exp(values[k]! - max);
  return max + Math.log(sum);
}

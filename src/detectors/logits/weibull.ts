/** The Weibull distribution, fitted to data by maximum likelihood. */

/** P(X ≤ x) = 1 − exp(−(x / scale)^shape) for x ≥ 0. */
export interface Weibull {
  shape: number;
  scale: number;
}

/** Nearly a step; what equal values, whose likelihood grows with the shape without end, get. */
const GREATEST_SHAPE = 10_000;
const LEAST_SHAPE = 1e-3;

/**
 * The Weibull distribution of location 0 under which the values are likeliest. The shape k solves
 * Σ x^k log x / Σ x^k − 1/k = mean(log x), whose left side rises with k; the scale is mean(x^k)^(1/k). Values of 0, at which
 * the likelihood has no meaning, are passed over; equal values give a shape of 10,000.
 *
 * @param values 0 or above, finite
 * @returns a scale of 0 when no value is above 0
 */
export function fitWeibull(values: Float64Array): Weibull {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return { shape: 1, scale: 0 };
  const greatest = positive.reduce((max, value) => Math.max(max, value), 0);
  // Relative to the greatest, no power overflows.
  const logs = positive.map((value) => Math.log(value / greatest));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const excess = (shape: number): number => {
    let [sum, weighted] = [0, 0];
    for (const log of logs) {
      const power = Math.exp(shape * log);
      sum += power;
      weighted += power * log;
    }
    return weighted / sum - 1 / shape - mean;
  };
  let [low, high] = [LEAST_SHAPE, GREATEST_SHAPE];
  // Where even the greatest shape is too small, it stays.
  if (excess(high) <= 0) low = high;
  // Halving on the scale of logarithms, down to the last digits of double precision.
  for (let step = 0; step < 55 && low < high; step++) {
    const middle = Math.sqrt(low * high);
    if (excess(middle) > 0) high = middle;
    else low = middle;
  }
  const shape = high;
  const power = logs.reduce((sum, log) => sum + Math.exp(shape * log), 0) / logs.length;
  return { shape, scale: greatest * power ** (1 / shape) };
}

/** P(X ≤ x), 0 to 1. */
export function weibullCdf({ shape, scale }: Weibull, x: number): number {
  if (!(x > 0)) return Number.isNaN(x) ? x : 0;
  return -Math.expm1(-((x / scale) ** shape));
}

/** How far two rankings agree, and two models differ. */
import { Random } from '../random.ts';

/**
 * Spearman's rank correlation: Pearson's of the ranks, equal values sharing the mean of theirs.
 *
 * @returns −1 to 1; not a number where all values of a side are equal
 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return pearson(ranks(a), ranks(b));
}

/**
 * An interval of a statistic by the percentiles of its values on pairs drawn anew, with repetition (Efron 1979). Draws on
 * which it is not a number are left out.
 *
 * @param level of the interval, default 0.95
 */
export function bootstrapInterval(
  a: readonly number[],
  b: readonly number[],
  statistic: (a: number[], b: number[]) => number,
  { seed = 1, draws = 2000, level = 0.95 }: { seed?: number; draws?: number; level?: number } = {},
): [low: number, high: number] {
  const random = Random.from(seed, 'bootstrap');
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const chosen = a.map(() => random.integer(a.length));
    const value = statistic(
      chosen.map((i) => a[i]!),
      chosen.map((i) => b[i]!),
    );
    if (!Number.isNaN(value)) values.push(value);
  }
  values.sort((x, y) => x - y);
  const at = (share: number) => values[Math.round(share * (values.length - 1))] ?? Number.NaN;
  return [at((1 - level) / 2), at((1 + level) / 2)];
}

/**
 * The standard error of the difference between two models' errors on the same examples: √(b + c − (b − c)²/n) / n, with b and
 * c the numbers of examples that only the one, or only the other, gets wrong.
 *
 * @param a and `b`: for each example 1 where it is misclassified, else 0
 */
export function errorOfDifference(a: Uint8Array, b: Uint8Array): number {
  const count = a.length;
  let [onlyA, onlyB] = [0, 0];
  for (const [i, wrong] of a.entries()) {
    if (wrong > b[i]!) onlyA++;
    else if (wrong < b[i]!) onlyB++;
  }
  return Math.sqrt(onlyA + onlyB - (onlyA - onlyB) ** 2 / count) / count;
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const result = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) result[order[k]!] = (start + end - 1) / 2;
    start = end;
  }
  return result;
}

function pearson(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [product, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  return product / Math.sqrt(squareA * squareB);
}

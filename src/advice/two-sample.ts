/** How well two samples can be told apart by their features: a classifier two-sample test (Lopez-Paz & Oquab 2017). */
import type { Matrix } from '../detectors/index.ts';
import { auroc } from '../metrics/index.ts';
import { Random } from '../random.ts';

const STEPS = 200;
/** Weight of ‖w‖²/2 beside the mean loss, on standardized features: holds back what few examples suggest. */
const RIDGE = 1e-2;

/**
 * AUROC of a logistic regression that tells the rows of `b` from those of `a`, on rows that it was not fitted to: each half
 * of the rows is scored by a regression on the other half, and the two AUROCs are averaged. Features are standardized by
 * the half that is fitted.
 *
 * @param a and `b`: [rows, width] each, at least 4 rows, of the same width
 * @param seed decides the halves
 * @returns 0 to 1; about 0.5 when the samples cannot be told apart, and below it by chance alone
 */
export function twoSampleAuroc(a: Matrix, b: Matrix, seed: number): number {
  const halves = [a, b].map(({ shape: [rows] }, i) => {
    const order = Random.from(seed, 'two samples', i).permutation(rows);
    return [order.subarray(0, rows >> 1), order.subarray(rows >> 1)] as const;
  });
  let sum = 0;
  for (const [fitted, scored] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const score = fitRegression(rowsOf(a, halves[0]![fitted]), rowsOf(b, halves[1]![fitted]), a.shape[1]);
    sum += auroc(score(rowsOf(a, halves[0]![scored])), score(rowsOf(b, halves[1]![scored])));
  }
  return sum / 2;
}

/** Accelerated gradient descent (Nesterov) on the mean logistic loss, both samples weighing the same. */
function fitRegression(
  a: Float64Array,
  b: Float64Array,
  width: number,
): (rows: Float64Array) => Float32Array {
  const { center, scale } = standardization([a, b], width);
  const [xa, xb] = [a, b].map((rows) => standardized(rows, center, scale)) as [Float64Array, Float64Array];
  const samples = [
    { rows: xa, sign: -1, weight: 0.5 / (xa.length / width) },
    { rows: xb, sign: 1, weight: 0.5 / (xb.length / width) },
  ] as const;
  const rate = 1 / (0.25 * largestEigenvalue(samples, width) + RIDGE);
  let weights = new Float64Array(width + 1);
  let ahead = weights.slice();
  for (let step = 1; step <= STEPS; step++) {
    const gradient = new Float64Array(width + 1);
    for (const { rows, sign, weight } of samples) {
      for (let start = 0; start < rows.length; start += width) {
        const pull = (-sign * weight) / (1 + Math.exp(sign * decision(rows, start, ahead, width)));
        for (let j = 0; j < width; j++) gradient[j]! += pull * rows[start + j]!;
        gradient[width]! += pull;
      }
    }
    const next = ahead.map((w, j) => w - rate * (gradient[j]! + (j < width ? RIDGE * w : 0)));
    const momentum = (step - 1) / (step + 2);
    ahead = next.map((w, j) => w + momentum * (w - weights[j]!));
    weights = next;
  }
  return (rows) => {
    const x = standardized(rows, center, scale);
    return Float32Array.from({ length: rows.length / width }, (_, i) =>
      decision(x, i * width, weights, width),
    );
  };
}

function decision(rows: Float64Array, start: number, weights: Float64Array, width: number): number {
  let sum = weights[width]!;
  for (let j = 0; j < width; j++) sum += weights[j]! * rows[start + j]!;
  return sum;
}

/** Of Σ weight · x xᵀ, with a 1 behind each x; by power iteration, a little above. */
function largestEigenvalue(
  samples: readonly { rows: Float64Array; weight: number }[],
  width: number,
): number {
  let vector = new Float64Array(width + 1).fill(1 / Math.sqrt(width + 1));
  let value = 1;
  for (let i = 0; i < 20; i++) {
    const image = new Float64Array(width + 1);
    for (const { rows, weight } of samples) {
      for (let start = 0; start < rows.length; start += width) {
        const along = weight * decision(rows, start, vector, width);
        for (let j = 0; j < width; j++) image[j]! += along * rows[start + j]!;
        image[width]! += along;
      }
    }
    value = Math.sqrt(image.reduce((sum, each) => sum + each * each, 0));
    if (value === 0) return 1;
    vector = image.map((each) => each / value);
  }
  return 1.1 * value;
}

function standardization(samples: readonly Float64Array[], width: number) {
  const count = samples.reduce((sum, { length }) => sum + length / width, 0);
  const [center, squares] = [new Float64Array(width), new Float64Array(width)];
  for (const rows of samples) for (let i = 0; i < rows.length; i++) center[i % width]! += rows[i]! / count;
  for (const rows of samples)
    for (let i = 0; i < rows.length; i++) squares[i % width]! += (rows[i]! - center[i % width]!) ** 2 / count;
  // A feature that never changes says nothing.
  const scale = squares.map((square) => (square > 1e-24 ? 1 / Math.sqrt(square) : 0));
  return { center, scale };
}

function standardized(rows: Float64Array, center: Float64Array, scale: Float64Array): Float64Array {
  const width = center.length;
  return rows.map((value, i) => (value - center[i % width]!) * scale[i % width]!);
}

function rowsOf({ data, shape: [, width] }: Matrix, indices: Uint32Array): Float64Array {
  const rows = new Float64Array(indices.length * width);
  for (const [i, index] of indices.entries())
    rows.set(data.subarray(index * width, (index + 1) * width), i * width);
  return rows;
}

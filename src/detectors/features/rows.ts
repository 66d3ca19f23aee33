/** Rows of features made ready for products in float32, so that none overflows. */
import type { Matrix } from '../outputs.ts';

/** Rows that were divided by numbers of their own. */
export interface ScaledRows {
  rows: Matrix;
  /** What each row was divided by, a power of two; NaN for rows that held a value that is no finite number. */
  scales: Float64Array;
}

/** Longer rows are divided before their values are squared and added in float32. */
const LARGE = 2 ** 40;

/**
 * (z − centre) / scale, rows with large values divided further.
 *
 * @param centre [width]
 * @param scale of all rows alike, a power of two
 */
export function centredRows({ data: values, shape }: Matrix, centre: Float64Array, scale = 1): ScaledRows {
  const [count, width] = shape;
  const data = new Float32Array(count * width);
  const scales = new Float64Array(count).fill(1);
  const times = 1 / scale;
  for (let i = 0; i < count; i++) {
    const at = i * width;
    let squares = 0;
    for (let d = 0; d < width; d++) {
      const value = (values[at + d]! - centre[d]!) * times;
      squares += value * value;
      data[at + d] = value;
    }
    if (squares <= LARGE ** 2) continue;
    scales[i] = Number.isFinite(squares) ? powerOfTwo(Math.sqrt(squares)) : Number.NaN;
    for (let d = 0; d < width; d++)
      data[at + d] = Number.isNaN(scales[i]!) ? 0 : (values[at + d]! - centre[d]!) / scale / scales[i]!;
  }
  return { rows: { data, shape }, scales };
}

/** z / ‖z‖₂, zero where z is; rows that hold a value that is no finite number become zero, and their norm NaN. */
export function normalizedRows({ data: values, shape }: Matrix): { rows: Matrix; norms: Float64Array } {
  const [count, width] = shape;
  const data = new Float32Array(count * width);
  const norms = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * width;
    let sum = 0;
    for (let d = at; d < at + width; d++) sum += values[d]! * values[d]!;
    const norm = Math.sqrt(sum);
    norms[i] = Number.isFinite(norm) ? norm : Number.NaN;
    if (!(norm > 0 && norm < Number.POSITIVE_INFINITY)) continue;
    for (let d = at; d < at + width; d++) data[d] = values[d]! / norm;
  }
  return { rows: { data, shape }, norms };
}

/** The power of two that is next to `value` from below; 1 for 0. */
export function powerOfTwo(value: number): number {
  return value > 0 ? 2 ** Math.floor(Math.log2(value)) : 1;
}

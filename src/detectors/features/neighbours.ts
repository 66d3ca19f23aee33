/** What detectors by nearest neighbours share: a bank of examples to compare with. */
import { OutlierExposureError } from '../../errors.ts';
import type { Matrix } from '../outputs.ts';

/**
 * @param rows how many examples there are to compare with
 * @param parameter what sets the number of neighbours
 * @throws OutlierExposureError `invalid-argument` when they are fewer than the neighbours
 */
export function checkBank(detector: string, rows: number, neighbours: number, parameter: string): void {
  if (rows >= neighbours) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `The detector ${detector} compares with ${neighbours} neighbours, but has ${rows} examples with features other than zero: give more to learn from, or set ${parameter} to ${rows} or less.`,
  );
}

/** Copies of the rows at `places`. */
export function rowsAt({ data, shape: [, width] }: Matrix, places: ArrayLike<number>): Matrix {
  const picked = new Float32Array(places.length * width);
  for (let i = 0; i < places.length; i++)
    picked.set(data.subarray(places[i]! * width, (places[i]! + 1) * width), i * width);
  return { data: picked, shape: [places.length, width] };
}

/** The rows that have a direction: all but zeros. @param norms their lengths */
export function directed(norms: Float64Array): Uint32Array {
  return Uint32Array.from(norms.keys()).filter((row) => norms[row]! > 0);
}

/** What detectors on features learn from, and what they learned, both checked: they may come out of anybody's files. */
import { OutlierExposureError } from '../../errors.ts';
import type { FitData, FittedState } from '../detector.ts';
import { checkFitLogits } from '../logits/state.ts';
import type { Matrix } from '../outputs.ts';
import { learnedTensor } from '../state.ts';

/**
 * A float32 matrix of the fitted state.
 *
 * @param columns what the rows of the data have
 * @throws OutlierExposureError `invalid-argument` when it is missing, empty, or fits other data
 */
export function matrixOf(detector: string, state: FittedState, name: string, columns: number): Matrix {
  const { data, shape } = learnedTensor(detector, state, name, {
    elementType: 'float32',
    shape: [undefined, columns],
    of: 'data',
  });
  return { data: data as Float32Array, shape: [shape[0]!, columns] };
}

/** Features to learn from, finite all of them. */
export interface FitFeatures extends Matrix {
  /** The largest absolute value. */
  largest: number;
}

/**
 * The features to learn from.
 *
 * @throws OutlierExposureError `invalid-argument` when there are none, or a value is no finite number
 */
export function fitFeatures(detector: string, data: FitData): FitFeatures {
  checkFitLogits(detector, data);
  const { data: values, shape } = data.features!;
  let largest = 0;
  // A plain loop: `findIndex` alone takes several times as long.
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size <= largest) continue;
    if (!Number.isFinite(size)) {
      throw new OutlierExposureError(
        'invalid-argument',
        `The detector ${detector} cannot learn from example ${Math.floor(i / shape[1])} (counted from 0): its feature ${i % shape[1]} is ${values[i]}; check the model and the data.`,
      );
    }
    largest = size;
  }
  return { data: values, shape, largest };
}

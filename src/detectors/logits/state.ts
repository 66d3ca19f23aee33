/** What detectors on logits learn from, and what they learned, both checked: they may come out of anybody's files. */
import { OutlierExposureError } from '../../errors.ts';
import type { FitData, FittedState } from '../detector.ts';
import { learnedTensor } from '../state.ts';

/**
 * A float64 tensor of the fitted state.
 *
 * @throws OutlierExposureError `invalid-argument` when it is missing, or of another shape
 */
export function stateOf(
  detector: string,
  state: FittedState,
  name: string,
  shape: readonly number[],
): Float64Array {
  return learnedTensor(detector, state, name, { elementType: 'float64', shape, of: 'logits' })
    .data as Float64Array;
}

/** As {@link stateOf} reads it. */
export function float64State(data: Float64Array, shape: readonly number[]) {
  return { elementType: 'float64' as const, shape, data };
}

/** @throws OutlierExposureError `invalid-argument` when there are no examples, or a logit is not a number */
export function checkFitLogits(detector: string, { logits: { data, shape } }: FitData): void {
  if (shape[0] === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The detector ${detector} has no examples to learn from: give at least one.`,
    );
  }
  const wrong = data.findIndex(Number.isNaN);
  if (wrong < 0) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `The detector ${detector} cannot learn from example ${Math.floor(wrong / shape[1])} (counted from 0): its logit ${wrong % shape[1]} is NaN; check the model and the data.`,
  );
}

/**
 * The labels of the examples to learn from.
 *
 * @throws OutlierExposureError `invalid-argument` without labels, or when one is no class of the model
 */
export function fitLabels(detector: string, { labels, logits: { shape } }: FitData): Int32Array {
  const [count, classes] = shape;
  if (labels?.length !== count) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The detector ${detector} learns from labelled examples: ${
        labels ? `there are ${labels.length} labels for ${count} examples` : 'give labels with them'
      }.`,
    );
  }
  const wrong = labels.findIndex((label) => !(label >= 0 && label < classes));
  if (wrong < 0) return labels;
  throw new OutlierExposureError(
    'invalid-argument',
    `Example ${wrong} to learn from has the label ${labels[wrong]}, but the model's classes are numbered from 0 to ${classes - 1}: check that model and labels belong together.`,
  );
}

/** The mean of each class's features. */
import { OutlierExposureError } from '../../errors.ts';
import type { Matrix } from '../outputs.ts';

/**
 * Means of features by class, [classes, width], in double precision.
 *
 * @param labels the class of each row; negative: leave it out
 * @param what what a class without a row is said to lack: "no example"
 * @throws OutlierExposureError `invalid-argument` when a class has no row
 */
export function classMeans(
  { data, shape }: Matrix,
  labels: Int32Array,
  { detector, classes, what }: { detector: string; classes: number; what: string },
): Float64Array {
  const [count, width] = shape;
  const means = new Float64Array(classes * width);
  const counts = new Float64Array(classes);
  for (let i = 0; i < count; i++) {
    const label = labels[i]!;
    if (label < 0) continue;
    counts[label]!++;
    for (let d = 0; d < width; d++)
      means[label * width + d] = means[label * width + d]! + data[i * width + d]!;
  }
  const empty = counts.indexOf(0);
  if (empty >= 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The detector ${detector} learns from every class, but of class ${empty} there is ${what}: give more examples to learn from.`,
    );
  }
  for (let k = 0; k < classes; k++)
    for (let d = 0; d < width; d++) means[k * width + d] = means[k * width + d]! / counts[k]!;
  return means;
}

/** The mean of all rows, [width], in double precision. */
export function meanOf({ data, shape: [count, width] }: Matrix): Float64Array {
  const mean = new Float64Array(width);
  for (let i = 0; i < count; i++) for (let d = 0; d < width; d++) mean[d] = mean[d]! + data[i * width + d]!;
  return mean.map((sum) => sum / count);
}

/** The mean of all rows, [width], from those of their classes. @param means [classes, width] */
export function meanOfMeans(means: Float64Array, labels: Int32Array, width: number): Float64Array {
  const counts = new Float64Array(means.length / width);
  for (const label of labels) counts[label] = counts[label]! + 1;
  const mean = new Float64Array(width);
  for (const [k, count] of counts.entries())
    for (let d = 0; d < width; d++) mean[d] = mean[d]! + (count / labels.length) * means[k * width + d]!;
  return mean;
}

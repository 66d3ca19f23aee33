/** What a training run asks of its sets, whatever they hold. */
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { TrainOptions } from './options.ts';

/** @throws OutlierExposureError `invalid-argument` for labels that are none, missing outliers, and sets that are too small */
export function checkSets(
  { inliers, outliers, batch, objective }: TrainOptions,
  { classes }: { classes: number },
): void {
  if (!inliers.labels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The training set "${inliers.name}" has no labels; a classifier needs one for each example.`,
    );
  }
  if (objective.outliers && (!outliers || batch.outliers === 0)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The objective ${objective.name} needs outliers: give a set of them and how many go into a batch.`,
    );
  }
  // Blank images would take their place, and batch normalization would see them.
  if (!outliers && batch.outliers > 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A batch is to have ${batch.outliers} outliers, but there is no set of them: give one, or set batch.outliers to 0.`,
    );
  }
  checkLabels(inliers, inliers.labels, classes);
  checkSize(inliers, batch.inliers);
  if (outliers) checkSize(outliers, batch.outliers);
}

const nounOf = (set: ExampleSet) => (isEncodedText(set) ? 'text' : 'image');

/** ONNX's OneHot would take −1 for the last class, and a number too large for none. */
function checkLabels(set: ExampleSet, labels: Int32Array, classes: number): void {
  const { name, length } = set;
  if (labels.length !== length) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${name}" has ${length} ${nounOf(set)}s, but ${labels.length} labels.`,
    );
  }
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    const noun = isEncodedText(set) ? 'Text' : 'Image';
    throw new OutlierExposureError(
      'invalid-argument',
      `${noun} ${wrong} of "${name}" has the label ${labels[wrong]}, but the model's ${classes} classes are numbered 0 to ${classes - 1}.`,
    );
  }
}

function checkSize(set: ExampleSet, needed: number): void {
  if (set.length < needed) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${set.name}" has ${set.length} ${nounOf(set)}s, fewer than the ${needed} of one batch: choose a smaller batch or a larger set.`,
    );
  }
}

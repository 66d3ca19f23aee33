/** The test sets of `oe eval` and `oe compare`: opened for the classifier that is to see them. */
import { type ExampleSet, TOKENIZER_KEY } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Classifier } from './models.ts';
import { type OpenSetsRun, openForClassifier } from './open-for-classifier.ts';

export interface EvalSetsRun extends OpenSetsRun {
  options: OpenSetsRun['options'] & { in: string[]; labels?: string };
}

export interface OpenedSets {
  inliers: ExampleSet;
  outlierSets: ExampleSet[];
}

/** Sets are opened once for all models that take them alike. */
export function inputKey({ tokenizer, model, classNames, shape }: Classifier): string {
  return tokenizer ? `${model.metadata.get(TOKENIZER_KEY)} ${classNames}` : String(shape);
}

/**
 * Opens the test sets for a classifier.
 *
 * @throws OutlierExposureError without labels, or when the model knows no word of its own texts
 */
export async function openTestSets(
  classifier: Classifier,
  sets: readonly { name: string; path: string }[],
  run: EvalSetsRun,
): Promise<OpenedSets> {
  const { in: paths, labels } = run.options;
  const what = classifier.tokenizer ? 'texts' : 'images';
  // With several models they are read once for each.
  const which = { labels, labelled: 'where-there-are', reads: 'often' } as const;
  const inliers = await openForClassifier(classifier, what, paths, which, run);
  if (!inliers.labels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${inliers.name}" has no labels, without which no error can be measured: give ${
        classifier.tokenizer
          ? 'a table with a column of labels before the texts (--label-column says which), a file of them with --labels (a label a line)'
          : 'a file of them with --labels (.npy, .csv, .json, or text with a label a line)'
      }, or a folder with a folder for each class.`,
    );
  }
  const outlierSets: ExampleSet[] = [];
  for (const { name, path } of sets) {
    const outliers = { name, labelled: 'none', reads: 'often' } as const;
    outlierSets.push(await openForClassifier(classifier, name, path, outliers, run));
  }
  return { inliers, outlierSets };
}

/** The test sets of `oe eval`: opened for the classifier that is to see them. */
import { type ExampleSet, isEncodedText, TOKENIZER_KEY, type Tokenizer } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { OnProgress } from '../experiments/index.ts';
import type { Classifier } from './models.ts';
import { openSet, refuseImageOptions, type SetOptions } from './sets.ts';
import { checkKnown, encoded, openTexts, refuseTextOptions, type TextSetOptions } from './text-sets.ts';

export interface EvalSetsRun {
  options: SetOptions & TextSetOptions & { in: string[]; labels?: string; split: string };
  signal: AbortSignal;
  onProgress: OnProgress;
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
 * @param opened gets those that are to be closed
 * @throws OutlierExposureError without labels, or when the model knows no word of its own texts
 */
export async function openTestSets(
  classifier: Classifier,
  sets: readonly { name: string; path: string }[],
  run: EvalSetsRun,
  opened: ExampleSet[],
): Promise<OpenedSets> {
  const { tokenizer } = classifier;
  const open = tokenizer
    ? textOpener({ ...classifier, tokenizer }, run)
    : imageOpener(classifier, run, opened);
  const inliers = await open('in', run.options.in);
  if (!inliers.labels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${inliers.name}" has no labels, without which no error can be measured: give ${
        tokenizer
          ? 'a table with a column of labels before the texts (--label-column says which), a file of them with --labels (a label a line)'
          : 'a file of them with --labels (.npy, .csv, .json, or text with a label a line)'
      }, or a folder with a folder for each class.`,
    );
  }
  const outlierSets: ExampleSet[] = [];
  for (const { name, path } of sets) outlierSets.push(await open(name, path));
  return { inliers, outlierSets };
}

/** Opens the in-distribution set as `in`, and others by their names. */
type OpenNamed = (name: string, paths: string | string[]) => Promise<ExampleSet>;

function imageOpener(
  { shape }: Classifier,
  { options, signal, onProgress }: EvalSetsRun,
  opened: ExampleSet[],
): OpenNamed {
  refuseTextOptions(options);
  return async (name, paths) => {
    const { layout, resize, split, labels } = options;
    const how = { layout, resize, shape, split, signal, onProgress };
    const source = await (name === 'in'
      ? openSet('images', paths, { ...how, labels })
      : openSet(name, paths, { ...how, name }));
    opened.push(source);
    return source;
  };
}

function textOpener(
  { tokenizer, classNames }: Classifier & { tokenizer: Tokenizer },
  { options, signal, onProgress }: EvalSetsRun,
): OpenNamed {
  refuseImageOptions(options);
  const { textFormat, textColumn, labelColumn, labels, labelKind = 'fine', encoding, split } = options;
  const { maxTokens } = tokenizer;
  return async (name, paths) => {
    const how = { encoding, split, maxTokens, signal, onProgress };
    const source = await (name === 'in'
      ? openTexts('texts', paths, {
          ...how,
          textFormat,
          textColumn,
          labelColumn,
          labelsFrom: labels,
          labels: labelKind,
          classes: classNames,
        })
      : openTexts(name, paths, { ...how, name, labels: 'none' }));
    const set = encoded(source, tokenizer, { signal });
    // Of outliers it would be no mistake.
    if (name === 'in') checkKnown(set);
    return set;
  };
}

/** Labels that the model cannot answer would count as errors. */
export function checkLabels(set: ExampleSet, { path, classes }: Classifier): void {
  const { name, labels } = set;
  const wrong = labels!.findIndex((label) => label < 0 || (classes !== undefined && label >= classes));
  if (wrong < 0) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `${isEncodedText(set) ? 'Text' : 'Image'} ${wrong} of "${name}" has the label ${labels![wrong]}, but the ${classes ?? ''} classes of ${path} are numbered from 0${classes === undefined ? '' : ` to ${classes - 1}`}: check that model and labels belong together.`,
  );
}

/** Sets of images or texts, opened for the classifier that is to see them. */
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { OnProgress } from '../experiments/index.ts';
import type { Classifier } from './models.ts';
import { openSet, refuseImageOptions, type SetOptions } from './sets.ts';
import { checkKnown, encoded, openTexts, refuseTextOptions, type TextSetOptions } from './text-sets.ts';

export interface OpenSetsRun {
  options: SetOptions & TextSetOptions & { split?: string | undefined };
  signal: AbortSignal;
  onProgress: OnProgress;
  /** Gets the sets that are to be closed. */
  opened: ExampleSet[];
}

export interface WhichSet {
  /** A file of labels. */
  labels?: string | undefined;
  /** Whether labels that stand in the data are read; `none` for outliers. */
  labelled: 'where-there-are' | 'none';
  /** What the set is called; default: as its files are. */
  name?: string | undefined;
  /** Whether images are read more than once, and so kept decoded where they fit into memory. Default once. */
  reads?: 'once' | 'often';
}

/**
 * Opens a set, in the shape or the numbers that the classifier takes.
 *
 * @param what what progress calls it
 * @throws OutlierExposureError when it cannot be read, is of the wrong kind, or has labels that are no classes of the model
 */
export async function openForClassifier(
  classifier: Classifier,
  what: string,
  paths: string | string[],
  { labels, labelled, name, reads = 'once' }: WhichSet,
  { options, signal, onProgress, opened }: OpenSetsRun,
): Promise<ExampleSet> {
  const { tokenizer, shape, classNames } = classifier;
  const { layout, resize, split, textFormat, textColumn, labelColumn, labelKind, encoding } = options;
  const named = name === undefined ? {} : { name };
  let set: ExampleSet;
  if (tokenizer) {
    refuseImageOptions({ layout });
    const of =
      labelled === 'none'
        ? {}
        : { textFormat, textColumn, labelColumn, labelsFrom: labels, classes: classNames };
    const kind = labelled === 'none' ? 'none' : (labelKind ?? 'fine');
    const how = { ...of, encoding, split, ...named, maxTokens: tokenizer.maxTokens, signal, onProgress };
    set = encoded(await openTexts(what, paths, { ...how, labels: kind }), tokenizer, { signal });
    if (labelled !== 'none') checkKnown(set);
  } else {
    refuseTextOptions(options);
    const kept = reads === 'once' ? { memory: 0 } : {};
    set = await openSet(what, paths, {
      layout,
      resize,
      shape,
      labels,
      split,
      ...named,
      ...kept,
      signal,
      onProgress,
    });
  }
  opened.push(set);
  if (labelled !== 'none' && set.labels) checkLabels(set, classifier);
  return set;
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

/** Lets go of what was opened. */
export async function closeSets(opened: readonly ExampleSet[]): Promise<void> {
  for (const set of opened) if (!isEncodedText(set)) await set.close?.();
}

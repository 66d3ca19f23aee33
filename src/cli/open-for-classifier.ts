/** Sets of images or texts, opened for the classifier that is to see them. */
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import type { OnProgress } from '../experiments/index.ts';
import { checkLabels } from './eval-sets.ts';
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
}

/**
 * Opens a set under a name, in the shape or the numbers that the classifier takes.
 *
 * @throws OutlierExposureError when it cannot be read, is of the wrong kind, or has labels that are no classes of the model
 */
export async function openForClassifier(
  classifier: Classifier,
  name: string,
  paths: string | string[],
  { labels, labelled }: WhichSet,
  { options, signal, onProgress, opened }: OpenSetsRun,
): Promise<ExampleSet> {
  const { tokenizer, shape, classNames } = classifier;
  const { layout, resize, split, textFormat, textColumn, labelColumn, labelKind, encoding } = options;
  let set: ExampleSet;
  if (tokenizer) {
    refuseImageOptions({ layout });
    const of =
      labelled === 'none'
        ? {}
        : { textFormat, textColumn, labelColumn, labelsFrom: labels, classes: classNames };
    const kind = labelled === 'none' ? 'none' : (labelKind ?? 'fine');
    const how = { ...of, encoding, split, name, maxTokens: tokenizer.maxTokens, signal, onProgress };
    set = encoded(await openTexts(name, paths, { ...how, labels: kind }), tokenizer, { signal });
    if (labelled !== 'none') checkKnown(set);
  } else {
    refuseTextOptions(options);
    set = await openSet(name, paths, {
      layout,
      resize,
      shape,
      labels,
      split,
      name,
      memory: 0,
      signal,
      onProgress,
    });
  }
  opened.push(set);
  if (labelled !== 'none' && set.labels) checkLabels(set, classifier);
  return set;
}

/** Lets go of what was opened. */
export async function closeSets(opened: readonly ExampleSet[]): Promise<void> {
  for (const set of opened) if (!isEncodedText(set)) await set.close?.();
}

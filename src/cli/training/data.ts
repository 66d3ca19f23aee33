/** The data of a training run: opened, checked, and parted for validation. */
import type { SharedSettings } from '../../config/index.ts';
import { type ExampleSet, type ImageShape, type ImageSource, subset } from '../../data/index.ts';
import { madeSet } from '../../data/synthetic-outliers/made-set.ts';
import { OutlierExposureError } from '../../errors.ts';
import { makeImages } from '../../experiments/data/made.ts';
import type { OnProgress } from '../../experiments/index.ts';
import { openSet } from '../sets.ts';
import { checkValidation, heldOut } from './held-out.ts';

export interface TrainingData<Set extends ExampleSet = ExampleSet> {
  inliers: Labelled<Set>;
  outliers?: Set;
  validation?: Labelled<Set>;
}

type Labelled<Set> = Set & { labels: Int32Array };

/** Opens images, with a run's settings. */
export type Open = (
  what: string,
  paths: string | readonly string[],
  options: { labels?: string | undefined; split?: string | undefined },
) => Promise<ImageSource>;

/** What is needed to make a start. */
export interface StartContext {
  /** Opens sets, brought to a shape. */
  opener(shape: ImageShape | undefined): Open;
  signal: AbortSignal;
  onProgress: OnProgress;
}

/** A way to open sets with a run's settings, which keeps them in `opened`, to be closed. */
export function opener(
  settings: Pick<SharedSettings, 'layout' | 'resize'>,
  {
    shape,
    signal,
    onProgress,
    opened,
  }: {
    shape: ImageShape | undefined;
    signal: AbortSignal;
    onProgress: OnProgress;
    opened: ImageSource[];
  },
): Open {
  return async (what, paths, { labels, split }) => {
    const { layout, resize } = settings;
    const source = await openSet(what, paths, { layout, resize, shape, labels, split, signal, onProgress });
    opened.push(source);
    return source;
  };
}

/**
 * Opens what a run trains on, measures on, and is exposed to.
 *
 * @throws OutlierExposureError without labels, or when nothing is left to train on
 */
export async function openTrainingData(
  settings: SharedSettings,
  { shape, opener, ...run }: StartContext & { shape: ImageShape | undefined },
): Promise<TrainingData<ImageSource>> {
  checkValidation(settings);
  const open = opener(shape);
  const split = settings.split ?? 'train';
  const all = labelled(await open('images', settings.in, { labels: settings.labels, split }), '--labels');
  const { trainSize, seed } = settings;
  const taken =
    trainSize === undefined || trainSize >= all.length
      ? all
      : labelled(subset(all, trainSize, { seed }), '--labels');
  const { kept, held } = heldOut(taken, settings);
  const chosen = (indices: Uint32Array) => labelled(subset(taken, indices), '--labels');
  const data: TrainingData<ImageSource> = { inliers: kept ? chosen(kept) : taken };
  if (held) data.validation = chosen(held);
  if (settings.validation !== undefined) {
    const validation = await open('validation images', settings.validation, {
      labels: settings.validationLabels,
    });
    data.validation = labelled(validation, '--validation-labels');
  }
  if (settings.outliers !== undefined) {
    const made = madeSet(settings.outliers);
    data.outliers = made
      ? await makeImages(made, data.inliers, { ...run, seed })
      : await open('outliers', settings.outliers, { split });
  }
  return data;
}

function labelled(source: ImageSource, flag: string): Labelled<ImageSource> {
  if (source.labels) return source as Labelled<ImageSource>;
  throw new OutlierExposureError(
    'invalid-argument',
    `"${source.name}" has no labels: give a file of them with ${flag} (.npy, .csv, .json, or text with a label a line), or a folder with a folder for each class.`,
  );
}

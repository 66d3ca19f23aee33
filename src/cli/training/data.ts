/** The data of a training run: opened, checked, and parted for validation. */
import type { SharedSettings } from '../../config/index.ts';
import { type ImageShape, type ImageSource, subset } from '../../data/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import type { OnProgress } from '../../experiments/index.ts';
import { Random } from '../../random.ts';
import { openSet } from '../sets.ts';

export interface TrainingData {
  inliers: ImageSource & { labels: Int32Array };
  outliers?: ImageSource;
  validation?: ImageSource & { labels: Int32Array };
}

/** Opens images, with a run's settings. */
export type Open = (
  what: string,
  paths: string | readonly string[],
  options: { labels?: string | undefined; split?: string | undefined },
) => Promise<ImageSource>;

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
export async function openTrainingData(settings: SharedSettings, open: Open): Promise<TrainingData> {
  if (settings.validation !== undefined && settings.validationSplit > 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      'Give either --validation, images to measure the error on, or --validation-split, a share of the training images, not both.',
    );
  }
  const split = settings.split ?? 'train';
  const all = labelled(await open('images', settings.in, { labels: settings.labels, split }), '--labels');
  const { trainSize, seed } = settings;
  const taken =
    trainSize === undefined || trainSize >= all.length
      ? all
      : labelled(subset(all, trainSize, { seed }), '--labels');
  const { inliers, held } = part(taken, settings);
  const data: TrainingData = { inliers };
  if (held) data.validation = held;
  if (settings.validation !== undefined) {
    const validation = await open('validation images', settings.validation, {
      labels: settings.validationLabels,
    });
    data.validation = labelled(validation, '--validation-labels');
  }
  if (settings.outliers !== undefined) {
    data.outliers = await open('outliers', settings.outliers, { split });
  }
  return data;
}

function labelled(source: ImageSource, flag: string): ImageSource & { labels: Int32Array } {
  if (source.labels) return source as ImageSource & { labels: Int32Array };
  throw new OutlierExposureError(
    'invalid-argument',
    `"${source.name}" has no labels: give a file of them with ${flag} (.npy, .csv, .json, or text with a label a line), or a folder with a folder for each class.`,
  );
}

/** Holds out a share of the images, drawn by the seed; both parts keep their order. */
function part(
  source: ImageSource & { labels: Int32Array },
  { validationSplit, seed }: Pick<SharedSettings, 'validationSplit' | 'seed'>,
): { inliers: TrainingData['inliers']; held?: TrainingData['inliers'] } {
  if (validationSplit === 0) return { inliers: source };
  const count = Math.round(source.length * validationSplit);
  if (count === 0 || count === source.length) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A share of ${validationSplit} of the ${source.length} images of "${source.name}" is ${count === 0 ? 'none' : 'all'} of them: choose another --validation-split.`,
    );
  }
  const order = Random.from(seed, 'validation split').permutation(source.length);
  const chosen = (from: number, to?: number) =>
    labelled(subset(source, order.slice(from, to).sort()), '--labels');
  return { inliers: chosen(count), held: chosen(0, count) };
}

/** The texts of a training run: opened, parted for validation, and turned into numbers. */
import type { SharedSettings } from '../../config/index.ts';
import {
  type EncodedText,
  makeOutliers,
  selectTexts,
  type TextSource,
  type Tokenizer,
} from '../../data/index.ts';
import { madeSet } from '../../data/synthetic-outliers/made-set.ts';
import { OutlierExposureError } from '../../errors.ts';
import type { OnProgress } from '../../experiments/index.ts';
import { Random } from '../../random.ts';
import { checkKnown, encoded, openTexts } from '../text-sets.ts';
import type { TrainingData } from './data.ts';
import { checkValidation, heldOut } from './held-out.ts';

export interface TrainingTexts {
  inliers: TextSource & { labels: Int32Array };
  outliers?: TextSource;
  validation?: TextSource & { labels: Int32Array };
}

interface Run {
  signal: AbortSignal;
  onProgress: OnProgress;
}

/**
 * Opens what a run trains on, measures on, and is exposed to.
 *
 * @param classes of the model that is trained further, in its order; default: those of the training texts
 * @param maxTokens words of a text to keep
 * @throws OutlierExposureError without labels, or when nothing is left to train on
 */
export async function openTrainingTexts(
  settings: SharedSettings,
  {
    classes,
    maxTokens,
    ...run
  }: Run & { classes?: readonly string[] | undefined; maxTokens?: number | undefined },
): Promise<TrainingTexts> {
  checkValidation(settings);
  const { seed, trainSize, textFormat, textColumn, labelColumn, encoding, labelKind } = settings;
  const split = settings.split ?? 'train';
  const how = { textFormat, textColumn, labelColumn, encoding, labels: labelKind, maxTokens, ...run };
  const labelsFrom = settings.labels;
  const all = labelled(await openTexts('texts', settings.in, { ...how, labelsFrom, split, classes }));
  const taken =
    trainSize === undefined || trainSize >= all.length
      ? all
      : labelled(
          selectTexts(all, Random.from(seed, 'subset').permutation(all.length).slice(0, trainSize).sort()),
        );
  const { kept, held } = heldOut(taken, settings);
  const data: TrainingTexts = { inliers: kept ? labelled(selectTexts(taken, kept)) : taken };
  if (held) data.validation = labelled(selectTexts(taken, held));
  if (settings.validation !== undefined) {
    data.validation = labelled(
      await openTexts('validation texts', settings.validation, {
        ...how,
        labelsFrom: settings.validationLabels,
        classes: all.classNames,
      }),
    );
  }
  if (settings.outliers !== undefined) {
    const others = { encoding, labels: 'none' as const, split, maxTokens, ...run };
    const made = madeSet(settings.outliers);
    data.outliers = made
      ? makeOutliers(data.inliers, made.kind, {
          seed,
          corpus: made.corpus === undefined ? undefined : await openTexts('words', made.corpus, others),
        })
      : await openTexts('outliers', settings.outliers, others);
  }
  return data;
}

/** The same in numbers. */
export function encodedData(
  { inliers, outliers, validation }: TrainingTexts,
  tokenizer: Tokenizer,
  run: Run,
): TrainingData<EncodedText> {
  const stage = 'Turn words into numbers';
  run.onProgress({ stage, done: 0, total: 1 });
  const encode = <Source extends TextSource>(source: Source) =>
    encoded(source, tokenizer, run) as EncodedText & Pick<Source, 'labels'>;
  const data: TrainingData<EncodedText> = {
    inliers: encode(inliers),
    ...(outliers ? { outliers: encode(outliers) } : {}),
    ...(validation ? { validation: encode(validation) } : {}),
  };
  checkKnown(data.inliers);
  run.onProgress({ stage, done: 1, total: 1 });
  return data;
}

function labelled(source: TextSource): TextSource & { labels: Int32Array } {
  if (source.labels) return source as TextSource & { labels: Int32Array };
  throw new OutlierExposureError(
    'invalid-argument',
    `"${source.name}" has no labels: give a table with a column of labels before the texts (--label-column says which), a file of them with --labels (a label a line), or a folder with a folder for each class.`,
  );
}

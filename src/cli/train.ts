/** `oe train`: trains a network on the user's own images or texts, with Outlier Exposure where there are outliers. */
import { Command } from 'commander';
import type { ResolvedSettings } from '../config/index.ts';
import {
  buildVocabulary,
  channelStatistics,
  createTokenizer,
  type ExampleSet,
  type ImageShape,
  type ImageSource,
  PAD_ID,
  whitespaceTokenizer,
  withTokenizer,
} from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { CLASS_NAMES } from '../guard/index.ts';
import { architecture, buildNetwork, gruClassifier, type Normalization } from '../nn/index.ts';
import type { Model } from '../onnx/index.ts';
import { openTrainingData, type StartContext } from './training/data.ts';
import { addFlags, type RunFlags, settingsFrom } from './training/flags.ts';
import { forObjective } from './training/prepare.ts';
import { runTraining, type Start } from './training/run.ts';
import { encodedData, openTrainingTexts } from './training/texts.ts';

export function trainCommand(): Command {
  return addFlags(
    new Command('train').description(
      'Train a network from scratch on your own images or texts; with outliers given, by Outlier Exposure.',
    ),
    'train',
  )
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe train --arch wrn-16-2 --in images.npy --labels labels.npy --outliers tiny.npy --augment crop-flip --out model.onnx\n  $ oe train --arch resnet-20 --in photos/ --epochs 30 --validation-split 0.1 --out model.onnx --resume\n  $ oe train --arch gru --in questions.tsv --outliers wiki.txt.gz --validation-split 0.1 --out model.onnx\n  $ oe train --arch convnet --in digits/ --outliers others/ --objective confidence-branch --out branch.onnx\n\nEvery setting may come from a file (--config run.yaml); docs/configuration.md lists them.',
    )
    .action(async (options: RunFlags) => {
      const settings = await settingsFrom('train', options, ({ arch }) =>
        arch === GRU ? 'texts' : 'images',
      );
      await runTraining('train', settings, options, async (context) => {
        const begin = settings.arch === GRU ? startOnTexts : startOnImages;
        const start = await begin(settings, context);
        return { ...start, model: forObjective(start.model, settings) };
      });
    });
}

/** The network for texts. */
const GRU = 'gru';

async function startOnImages(settings: ResolvedSettings<'train'>, context: StartContext): Promise<Start> {
  const shape = shapeOf(settings);
  const data = await openTrainingData(settings, { ...context, shape });
  const classes = classesOf(settings, data.inliers);
  const normalize = await normalizationFor(settings, data.inliers, context);
  const model = buildNetwork(settings.arch, {
    seed: settings.seed,
    classes,
    channels: shape[0],
    side: shape[1],
    ...(normalize ? { normalize } : {}),
    ...(settings.dropout === undefined ? {} : { dropRate: settings.dropout }),
  });
  nameClasses(model, data.inliers, classes);
  return { model, data, classes };
}

async function startOnTexts(settings: ResolvedSettings<'train'>, context: StartContext): Promise<Start> {
  const { seed, maxTokens, vocabulary: size, letters } = settings;
  const texts = await openTrainingTexts(settings, { ...context, maxTokens });
  const classes = classesOf(settings, texts.inliers);
  const words = whitespaceTokenizer({ lowerCase: letters === 'lower' });
  const vocabulary = buildVocabulary(texts.inliers, { size, words, maxTokens });
  const tokenizer = createTokenizer({ vocabulary, words, maxTokens });
  const data = encodedData(texts, tokenizer, context);
  const network = gruClassifier({ seed, vocabulary: vocabulary.size, classes, padding: PAD_ID });
  const model = withTokenizer(network, tokenizer);
  nameClasses(model, texts.inliers, classes);
  return { model, data, classes };
}

function nameClasses(model: Model, { classNames }: Pick<ExampleSet, 'classNames'>, classes: number): void {
  if (classNames?.length === classes) model.metadata.set(CLASS_NAMES, JSON.stringify(classNames));
}

/** What images are brought to: the network's own shape, unless told otherwise. */
function shapeOf({ arch, side, colour }: ResolvedSettings<'train'>): ImageShape {
  const own = architecture(arch);
  const channels = colour === undefined ? own.channels : colour === 'gray' ? 1 : 3;
  return [channels, side ?? own.side, side ?? own.side];
}

function classesOf(
  { classes }: ResolvedSettings<'train'>,
  { name, labels, classNames }: Pick<ExampleSet, 'name' | 'classNames'> & { labels: Int32Array },
): number {
  if (classes !== undefined) return classes;
  const found = Math.max(
    classNames?.length ?? 0,
    labels.reduce((most, label) => Math.max(most, label), 0) + 1,
  );
  if (found >= 2) return found;
  throw new OutlierExposureError(
    'invalid-argument',
    `All examples of "${name}" have the same label, but a classifier tells at least 2 classes apart: check the labels.`,
  );
}

async function normalizationFor(
  { normalize, mean, std }: ResolvedSettings<'train'>,
  inliers: ImageSource,
  { signal, onProgress }: StartContext,
): Promise<Normalization | undefined> {
  if (normalize === 'none') {
    if (mean === undefined && std === undefined) return undefined;
    throw new OutlierExposureError(
      'invalid-argument',
      '--normalize none leaves no use for --mean and --std: leave the one or the others out.',
    );
  }
  if (mean && std) return { mean, std };
  const measured = await channelStatistics(inliers, {
    signal,
    onProgress: (done, total) => onProgress({ stage: 'Measure mean and deviation', done, total }),
  });
  return { mean: mean ?? measured.mean, std: std ?? measured.std };
}

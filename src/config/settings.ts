/**
 * Every setting of a training run, once: its kind, what it is for, and its defaults. The schema of configuration files,
 * the flags of `oe train` and `oe tune` with their help, and docs/configuration.md all derive from this.
 */
import { z } from 'zod';
import { TEXT_FORMATS } from '../data/index.ts';
import { ARCHITECTURE_NAMES } from '../nn/index.ts';
import {
  choice,
  file,
  type Kind,
  notNegative,
  numbersOf,
  paths,
  percentagePoints,
  positive,
  share,
  text,
  wholeNumber,
} from './kinds.ts';

export type TrainingCommand = 'train' | 'tune';
/** What a classifier is trained on. */
export type ExampleKind = 'images' | 'texts';

export const GROUPS = {
  model: 'The model',
  data: 'The data',
  training: 'The training',
  output: 'What comes out',
} as const;

export interface Setting {
  kind: Kind;
  group: keyof typeof GROUPS;
  description: string;
  /** Which command takes it. Default: both. */
  only?: TrainingCommand;
  /** Which examples it is for. Default: both. */
  of?: ExampleKind;
  /** The value where none is given: one for both commands, or one for each. */
  default?: string | number | Readonly<Record<TrainingCommand, string | number>>;
  /** The value for texts where none is given; default: as for images. */
  texts?: string | number | Readonly<Record<TrainingCommand, string | number>>;
  /** What happens where none is given, when that is no fixed value. */
  otherwise?: string;
  /** Without it the command does not start. */
  required?: 'both' | TrainingCommand;
}

/** Keeps the types of a setting's values, and which parts it has. */
const setting = <const S extends Setting>(each: S): S => each;
const AUGMENTATIONS = choice(['none', 'flip', 'crop', 'crop-flip']);

export const settings = {
  arch: setting({
    kind: text,
    group: 'model',
    only: 'train',
    required: 'train',
    description: `the network: ${ARCHITECTURE_NAMES.join(', ')} for images, gru for texts`,
  }),
  model: setting({
    kind: file,
    group: 'model',
    only: 'tune',
    required: 'tune',
    description: 'the trained classifier (.onnx), from images or texts to logits',
  }),
  classes: setting({
    kind: wholeNumber(2),
    group: 'model',
    only: 'train',
    description: 'how many classes the network tells apart',
    otherwise: 'as many as the labels have',
  }),
  dropout: setting({
    kind: share,
    group: 'model',
    of: 'images',
    only: 'train',
    description: 'the share of activations that is dropped while training',
    otherwise: "the network's own",
  }),
  normalize: setting({
    kind: choice(['data', 'none']),
    group: 'model',
    of: 'images',
    only: 'train',
    default: 'data',
    description:
      'whether the network subtracts the mean of the training images and divides by their deviation, channel by channel; the model does it by itself afterwards',
  }),
  mean: setting({
    kind: numbersOf(z.number(), 'a list of numbers, one for each channel'),
    group: 'model',
    of: 'images',
    only: 'train',
    description: 'the mean of each channel, with pixels from 0 to 1, in place of the measured one',
    otherwise: 'measured',
  }),
  std: setting({
    kind: numbersOf(z.number().positive(), 'a list of numbers above 0, one for each channel'),
    group: 'model',
    of: 'images',
    only: 'train',
    description: 'the standard deviation of each channel, in place of the measured one',
    otherwise: 'measured',
  }),
  in: setting({
    kind: paths,
    group: 'data',
    required: 'both',
    description: 'the training images or texts: files, folders or archives, taken one after the other',
  }),
  labels: setting({
    kind: file,
    group: 'data',
    of: 'images',
    description: 'their labels, 0 to classes − 1',
    otherwise: 'those inside the data, or the names of folders',
  }),
  outliers: setting({
    kind: paths,
    group: 'data',
    required: 'tune',
    description:
      'images or texts of anything else (D_out^OE), which the model learns to be unsure about; keep test sets out of them',
  }),
  trainSize: setting({
    kind: wholeNumber(1, '<examples>'),
    group: 'data',
    description: 'take only so many of the training examples, drawn by the seed',
    otherwise: 'all',
  }),
  validation: setting({
    kind: paths,
    group: 'data',
    description: 'labelled examples that the error is measured on, beside training',
  }),
  validationLabels: setting({
    kind: file,
    group: 'data',
    of: 'images',
    description: 'the labels of the validation images',
  }),
  validationSplit: setting({
    kind: share,
    group: 'data',
    default: 0,
    description:
      'the share of the training examples that is held out, chosen by the seed, to measure the error on',
  }),
  split: setting({
    kind: text,
    group: 'data',
    description: 'which part of sets that come in parts: train, test, extra, …',
    otherwise: 'train',
  }),
  layout: setting({
    kind: choice(['nhwc', 'nchw']),
    group: 'data',
    of: 'images',
    description: 'whether channels stand last or first in arrays of images',
    otherwise: 'told from the shape',
  }),
  resize: setting({
    kind: choice(['fit', 'stretch']),
    group: 'data',
    of: 'images',
    default: 'fit',
    description: "how images of another size are brought to the model's: cut to its shape, or stretched",
  }),
  side: setting({
    kind: wholeNumber(1, '<pixels>'),
    group: 'data',
    of: 'images',
    only: 'train',
    description: 'the height and width to which images are brought',
    otherwise: "the network's own: 28 for convnet, 224 for resnet-18, else 32",
  }),
  colour: setting({
    kind: choice(['gray', 'rgb']),
    group: 'data',
    of: 'images',
    only: 'train',
    description: 'whether images are brought to one channel or to three',
    otherwise: "the network's own: gray for convnet, else rgb",
  }),
  vocabulary: setting({
    kind: wholeNumber(1, '<words>'),
    group: 'data',
    of: 'texts',
    only: 'train',
    default: 10_000,
    description: 'how many words the network knows: the most frequent ones of the training texts',
  }),
  maxTokens: setting({
    kind: wholeNumber(1, '<words>'),
    group: 'data',
    of: 'texts',
    only: 'train',
    default: 100,
    description: 'how many words of a text count, its first ones; the model keeps to it afterwards',
  }),
  letters: setting({
    kind: choice(['lower', 'as-they-are']),
    group: 'data',
    of: 'texts',
    only: 'train',
    default: 'lower',
    description: 'whether words are made lower case',
  }),
  textFormat: setting({
    kind: choice(TEXT_FORMATS),
    group: 'data',
    of: 'texts',
    description: "the format of the training texts' files (docs/text-data.md)",
    otherwise: 'told by the name and the first lines',
  }),
  textColumn: setting({
    kind: text,
    group: 'data',
    of: 'texts',
    description: 'the column of the training texts, by its name, or by its number from 0 on',
    otherwise: 'told by its name, or by the number of columns',
  }),
  labelColumn: setting({
    kind: text,
    group: 'data',
    of: 'texts',
    description: 'the column of their labels',
    otherwise: 'told likewise',
  }),
  labelKind: setting({
    kind: choice(['fine', 'coarse', 'binary']),
    group: 'data',
    of: 'texts',
    default: 'fine',
    description:
      'which labels texts get: their own, what stands before the colon in them, or sentiments from 0 to 4 as negative and positive',
  }),
  encoding: setting({
    kind: choice(['utf-8', 'latin1']),
    group: 'data',
    of: 'texts',
    default: 'utf-8',
    description: 'how the bytes of files of texts are read',
  }),
  epochs: setting({
    kind: wholeNumber(1),
    group: 'training',
    default: { train: 100, tune: 10 },
    texts: { train: 5, tune: 2 },
    description: 'how often every training example is seen',
  }),
  learningRate: setting({
    kind: positive,
    group: 'training',
    default: { train: 0.1, tune: 0.001 },
    texts: 0.01,
    description: 'the learning rate at the start',
  }),
  schedule: setting({
    kind: choice(['cosine', 'cosine-by-epoch', 'constant']),
    group: 'training',
    default: 'cosine',
    texts: 'cosine-by-epoch',
    description:
      'how the learning rate goes on: down to 1e-6 along half a cosine, step by step; along a cosine, epoch by epoch; or not at all',
  }),
  optimizer: setting({
    kind: choice(['sgd', 'adam']),
    group: 'training',
    default: 'sgd',
    texts: 'adam',
    description: 'stochastic gradient descent with Nesterov momentum, or Adam',
  }),
  momentum: setting({
    kind: share,
    group: 'training',
    default: 0.9,
    description: "SGD's momentum",
  }),
  weightDecay: setting({
    kind: notNegative,
    group: 'training',
    default: 5e-4,
    texts: 0,
    description: 'the L2 penalty on the weights',
  }),
  lambda: setting({
    kind: notNegative,
    group: 'training',
    default: 0.5,
    texts: 1,
    description: "the weight of the outliers' term in the loss",
  }),
  maxErrorIncrease: setting({
    of: 'images',
    kind: percentagePoints,
    group: 'training',
    only: 'tune',
    description:
      'how many percentage points more of the held-out images the tuned classifier may get wrong; of two tunings the best detector within this budget is kept (docs/accuracy-budget.md)',
    otherwise: 'no budget: one tuning, whatever it costs',
  }),
  batch: setting({
    kind: wholeNumber(1, '<examples>'),
    group: 'training',
    default: 128,
    texts: 64,
    description: 'training examples a step; the last, smaller batch of an epoch is left out',
  }),
  outlierBatch: setting({
    kind: wholeNumber(1, '<examples>'),
    group: 'training',
    default: 256,
    texts: 64,
    description: 'outliers a step',
  }),
  outlierOrder: setting({
    kind: choice(['local', 'shuffled']),
    group: 'training',
    default: 'local',
    texts: 'shuffled',
    description:
      "outliers in their set's own order from a random place on, anew each epoch, which suits files larger than memory; or in random order",
  }),
  augment: setting({
    kind: AUGMENTATIONS,
    group: 'training',
    of: 'images',
    default: 'none',
    description:
      'random changes of the training images: mirrored left to right, cropped from a frame around them, or both (the paper on CIFAR); do not mirror letters or digits',
  }),
  outlierAugment: setting({
    kind: AUGMENTATIONS,
    group: 'training',
    of: 'images',
    description: 'random changes of the outliers',
    otherwise: 'as the training images',
  }),
  cropPadding: setting({
    kind: wholeNumber(0, '<pixels>'),
    group: 'training',
    of: 'images',
    description: "the width of the crop's black frame",
    otherwise: "an eighth of the images' shorter side",
  }),
  seed: setting({
    kind: wholeNumber(0, '<number>'),
    group: 'training',
    default: 1,
    description: 'decides the first weights, the order of the examples, their changes and the held out share',
  }),
  threads: setting({
    kind: wholeNumber(1),
    group: 'training',
    description: 'processor threads; the last bits of the weights depend on it',
    otherwise: 'all',
  }),
  out: setting({
    kind: file,
    group: 'output',
    required: 'both',
    description: 'where the model goes (.onnx); its record goes beside it (.training.json)',
  }),
};

export type SettingName = keyof typeof settings;
export type Settings = { [Name in SettingName]?: z.infer<(typeof settings)[Name]['kind']['schema']> };

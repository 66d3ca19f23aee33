/** Settings of the training itself. */
import { OBJECTIVES } from '../../objectives/index.ts';
import {
  anyNumber,
  choice,
  notNegative,
  patterns,
  percentagePoints,
  positive,
  share,
  wholeNumber,
} from '../kinds.ts';
import { setting } from '../setting.ts';

const AUGMENTATIONS = choice(['none', 'flip', 'crop', 'crop-flip']);

export const trainingSettings = {
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
  objective: setting({
    kind: choice(OBJECTIVES),
    group: 'training',
    default: 'outlier-exposure',
    description:
      'what is minimized: Outlier Exposure of the class probabilities; a confidence branch, energy bounds or a reject class, which have a score of their own (docs/trained-scores.md)',
  }),
  lambda: setting({
    kind: notNegative,
    group: 'training',
    default: 0.5,
    texts: 1,
    withObjective: { 'confidence-branch': 0.5, energy: 0.1, 'reject-class': 0.5 },
    description: "the weight of the outliers' term in the loss; of energy, of both bounds",
  }),
  confidenceBudget: setting({
    kind: positive,
    group: 'training',
    objective: 'confidence-branch',
    default: 0.3,
    description:
      'what the mean of −log b over the training examples is steered to: how often hints are asked for',
  }),
  leastConfidence: setting({
    kind: share,
    group: 'training',
    objective: 'confidence-branch',
    default: 0.001,
    description:
      'the confidence below which outliers pull no further; lower tells them apart better, and costs accuracy',
  }),
  inMargin: setting({
    kind: anyNumber,
    group: 'training',
    objective: 'energy',
    default: -23,
    description: 'training examples of a higher energy than this are penalized',
  }),
  outMargin: setting({
    kind: anyNumber,
    group: 'training',
    objective: 'energy',
    default: -5,
    description: 'outliers of a lower energy than this are penalized',
  }),
  freeze: setting({
    kind: patterns,
    group: 'training',
    description:
      'initializers that stay as they are, by name, * standing for any characters (docs/your-own-model.md); oe inspect --parameters lists the names',
    otherwise: 'none',
  }),
  batchNorm: setting({
    kind: choice(['stacked', 'inliers', 'frozen']),
    group: 'training',
    of: 'images',
    default: 'stacked',
    description:
      'what batch normalization takes its statistics from: training examples and outliers together, as in the paper, the training examples alone, or its running averages, which then stay as they are; a budget chooses by itself',
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
};

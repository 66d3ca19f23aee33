/**
 * CIFAR-10 and CIFAR-100: WRN-40-2, exposed to 80 Million Tiny Images; with confidence branches (Table 3) or synthetic
 * outliers (Table 4), WRN-40-4.
 */
import { randomCropAndFlip } from '../../data/index.ts';
import { loadVisionInliers, loadVisionOutliers, type VisionSets } from '../data/vision.ts';
import type { ImageDeclaration, ModelSettings } from '../declaration.ts';
import { publishedCifar10, publishedCifar100 } from '../published/index.ts';
import { branchSettings } from './branch-settings.ts';

const batch = { inliers: 128, outliers: 256 };
// The frame is black, as the authors' code leaves it: it crops before it normalizes.
const augmentation = randomCropAndFlip({ padding: 4 });

/** The channels' means and deviations over CIFAR's training images, of 255. */
const CIFAR = {
  mean: [125.3, 123.0, 113.9].map((value) => value / 255),
  std: [63.0, 62.1, 66.7].map((value) => value / 255),
};
/** What the well-known checkpoints of CIFAR ResNets (akamaster/pytorch_resnet_cifar10) were trained with. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

const sets = {
  outliers: ['tiny-images', 'tiny-images-300k', 'tiny-imagenet'],
  noise: ['gaussian', 'rademacher', 'blobs'],
  noiseRange: 'symmetric',
  alsoTests: ['scenes'],
} as const;

const tuned = { epochs: 10, learningRate: 0.001, batch };

const branch = branchSettings({ batch, augmentation, side: 16, fill: CIFAR.mean });

/** As Lee et al. (2018) train. */
const byAdam = {
  learningRate: 2e-4,
  optimizer: 'adam',
  falls: { factor: 0.1, behind: [0.6] },
  weightDecay: 0,
} as const;
const gan: ModelSettings = {
  epochs: 100,
  ...byAdam,
  batch: { inliers: 128, outliers: 128 },
  goesOn: { epochs: 10, ...byAdam },
};

const common = {
  examples: 'images',
  shape: [3, 32, 32],
  network: 'wrn-40-2',
  networkFor: { branch: 'wrn-40-4', gan: 'wrn-40-4' },
  normalization: CIFAR,
  noiseRange: sets.noiseRange,
  trainPart: 'drawn',
  training: {
    lambda: 0.5,
    weightDecay: 5e-4,
    augment: { inliers: augmentation, outliers: augmentation },
    models: {
      baseline: { epochs: 100, learningRate: 0.1, batch },
      'oe-tune': tuned,
      'oe-scratch': { epochs: 100, learningRate: 0.1, batch },
      branch,
      'branch-oe': tuned,
      gan,
      'gan-oe': tuned,
    },
  },
  quick: {
    trainSize: 5000,
    epochs: { baseline: 3, 'oe-tune': 1, 'oe-scratch': 3, branch: 3, 'branch-oe': 1, gan: 3, 'gan-oe': 1 },
    network: 'wrn-16-1',
  },
  n: 95,
  outRatio: 0.2,
} as const satisfies Partial<ImageDeclaration>;

const cifar10Sets: VisionSets = {
  ...sets,
  inliers: 'cifar10',
  tests: ['textures', 'svhn', 'places365', 'lsun', 'cifar100'],
  validation: { from: 'cifar100', content: 'pictures' },
};

export const cifar10: ImageDeclaration = {
  ...common,
  name: 'cifar10',
  description: 'photographs of 10 classes, WRN-40-2',
  title: 'CIFAR-10, exposed to outliers',
  subject: { one: 'CIFAR-10 picture', many: 'CIFAR-10 pictures' },
  classes: 10,
  training: { ...common.training, synthetic: { beta: 0.1, features: 64 } },
  published: publishedCifar10,
  checkpointNormalization: (network) => (/^resnet-(20|32|44|56|110)$/.test(network) ? IMAGENET : undefined),
  loadInliers: (request) => loadVisionInliers('cifar10', request),
  loadOutliers: (request) => loadVisionOutliers(cifar10Sets, request),
};

const cifar100Sets: VisionSets = {
  ...sets,
  inliers: 'cifar100',
  tests: ['textures', 'svhn', 'places365', 'lsun', 'cifar10'],
  validation: { from: 'cifar10', content: 'pictures' },
};

export const cifar100: ImageDeclaration = {
  ...common,
  name: 'cifar100',
  description: 'photographs of 100 classes, WRN-40-2',
  title: 'CIFAR-100, exposed to outliers',
  subject: { one: 'CIFAR-100 picture', many: 'CIFAR-100 pictures' },
  classes: 100,
  training: { ...common.training, synthetic: { beta: 1, features: 64 } },
  published: publishedCifar100,
  loadInliers: (request) => loadVisionInliers('cifar100', request),
  loadOutliers: (request) => loadVisionOutliers(cifar100Sets, request),
};

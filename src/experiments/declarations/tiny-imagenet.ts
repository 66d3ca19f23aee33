/**
 * Tiny ImageNet: WRN-40-2 at 64×64, exposed to ImageNet-22K without ImageNet-1K's classes; with confidence branches (Table 3),
 * WRN-40-4.
 */
import { randomCropAndFlip } from '../../data/index.ts';
import { loadVisionInliers, loadVisionOutliers, type VisionSets } from '../data/vision.ts';
import type { ImageDeclaration } from '../declaration.ts';
import { publishedTinyImagenet } from '../published/index.ts';
import { branchSettings } from './branch-settings.ts';

// As many outliers as fitted the authors' card.
const exposed = { inliers: 128, outliers: 180 };

const augmentation = randomCropAndFlip({ padding: 8 });
const normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const tuned = { epochs: 10, learningRate: 0.001, batch: exposed };

const sets: VisionSets = {
  inliers: 'tiny-imagenet',
  outliers: ['imagenet-22k'],
  noise: ['gaussian', 'rademacher', 'blobs'],
  noiseRange: 'symmetric',
  sigma: 2,
  tests: ['textures', 'svhn', 'places365', 'lsun', 'imagenet'],
  alsoTests: ['scenes'],
  validation: { from: 'tiny-imagenet', content: 'pictures' },
};

export const tinyImagenet: ImageDeclaration = {
  name: 'tiny-imagenet',
  description: 'photographs of 200 classes at 64×64, WRN-40-2',
  title: 'Tiny ImageNet, exposed to outliers',
  subject: { one: 'Tiny ImageNet picture', many: 'Tiny ImageNet pictures' },
  examples: 'images',
  shape: [3, 64, 64],
  classes: 200,
  network: 'wrn-40-2',
  networkFor: { branch: 'wrn-40-4' },
  normalization,
  noiseRange: sets.noiseRange,
  trainPart: 'drawn',
  training: {
    lambda: 0.5,
    weightDecay: 5e-4,
    augment: { inliers: augmentation },
    models: {
      baseline: { epochs: 100, learningRate: 0.1, batch: exposed },
      'oe-tune': tuned,
      'oe-scratch': { epochs: 100, learningRate: 0.1, batch: exposed },
      // The cutout is as large a part of the picture as CIFAR's: half of the side.
      branch: branchSettings({ batch: exposed, augmentation, side: 32, fill: normalization.mean }),
      'branch-oe': tuned,
    },
  },
  quick: {
    trainSize: 4000,
    epochs: { baseline: 2, 'oe-tune': 1, 'oe-scratch': 2, branch: 2, 'branch-oe': 1 },
    network: 'wrn-10-1',
  },
  n: 95,
  outRatio: 0.2,
  published: publishedTinyImagenet,
  loadInliers: (request) => loadVisionInliers('tiny-imagenet', request),
  loadOutliers: (request) => loadVisionOutliers(sets, request),
};

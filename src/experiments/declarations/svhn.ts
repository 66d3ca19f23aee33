/** SVHN: WRN-16-4 on pixels as they are, exposed to 80 Million Tiny Images. */
import { randomFlip } from '../../data/index.ts';
import { loadVisionInliers, loadVisionOutliers, type VisionSets } from '../data/vision.ts';
import type { ImageDeclaration } from '../declaration.ts';
import { publishedSvhn } from '../published/index.ts';

const batch = { inliers: 128, outliers: 256 };

const sets: VisionSets = {
  inliers: 'svhn',
  outliers: ['tiny-images', 'tiny-images-300k', 'tiny-imagenet'],
  noise: ['gaussian', 'bernoulli', 'blobs'],
  noiseRange: 'unit',
  tests: ['icons-50', 'textures', 'places365', 'lsun', 'cifar10', 'chars74k'],
  alsoTests: ['cifar100', 'scenes'],
  validation: { from: 'svhn', content: 'digits' },
};

export const svhn: ImageDeclaration = {
  name: 'svhn',
  description: 'house numbers, WRN-16-4',
  title: 'SVHN house numbers, exposed to outliers',
  subject: { one: 'house number', many: 'house numbers' },
  examples: 'images',
  shape: [3, 32, 32],
  classes: 10,
  network: 'wrn-16-4',
  noiseRange: sets.noiseRange,
  trainPart: 'drawn',
  training: {
    lambda: 0.5,
    weightDecay: 5e-4,
    // Digits are not mirrored.
    augment: { outliers: randomFlip() },
    models: {
      baseline: { epochs: 20, learningRate: 0.01, batch },
      'oe-tune': { epochs: 5, learningRate: 1e-4, batch },
      'oe-scratch': { epochs: 20, learningRate: 0.01, batch },
    },
  },
  quick: {
    trainSize: 5000,
    epochs: { baseline: 3, 'oe-tune': 1, 'oe-scratch': 3 },
    network: 'wrn-16-1',
  },
  n: 95,
  outRatio: 0.2,
  published: publishedSvhn,
  loadInliers: (request) => loadVisionInliers('svhn', request),
  loadOutliers: (request) => loadVisionOutliers(sets, request),
};

/** Tiny ImageNet: WRN-40-2 at 64×64, exposed to ImageNet-22K without ImageNet-1K's classes. */
import { randomCropAndFlip } from '../../data/index.ts';
import { loadVisionInliers, loadVisionOutliers, type VisionSets } from '../data/vision.ts';
import type { ImageDeclaration } from '../declaration.ts';
import { publishedTinyImagenet } from '../published/index.ts';

// As many outliers as fitted the authors' card.
const exposed = { inliers: 128, outliers: 180 };

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
  normalization: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  noiseRange: sets.noiseRange,
  trainPart: 'drawn',
  training: {
    lambda: 0.5,
    weightDecay: 5e-4,
    augment: { inliers: randomCropAndFlip({ padding: 8 }) },
    models: {
      baseline: { epochs: 100, learningRate: 0.1, batch: exposed },
      'oe-tune': { epochs: 10, learningRate: 0.001, batch: exposed },
      'oe-scratch': { epochs: 100, learningRate: 0.1, batch: exposed },
    },
  },
  quick: {
    trainSize: 4000,
    epochs: { baseline: 2, 'oe-tune': 1, 'oe-scratch': 2 },
    network: 'wrn-10-1',
  },
  n: 95,
  outRatio: 0.2,
  published: publishedTinyImagenet,
  loadInliers: (request) => loadVisionInliers('tiny-imagenet', request),
  loadOutliers: (request) => loadVisionOutliers(sets, request),
};

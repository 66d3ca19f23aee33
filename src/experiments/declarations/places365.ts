/** Places365: a ResNet-18 that others trained, fine-tuned with ImageNet-22K without ImageNet-1K's classes. */
import { loadVisionInliers, loadVisionOutliers, type VisionSets } from '../data/vision.ts';
import type { ImageDeclaration } from '../declaration.ts';
import { publishedPlaces365 } from '../published/index.ts';

// The paper gives the outliers' number alone; twice as many as inliers, as elsewhere.
const batch = { inliers: 256, outliers: 512 };

const sets: VisionSets = {
  inliers: 'places365',
  outliers: ['imagenet-22k'],
  noise: ['gaussian', 'rademacher', 'blobs'],
  noiseRange: 'symmetric',
  tests: ['icons-50', 'textures', 'svhn', 'imagenet', 'places69'],
  validation: { from: 'places365', content: 'pictures' },
};

export const places365: ImageDeclaration = {
  name: 'places365',
  description: 'scenes of 365 classes at 224×224, a trained ResNet-18 (--from)',
  title: 'Places365, exposed to outliers',
  subject: { one: 'scene', many: 'scenes' },
  examples: 'images',
  shape: [3, 224, 224],
  classes: 365,
  network: 'resnet-18',
  normalization: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  noiseRange: sets.noiseRange,
  trainPart: 'drawn',
  training: {
    lambda: 0.5,
    weightDecay: 5e-4,
    models: {
      baseline: { epochs: undefined, learningRate: 0.1, batch },
      'oe-tune': { epochs: 5, learningRate: 1e-4, batch },
      'oe-scratch': { epochs: undefined, learningRate: 0.1, batch },
    },
  },
  quick: {
    trainSize: 256,
    epochs: { baseline: 1, 'oe-tune': 1, 'oe-scratch': 1 },
    batch: { inliers: 16, outliers: 32 },
  },
  n: 95,
  outRatio: 0.2,
  published: publishedPlaces365,
  loadInliers: (request) => loadVisionInliers('places365', request),
  loadOutliers: (request) => loadVisionOutliers(sets, request),
};

/** MNIST: the paper's ConvNet, with all data from the install. */
import { loadMnistInliers, loadMnistOutliers } from '../data/mnist.ts';
import type { ImageDeclaration } from '../declaration.ts';
import { publishedMnist } from '../published/index.ts';

const settings = { learningRate: 0.01, batch: { inliers: 50, outliers: 100 } };

export const mnist: ImageDeclaration = {
  name: 'mnist',
  description: 'digits, a small ConvNet; all data come with the install',
  title: 'MNIST digits, exposed to outliers',
  subject: { one: 'digit', many: 'digits' },
  examples: 'images',
  shape: [1, 28, 28],
  classes: 10,
  network: 'convnet',
  noiseRange: 'unit',
  trainPart: 'first',
  training: {
    lambda: 0.5,
    weightDecay: 0,
    models: {
      baseline: { epochs: 10, ...settings },
      'oe-tune': { epochs: 5, ...settings },
      'oe-scratch': { epochs: 10, ...settings },
    },
  },
  quick: { trainSize: 10_000, epochs: { baseline: 5, 'oe-tune': 3, 'oe-scratch': 5 } },
  n: 95,
  outRatio: 0.2,
  published: () => publishedMnist,
  loadInliers: loadMnistInliers,
  loadOutliers: loadMnistOutliers,
};

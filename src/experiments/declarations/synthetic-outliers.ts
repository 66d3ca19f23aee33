/** The synthetic outliers of the paper's Table 4, at the scale of MNIST: a GAN's images, then real outliers on top. */
import type { ImageDeclaration } from '../declaration.ts';
import type { Published } from '../published/index.ts';
import { mnist } from './mnist.ts';

const { baseline, 'oe-tune': tuned } = mnist.training.models;

/** Table 4 is of CIFAR, with another network: nothing of it stands beside numbers on digits. */
const published: Published = {
  source: 'none, as the paper has synthetic outliers on CIFAR-10 and CIFAR-100 alone (Table 4)',
  n: mnist.n,
  testError: {},
  rows: {},
};

export const syntheticOutliersOnMnist: ImageDeclaration = {
  ...mnist,
  name: 'synthetic-outliers',
  description: "digits, a ConvNet trained with a GAN's images, then with outliers (Table 4)",
  title: 'Synthetic outliers on MNIST digits',
  models: ['baseline', 'gan', 'gan-oe'],
  training: {
    ...mnist.training,
    models: {
      ...mnist.training.models,
      gan: { ...baseline, batch: { inliers: 50, outliers: 50 } },
      'gan-oe': tuned,
    },
    synthetic: { beta: 1, features: 16 },
  },
  quick: { ...mnist.quick, epochs: { ...mnist.quick.epochs, gan: 5, 'gan-oe': 3 } },
  published: () => published,
};

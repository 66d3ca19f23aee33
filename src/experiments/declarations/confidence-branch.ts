/** The confidence branch of the paper's Table 3, at the scale of MNIST: its ConvNet with a branch, then exposed to outliers. */
import type { ImageDeclaration } from '../declaration.ts';
import type { Published } from '../published/index.ts';
import { mnist } from './mnist.ts';

const { baseline, 'oe-tune': tuned } = mnist.training.models;

/** Table 3 is of CIFAR and Tiny ImageNet, with another network: nothing of it stands beside numbers on digits. */
const published: Published = {
  source:
    'none, as the paper has confidence branches on CIFAR-10, CIFAR-100 and Tiny ImageNet alone (Table 3)',
  note: 'Each model is scored by what it is made for: the baseline by MSP, those with a branch by 1 − b(x).',
  n: mnist.n,
  testError: {},
  rows: {},
};

export const confidenceBranchOnMnist: ImageDeclaration = {
  ...mnist,
  name: 'confidence-branch',
  description: 'digits, a ConvNet with a confidence branch, without and with outliers (Table 3)',
  title: 'Confidence branch on MNIST digits',
  models: ['baseline', 'branch', 'branch-oe'],
  training: {
    ...mnist.training,
    models: { ...mnist.training.models, branch: baseline, 'branch-oe': tuned },
  },
  quick: { ...mnist.quick, epochs: { ...mnist.quick.epochs, branch: 5, 'branch-oe': 3 } },
  published: () => published,
};

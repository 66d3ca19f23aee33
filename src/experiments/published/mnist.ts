/** What was published for MNIST, as fractions, from the repository of the authors' code. */
import { type Published, percent } from './published.ts';

/** MNIST, MSP; the outliers were 80 Million Tiny Images. One model each, ten draws. */
export const publishedMnist: Published = {
  source: 'github.com/hendrycks/outlier-exposure, MNIST/snapshots/*_test.txt (MSP)',
  note: "The published mean is over the authors' own eight test sets and their outliers were 80 Million Tiny Images.",
  n: 95,
  testError: { baseline: 0.0094, 'oe-tune': 0.0092, 'oe-scratch': 0.0103 },
  rows: {
    baseline: {
      misclassified: percent(6.56, 98.45, 35.47),
      gaussian: percent(0.21, 99.96, 99.81),
      bernoulli: percent(1.04, 99.81, 99.01),
      cifar10: percent(0.86, 99.87, 99.34),
      'fashion-mnist': percent(2.96, 99.31, 96.31),
      negative: percent(5.2, 98.55, 91.91),
      notmnist: percent(16.64, 96.04, 84.89),
      omniglot: percent(14.81, 96.23, 83.85),
      mean: percent(5.4, 98.69, 94.24),
    },
    'oe-tune': {
      misclassified: percent(4.29, 98.69, 42.63),
      gaussian: percent(0, 100, 100),
      bernoulli: percent(0, 100, 100),
      cifar10: percent(0, 100, 100),
      'fashion-mnist': percent(0.65, 99.9, 99.52),
      negative: percent(0.68, 99.9, 99.5),
      notmnist: percent(6.99, 98.37, 93.69),
      omniglot: percent(16.57, 95.94, 83.49),
      mean: percent(3.11, 99.26, 97.02),
    },
    'oe-scratch': {
      misclassified: percent(8.04, 98.07, 38.35),
      gaussian: percent(0, 100, 100),
      bernoulli: percent(0, 100, 100),
      cifar10: percent(0, 100, 100),
      'fashion-mnist': percent(0.38, 99.92, 99.61),
      negative: percent(0.18, 99.95, 99.76),
      notmnist: percent(6.44, 98.6, 94.22),
      omniglot: percent(16.48, 95.86, 82.44),
      mean: percent(2.93, 99.29, 97.0),
    },
  },
};

/** What was published for CIFAR-10: Table 7 of the paper, and the authors' repository. */
import type { ModelName } from '../declaration.ts';
import { meansOf, PAPER, type Published, percent, REPOSITORY, rowsOf } from './published.ts';
import { withTables3And4 } from './tables-3-and-4.ts';

const TABLE = rowsOf({
  gaussian: [14.4, 0.7, 94.7, 99.6, 70, 94.3],
  rademacher: [47.6, 0.5, 79.9, 99.8, 32.3, 97.4],
  blobs: [16.2, 0.6, 94.5, 99.8, 73.7, 98.9],
  textures: [42.8, 12.2, 88.4, 97.7, 58.4, 91],
  svhn: [28.8, 4.8, 91.8, 98.4, 66.9, 89.4],
  places365: [47.5, 17.3, 87.8, 96.2, 57.5, 87.3],
  lsun: [38.7, 12.1, 89.1, 97.6, 58.6, 89.4],
  cifar100: [43.5, 28, 87.9, 93.3, 55.8, 76.2],
  mean: [34.94, 9.5, 89.27, 97.81, 59.16, 90.48],
});

/** WRN-40-2. */
const wideResNet: Published = {
  source: `${PAPER}; test errors and scratch from ${REPOSITORY}, CIFAR/snapshots`,
  note: "The published mean is over the authors' own test sets, their network was WRN-40-2 and their outliers were 80 Million Tiny Images.",
  n: 95,
  testError: { baseline: 0.0516, 'oe-tune': 0.0527, 'oe-scratch': 0.0426 },
  rows: {
    baseline: { misclassified: percent(25.17, 93.36, 45.73), ...TABLE.baseline },
    'oe-tune': { misclassified: percent(23.29, 92.71, 36.4), ...TABLE['oe-tune'] },
    'oe-scratch': { mean: percent(6.15, 98.56, 93.75) },
  },
};

/** AllConv: means alone were published (Table 9). */
const allConv: Published = {
  source: `Hendrycks, Mazeika, Dietterich 2019, Table 9; ${REPOSITORY}, CIFAR/snapshots`,
  note: "The published mean is over the authors' own test sets, their network was AllConv and their outliers were 80 Million Tiny Images.",
  n: 95,
  testError: { baseline: 0.067, 'oe-tune': 0.0704, 'oe-scratch': 0.0511 },
  rows: meansOf({
    baseline: [28.36, 90.09, 58.93],
    'oe-tune': [13.98, 96.71, 87.25],
    'oe-scratch': [7.4, 98.4, 93.85],
  }),
};

/**
 * @param network by its name; of others than AllConv, the numbers of WRN-40-2, which the note names
 * @param models of the run
 */
export function publishedCifar10(network: string, models?: readonly ModelName[]): Published {
  return withTables3And4('cifar10', network === 'allconv' ? allConv : wideResNet, models);
}

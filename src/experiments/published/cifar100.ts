/** What was published for CIFAR-100: Table 7 of the paper, and the authors' repository. */
import type { ModelName } from '../declaration.ts';
import { meansOf, PAPER, type Published, percent, REPOSITORY, rowsOf } from './published.ts';
import { withTables3And4 } from './tables-3-and-4.ts';

const TABLE = rowsOf({
  gaussian: [54.3, 12.1, 64.7, 95.7, 19.7, 71.1],
  rademacher: [39, 17.1, 79.4, 93, 30.1, 56.9],
  blobs: [58, 12.1, 75.3, 97.2, 29.7, 86.2],
  textures: [71.5, 54.4, 73.8, 84.8, 33.3, 56.3],
  svhn: [69.3, 42.9, 71.4, 86.9, 30.7, 52.9],
  places365: [70.4, 49.8, 74.2, 86.5, 33.8, 57.9],
  lsun: [74, 57.5, 70.7, 83.4, 28.8, 51.4],
  cifar10: [64.9, 62.1, 75.4, 75.7, 34.3, 32.6],
  mean: [62.66, 38.5, 73.11, 87.89, 30.05, 58.15],
});

/** WRN-40-2. */
const wideResNet: Published = {
  source: `${PAPER}; test errors and scratch from ${REPOSITORY}, CIFAR/snapshots`,
  note: "The published mean is over the authors' own test sets, their network was WRN-40-2 and their outliers were 80 Million Tiny Images.",
  n: 95,
  testError: { baseline: 0.2404, 'oe-tune': 0.2425, 'oe-scratch': 0.2327 },
  rows: {
    ...TABLE,
    'oe-scratch': { mean: percent(32.59, 90.03, 65.5) },
  },
};

/** AllConv: means alone were published (Table 9). */
const allConv: Published = {
  source: `Hendrycks, Mazeika, Dietterich 2019, Table 9; ${REPOSITORY}, CIFAR/snapshots`,
  note: "The published mean is over the authors' own test sets, their network was AllConv and their outliers were 80 Million Tiny Images.",
  n: 95,
  testError: { baseline: 0.2562, 'oe-tune': 0.2607, 'oe-scratch': 0.2378 },
  rows: meansOf({
    baseline: [57.45, 76.71, 33.9],
    'oe-tune': [43.34, 85.31, 51.28],
    'oe-scratch': [33.12, 89.88, 69.07],
  }),
};

/**
 * @param network by its name; of others than AllConv, the numbers of WRN-40-2, which the note names
 * @param models of the run
 */
export function publishedCifar100(network: string, models?: readonly ModelName[]): Published {
  return withTables3And4('cifar100', network === 'allconv' ? allConv : wideResNet, models);
}

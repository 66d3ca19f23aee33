/** What was published for SVHN: Table 7 of the paper, and the authors' repository. */
import { meansOf, PAPER, type Published, percent, REPOSITORY, rowsOf } from './published.ts';

const TABLE = rowsOf({
  gaussian: [5.4, 0, 98.2, 100, 90.5, 100],
  bernoulli: [4.4, 0, 98.6, 100, 91.9, 100],
  blobs: [3.7, 0, 98.9, 100, 93.5, 100],
  'icons-50': [11.4, 0.3, 96.4, 99.8, 87.2, 99.2],
  textures: [7.2, 0.2, 97.5, 100, 90.9, 99.7],
  places365: [5.6, 0.1, 98.1, 100, 92.5, 99.9],
  lsun: [6.4, 0.1, 97.8, 100, 91, 99.9],
  cifar10: [6, 0.1, 98, 100, 91.2, 99.9],
  chars74k: [6.4, 0.1, 97.9, 100, 91.5, 99.9],
  mean: [6.28, 0.07, 97.95, 99.96, 91.12, 99.85],
});

/** WRN-16-4. */
const wideResNet: Published = {
  source: `${PAPER}; test errors and scratch from ${REPOSITORY}, SVHN/snapshots`,
  note: "The published mean is over the authors' own test sets, their network was WRN-16-4 and their outliers were 80 Million Tiny Images.",
  n: 95,
  testError: { baseline: 0.0173, 'oe-tune': 0.018, 'oe-scratch': 0.0162 },
  rows: {
    ...TABLE,
    'oe-scratch': { mean: percent(0.03, 99.98, 99.83) },
  },
};

/** AllConv: means alone were published (Table 9). */
const allConv: Published = {
  source: `Hendrycks, Mazeika, Dietterich 2019, Table 9; ${REPOSITORY}, SVHN/snapshots`,
  note: "The published mean is over the authors' own test sets, their network was AllConv and their outliers were 80 Million Tiny Images.",
  n: 95,
  testError: { baseline: 0.0195, 'oe-tune': 0.0206, 'oe-scratch': 0.0189 },
  rows: meansOf({
    baseline: [6.84, 98.13, 90.85],
    'oe-tune': [0.08, 99.95, 99.8],
    'oe-scratch': [0.02, 99.98, 99.82],
  }),
};

/** @param network by its name; of others than AllConv, the numbers of WRN-16-4, which the note names */
export function publishedSvhn(network: string): Published {
  return network === 'allconv' ? allConv : wideResNet;
}

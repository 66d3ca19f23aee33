/** What was published for Tiny ImageNet: Table 7 of the paper, and the authors' repository. */
import type { ModelName } from '../declaration.ts';
import { meansOf, PAPER, type Published, REPOSITORY, rowsOf } from './published.ts';
import { withTables3And4 } from './tables-3-and-4.ts';

const TABLE = rowsOf({
  gaussian: [72.6, 45.4, 33.7, 76.5, 12.3, 28.6],
  rademacher: [51.7, 49, 62, 65.1, 18.8, 20],
  blobs: [79.4, 0, 48.2, 100, 14.4, 99.9],
  textures: [76.4, 4.8, 70.4, 98.5, 31.4, 95.8],
  svhn: [52.3, 0.4, 80.8, 99.8, 42.8, 98.2],
  places365: [63.6, 0.4, 76.9, 99.8, 36.3, 99.3],
  lsun: [67, 0.4, 74.2, 99.9, 31.2, 99.5],
  imagenet: [67.3, 11.6, 72.8, 97.9, 30, 92.9],
  mean: [66.27, 13.99, 64.86, 92.18, 27.15, 79.26],
});

/** WRN-40-2. */
const wideResNet: Published = {
  source: `${PAPER}; test errors from ${REPOSITORY}, TinyImageNet/snapshots`,
  note: "The published mean is over the authors' own test sets, their network was WRN-40-2 and their outliers were ImageNet-22K without ImageNet-1K's classes.",
  n: 95,
  testError: { baseline: 0.3634, 'oe-tune': 0.386 },
  rows: TABLE,
};

/** AllConv: means alone were published (Table 9). */
const allConv: Published = {
  source: `Hendrycks, Mazeika, Dietterich 2019, Table 9; ${REPOSITORY}, TinyImageNet/snapshots`,
  note: "The published mean is over the authors' own test sets, their network was AllConv and their outliers were ImageNet-22K without ImageNet-1K's classes.",
  n: 95,
  testError: { baseline: 0.4196, 'oe-tune': 0.4358 },
  rows: meansOf({ baseline: [75.46, 55.38, 25.58], 'oe-tune': [25, 82.9, 75.25] }),
};

/**
 * @param network by its name; of others than AllConv, the numbers of WRN-40-2, which the note names
 * @param models of the run: those with a branch have another table
 */
export function publishedTinyImagenet(network: string, models?: readonly ModelName[]): Published {
  return withTables3And4('tiny-imagenet', network === 'allconv' ? allConv : wideResNet, models);
}

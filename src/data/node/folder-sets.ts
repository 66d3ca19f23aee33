/** Further test sets for digits, from files that a user has in a folder. Node only. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';
import { grayBytes } from '../gray.ts';
import { parseNpy } from '../npy.ts';
import { byteResizer } from '../resize.ts';
import { type ImageSource, memorySource } from '../source.ts';
import { loadIdxPair } from './mnist.ts';

const SIDE = 28;
const PIXELS = SIDE * SIDE;
/** The evaluation takes 2,000 images of a set; the rest is for repeated draws. */
const MAX_IMAGES = 10_000;

/** Bytes with the channels last: [count, height, width, channels]. */
interface Pictures {
  data: Uint8Array;
  shape: [count: number, height: number, width: number, channels: number];
}

interface ExtraSet {
  /** What the set is called in results. */
  name: string;
  /** Paths in the folder; the first that exists is read. */
  paths: string[];
  load: (path: string, name: string) => Promise<ImageSource>;
}

const SETS: ExtraSet[] = [
  { name: 'notmnist', paths: ['notmnist28-images.npy', 'notMNIST.npy', 'notmnist.npy'], load: fromNpy },
  { name: 'omniglot', paths: ['omniglot28-images.npy', 'omniglot.npy'], load: fromNpy },
  {
    name: 'cifar10',
    paths: ['cifar10-test-images.npy', 'cifar-10-batches-bin/test_batch.bin', 'test_batch.bin'],
    load: (path, name) => (path.endsWith('.npy') ? fromNpy(path, name) : fromCifarBinary(path, name)),
  },
  {
    name: 'fashion-mnist',
    paths: ['fashion-mnist', 'fashion'].flatMap((folder) =>
      ['', '.gz'].map((end) => `${folder}/t10k-images-idx3-ubyte${end}`),
    ),
    load: (path, name) => loadIdxPair(path, path.replace('images-idx3', 'labels-idx1'), name),
  },
];

/**
 * The test sets whose files lie in a folder: notMNIST and Omniglot as .npy files of bytes ([n, 28, 28] or
 * [n, 28, 28, 1]), CIFAR-10 as such a file ([n, 32, 32, 3]) or in its binary version, Fashion-MNIST's original
 * IDX files. All become 28×28 and grey as in the paper's code (Pillow's bilinear filter, then
 * 0.2989 R + 0.5870 G + 0.1140 B); of each the first 10,000 images are kept.
 */
export async function loadExtraTestSets(folder: string): Promise<ImageSource[]> {
  const sets: ImageSource[] = [];
  for (const { name, paths, load } of SETS) {
    const path = paths.map((file) => join(folder, file)).find((file) => existsSync(file));
    if (path) sets.push(await load(path, name));
  }
  if (sets.length === 0) {
    throw new OutlierExposureError(
      'not-found',
      `${folder} ${existsSync(folder) ? 'holds none of the test sets' : 'does not exist'}; these files are looked for there: ${SETS.flatMap(
        ({ paths }) => paths,
      ).join(', ')}.`,
    );
  }
  return sets;
}

async function fromNpy(path: string, name: string): Promise<ImageSource> {
  const bytes = await readFileBounded(path, { what: 'file of images' });
  const { data, shape } = parseNpy(bytes, { name: path });
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  if (!(data instanceof Uint8Array) || (shape.length !== 3 && shape.length !== 4) || shape.includes(0)) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} holds ${data.constructor.name.replace('Array', '').toLowerCase()} values of shape [${shape.join(', ')}], but images are uint8 with the shape [count, height, width] or [count, height, width, channels].`,
    );
  }
  return graySource({ data, shape: [count, height, width, channels] }, { name, path, bytes });
}

/** CIFAR-10's binary version: records of one byte for the class, then 32×32 red, green and blue values. */
async function fromCifarBinary(path: string, name: string): Promise<ImageSource> {
  const bytes = await readFileBounded(path, { what: 'file of images' });
  const side = 32;
  const size = side * side;
  const record = 1 + 3 * size;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} has ${bytes.length} bytes, which is no multiple of the ${record} that an image takes in CIFAR-10's binary version: fetch it again.`,
    );
  }
  const count = Math.min(bytes.length / record, MAX_IMAGES);
  const data = new Uint8Array(count * 3 * size);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < size; j++)
      for (let c = 0; c < 3; c++) data[(i * size + j) * 3 + c] = bytes[i * record + 1 + c * size + j]!;
  return graySource({ data, shape: [count, side, side, 3] }, { name, path, bytes });
}

function graySource(
  { data, shape }: Pictures,
  { name, path, bytes }: { name: string; path: string; bytes: Uint8Array },
): ImageSource {
  const [available, height, width, channels] = shape;
  if (channels !== 1 && channels !== 3) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} holds images of ${channels} channels, but 1 (grey) or 3 (red, green, blue) were expected.`,
    );
  }
  const count = Math.min(available, MAX_IMAGES);
  const size = height * width;
  const resize =
    height === SIDE && width === SIDE
      ? undefined
      : byteResizer({ height, width }, { height: SIDE, width: SIDE }, 'bilinear');
  const pixels = new Uint8Array(count * PIXELS);
  const colour = new Uint8Array(PIXELS * channels);
  const channel = new Uint8Array(size);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) {
      for (let j = 0; j < size; j++) channel[j] = data[(i * size + j) * channels + c]!;
      const fitted = resize ? resize(channel) : channel;
      for (let j = 0; j < PIXELS; j++) colour[j * channels + c] = fitted[j]!;
    }
    pixels.set(channels === 3 ? grayBytes(colour) : colour, i * PIXELS);
  }
  // Drawings are also stored as 0 and 1.
  if (pixels.every((value) => value <= 1)) for (let i = 0; i < pixels.length; i++) pixels[i]! *= 255;
  return memorySource({
    name,
    shape: [1, SIDE, SIDE],
    pixels,
    fingerprint: createHash('sha256').update(bytes).digest('hex'),
  });
}

/** CIFAR-10 and CIFAR-100 in their binary versions. Node only. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import { concatSources } from '../../concat.ts';
import type { ImageSource } from '../../source.ts';
import { arraySource } from './array-source.ts';
import { fileReader } from './byte-reader.ts';
import { fileFingerprint } from './fingerprint.ts';
import type { FormatOptions } from './options.ts';
import { readRecords } from './records.ts';
import { ofSplit } from './splits.ts';

const SHAPE = [3, 32, 32] as const;
const PIXELS = 3072;

interface Cifar {
  classes: number;
  /** Label bytes in front of an image: one, or CIFAR-100's coarse class and fine class. */
  head: 1 | 2;
  files: { file: string; split: 'train' | 'test' }[];
  /** The file that names the classes, a line each. */
  names: string;
}

const CIFAR10: Cifar = {
  classes: 10,
  head: 1,
  files: [
    ...[1, 2, 3, 4, 5].map((i) => ({ file: `data_batch_${i}.bin`, split: 'train' as const })),
    { file: 'test_batch.bin', split: 'test' },
  ],
  names: 'batches.meta.txt',
};
const CIFAR100: Cifar = {
  classes: 100,
  head: 2,
  files: [
    { file: 'train.bin', split: 'train' },
    { file: 'test.bin', split: 'test' },
  ],
  names: 'fine_label_names.txt',
};

/** Whether a folder's files are those of CIFAR-10 or CIFAR-100. */
export function isCifarFolder(files: readonly string[]): boolean {
  return cifarOf(files) !== undefined;
}

function cifarOf(files: readonly string[]): Cifar | undefined {
  const has = ({ files: wanted }: Cifar) => wanted.some(({ file }) => files.includes(file));
  if (has(CIFAR10)) return CIFAR10;
  return has(CIFAR100) && files.includes(CIFAR100.names) ? CIFAR100 : undefined;
}

/** The training or the test images of a folder `cifar-10-batches-bin` or `cifar-100-binary`. */
export async function openCifarFolder(
  folder: string,
  files: readonly string[],
  options: FormatOptions,
): Promise<ImageSource> {
  const cifar = cifarOf(files)!;
  const present = cifar.files.filter(({ file }) => files.includes(file));
  const chosen = ofSplit(present, { wanted: options.split, name: folder });
  const missing = cifar.files.find(({ file, split }) => split === chosen[0]!.split && !files.includes(file));
  if (missing) {
    throw new OutlierExposureError(
      'not-found',
      `${folder} lacks ${missing.file}, a part of the split ${missing.split}: unpack the archive again.`,
    );
  }
  const parts: ImageSource[] = [];
  for (const { file } of chosen) parts.push(await openBatch(join(folder, file), cifar, options));
  return parts.length === 1 ? parts[0]! : concatSources(parts, { name: options.name });
}

/** The images of one .bin file, which `isCifarFile` recognised. */
export async function openCifarFile(path: string, options: FormatOptions): Promise<ImageSource> {
  return openBatch(path, (await cifarOfFile(path))!, options);
}

/** Whether a file's size and the label bytes in it are those of CIFAR-10 or CIFAR-100. */
export async function isCifarFile(path: string): Promise<boolean> {
  return (await cifarOfFile(path)) !== undefined;
}

async function cifarOfFile(path: string): Promise<Cifar | undefined> {
  const bytes = await fileReader(path);
  try {
    for (const cifar of [CIFAR10, CIFAR100]) {
      const size = cifar.head + PIXELS;
      if (bytes.size === 0 || bytes.size % size !== 0) continue;
      // Pixels in the labels' places would soon be larger than a label.
      const count = bytes.size / size;
      const looks = Math.min(count, 100);
      const indices = Array.from({ length: looks }, (_, i) => Math.floor((i * count) / looks));
      let fits = true;
      await readRecords({ bytes, offset: 0, size, count }, indices, (record) => {
        fits &&= record[cifar.head - 1]! < cifar.classes && (cifar.head === 1 || record[0]! < 20);
      });
      if (fits) return cifar;
    }
    return undefined;
  } finally {
    await bytes.close();
  }
}

async function openBatch(path: string, cifar: Cifar, options: FormatOptions): Promise<ImageSource> {
  const { classes, head, names } = cifar;
  const fingerprint = await fileFingerprint(path, options);
  const bytes = await fileReader(path);
  const size = head + PIXELS;
  const count = bytes.size / size;
  if (!Number.isInteger(count)) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} has ${bytes.size} bytes, which is no multiple of the ${size} that an image takes in CIFAR-${classes}'s binary version: fetch it again.`,
    );
  }
  const labels = new Int32Array(count);
  await readRecords(
    { bytes, offset: 0, size, count },
    Uint32Array.from({ length: count }, (_, i) => i),
    (record, i) => {
      labels[i] = record[head - 1]!;
      if (labels[i]! >= classes) {
        throw new OutlierExposureError(
          'invalid-file',
          `${path} has the class ${labels[i]} for image ${i}, but CIFAR-${classes} has ${classes} classes: fetch it again.`,
        );
      }
    },
  );
  return arraySource({
    name: options.name,
    bytes,
    head,
    count,
    shape: SHAPE,
    type: 'u1',
    littleEndian: true,
    order: 'chw',
    range: options.range ?? [0, 255],
    memory: options.memory,
    labels,
    classNames: await namesBeside(path, names, classes),
    fingerprint,
  });
}

async function namesBeside(path: string, file: string, classes: number): Promise<string[] | undefined> {
  const names = join(dirname(path), file);
  if (!existsSync(names)) return undefined;
  const lines = (await readFile(names, 'utf8')).split('\n').map((line) => line.trim());
  const given = lines.filter((line) => line !== '');
  return given.length === classes ? given : undefined;
}

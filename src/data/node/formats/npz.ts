/** Images in a .npz file: a zip of .npy files, as `numpy.savez` writes it. Node only. */
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { nearestName, OutlierExposureError } from '../../../errors.ts';
import type { ImageSource } from '../../source.ts';
import { type ByteReader, fileReader, memoryReader, partReader } from './byte-reader.ts';
import { fileFingerprint } from './fingerprint.ts';
import { collectSized } from './inflate.ts';
import { parseLabels } from './labels.ts';
import { npySource } from './npy.ts';
import type { FormatOptions } from './options.ts';

const IMAGES = ['images', 'image', 'data', 'x', 'arr_0'];
const LABELS = ['labels', 'label', 'y', 'targets', 'arr_1'];
/** More arrays than any .npz of images has. */
const MAX_ENTRIES = 10_000;
const STORED = 0;

/**
 * The arrays `images`, `data` or `x` and `labels` or `y` of a .npz file, or those of a split (`x_test`, `y_test`).
 * What `numpy.savez` wrote is read by window; what `savez_compressed` wrote, from memory.
 */
export async function openNpz(path: string, options: FormatOptions): Promise<ImageSource> {
  const fingerprint = await fileFingerprint(path, options);
  const zip = await unzip(path, () => openPromise(path, { lazyEntries: true, autoClose: false }));
  try {
    const entries = await unzip(path, () => npyEntries(zip, path));
    const { images, labels } = chooseArrays([...entries.keys()], { name: path, split: options.split });
    const file = await fileReader(path);
    const read = (array: string) =>
      unzip(path, () => entryReader(zip, entries.get(array)!, { file, name: `${path}: ${array}` }));
    const bytes = await read(images);
    const known = labels === undefined ? undefined : await read(labels);
    return await npySource(bytes, {
      ...options,
      ...(known && parseLabels(await known.read(0, known.size), { name: known.name })),
      fingerprint,
    });
  } finally {
    zip.close();
  }
}

/** Which arrays hold images and labels. */
export function chooseArrays(
  arrays: readonly string[],
  { name, split }: { name: string; split?: string | undefined },
): { images: string; labels?: string } {
  const candidates = (names: readonly string[]) =>
    names.flatMap((word) => (split ? [`${word}_${split}`, `${split}_${word}`, word] : [word]));
  const find = (names: readonly string[]) => {
    for (const candidate of candidates(names)) {
      const found = arrays.find((array) => array.toLowerCase() === candidate);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const images = find(IMAGES) ?? (arrays.length === 1 ? arrays[0] : undefined);
  if (images === undefined) {
    const near = arrays.map((array) => nearestName(array, IMAGES)).find((word) => word !== undefined);
    const splits = arrays.some((array) => /^(x|images|data)_|_(x|images|data)$/i.test(array));
    throw new OutlierExposureError(
      'invalid-file',
      `${name} holds the arrays ${arrays.join(', ') || '(none)'}; images are looked for as ${IMAGES.slice(0, 4).join(', ')}${
        splits ? ': give the split, as in x_train' : `${near ? ` (near: "${near}")` : ''}: rename the array`
      }.`,
    );
  }
  const labels = find(LABELS);
  return { images, ...(labels !== undefined && labels !== images && { labels }) };
}

async function npyEntries(zip: ZipFile, path: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  if (zip.entryCount > MAX_ENTRIES) {
    throw new OutlierExposureError('invalid-file', `${path} announces ${zip.entryCount} arrays.`);
  }
  for await (const entry of zip.eachEntry())
    if (entry.fileName.endsWith('.npy')) entries.set(entry.fileName.slice(0, -4), entry);
  return entries;
}

/** An entry's bytes: where they lie in the file when they are stored as they are, else unpacked. */
async function entryReader(
  zip: ZipFile,
  entry: Entry,
  { file, name }: { file: ByteReader; name: string },
): Promise<ByteReader> {
  const size = entry.uncompressedSize;
  if (entry.compressionMethod === STORED && !entry.isEncrypted()) {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    return partReader(file, { name, offset: fileDataStart, size });
  }
  if (!entry.canDecodeFileData()) {
    throw new OutlierExposureError(
      'unsupported',
      `${name} is encrypted, or compressed otherwise than by deflate.`,
    );
  }
  const compressed = Math.min(entry.compressedSize, file.size);
  const stream = await zip.openReadStreamPromise(entry);
  return memoryReader(name, await collectSized(stream, { name, size, compressed }));
}

/** What the zip reader throws, as a sentence. */
async function unzip<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OutlierExposureError) throw error;
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is not a readable .npz file: ${(error as Error).message}; fetch it again.`,
      { cause: error },
    );
  }
}

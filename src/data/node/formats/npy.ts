/** Images in a .npy file, read by window, so that it may be larger than memory. Node only. */
import { existsSync } from 'node:fs';
import { NPY_HEADER_BYTES, parseNpyHeader } from '../../npy.ts';
import type { ImageSource } from '../../source.ts';
import { arraySource } from './array-source.ts';
import { type ByteReader, fileReader } from './byte-reader.ts';
import { filesFingerprint } from './fingerprint.ts';
import { readLabels } from './labels.ts';
import { imageLayout } from './layout.ts';
import type { FormatOptions } from './options.ts';

/**
 * A .npy file of images: [n, height, width], or with channels first or last; bytes, or numbers from 0 to 1 or to
 * 255. Labels come from `…-labels.npy` beside `…-images.npy`.
 */
export async function openNpy(path: string, options: FormatOptions): Promise<ImageSource> {
  const beside = path.replace(/images\.npy$/i, 'labels.npy');
  const labelled = beside !== path && existsSync(beside);
  const { labels } = labelled ? await readLabels(beside) : {};
  const fingerprint = await filesFingerprint(labelled ? [path, beside] : [path], options);
  return npySource(await fileReader(path), { ...options, labels, fingerprint });
}

/** The images of a .npy file's bytes, wherever they lie. */
export async function npySource(
  bytes: ByteReader,
  {
    name,
    layout,
    range,
    memory,
    labels,
    classNames,
    fingerprint,
  }: Pick<FormatOptions, 'name' | 'layout' | 'range' | 'memory'> & {
    labels?: Int32Array | undefined;
    classNames?: readonly string[] | undefined;
    fingerprint: string;
  },
): Promise<ImageSource> {
  const front = await bytes.read(0, Math.min(bytes.size, NPY_HEADER_BYTES));
  const header = parseNpyHeader(front, { name: bytes.name, size: bytes.size });
  return arraySource({
    ...imageLayout(header.shape, { name: bytes.name, layout }),
    name,
    bytes,
    offset: header.offset,
    type: header.type,
    littleEndian: header.littleEndian,
    range,
    memory,
    labels,
    classNames,
    fingerprint,
  });
}

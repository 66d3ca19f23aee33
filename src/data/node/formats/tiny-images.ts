/** 80 Million Tiny Images in one file. Node only. */
import type { ImageSource } from '../../source.ts';
import { arraySource } from './array-source.ts';
import { fileReader } from './byte-reader.ts';
import { fileFingerprint } from './fingerprint.ts';
import type { FormatOptions } from './options.ts';

const SHAPE = [3, 32, 32] as const;

/** How many bytes an image takes. */
export const TINY_IMAGE_BYTES = 3072;

/** The file `tiny_images.bin`: 32×32 images, red, then green, then blue, each column by column. It has no labels. */
export async function openTinyImages(path: string, options: FormatOptions): Promise<ImageSource> {
  const fingerprint = await fileFingerprint(path, options);
  const bytes = await fileReader(path);
  return arraySource({
    name: options.name,
    bytes,
    count: Math.floor(bytes.size / TINY_IMAGE_BYTES),
    shape: SHAPE,
    type: 'u1',
    littleEndian: true,
    order: 'cwh',
    range: options.range ?? [0, 255],
    memory: options.memory,
    fingerprint,
  });
}

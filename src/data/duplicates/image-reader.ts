/** Reads pictures one by one out of windows; what cannot be decoded is named and left out. */
import { OutlierExposureError } from '../../errors.ts';
import type { ImageSource } from '../source.ts';

/** Floats read at a time. */
const WINDOW = 2 ** 20;

/**
 * Shows the pictures of a set, in order.
 *
 * @param see gets a picture, channels first, which is written over afterwards
 * @param unreadable gets the numbers of those that cannot be read, and why
 */
export async function eachImage(
  source: ImageSource,
  see: (image: Float32Array, index: number) => void,
  unreadable: (index: number, reason: string) => void,
  {
    skip = () => false,
    signal,
    onProgress,
  }: {
    skip?: ((index: number) => boolean) | undefined;
    signal?: AbortSignal | undefined;
    onProgress?: ((done: number, total: number) => void) | undefined;
  } = {},
): Promise<void> {
  const size = source.shape[0] * source.shape[1] * source.shape[2];
  const atOnce = Math.max(1, Math.min(512, Math.floor(WINDOW / size), source.length));
  const images = new Float32Array(atOnce * size);
  for (let start = 0; start < source.length; start += atOnce) {
    signal?.throwIfAborted();
    const indices = Array.from(
      { length: Math.min(atOnce, source.length - start) },
      (_, i) => start + i,
    ).filter((index) => !skip(index));
    const readable = await readWindow(source, indices, images, size, unreadable);
    for (const [k, index] of readable.entries()) see(images.subarray(k * size, (k + 1) * size), index);
    onProgress?.(Math.min(source.length, start + atOnce), source.length);
  }
}

/** Reads together, or one by one where one of them cannot be read. @returns the numbers of those that were read */
async function readWindow(
  source: ImageSource,
  indices: number[],
  images: Float32Array,
  size: number,
  unreadable: (index: number, reason: string) => void,
): Promise<number[]> {
  try {
    await source.read(indices, images);
    return indices;
  } catch (error) {
    if (!(error instanceof OutlierExposureError)) throw error;
  }
  const readable: number[] = [];
  for (const index of indices) {
    try {
      await source.read([index], images.subarray(readable.length * size));
      readable.push(index);
    } catch (error) {
      if (!(error instanceof OutlierExposureError)) throw error;
      unreadable(index, error.message);
    }
  }
  return readable;
}

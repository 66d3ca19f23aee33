/** From colour to grey, weighted as the paper's code does for MNIST's test outliers (ITU-R BT.601). */
import { OutlierExposureError } from '../errors.ts';
import type { ImageSource } from './source.ts';

const RED = 0.2989;
const GREEN = 0.587;
const BLUE = 0.114;

/**
 * Grey bytes from colour bytes whose channels are interleaved (red, green, blue, and perhaps others that are
 * left out): 0.2989 R + 0.5870 G + 0.1140 B, rounded.
 */
export function grayBytes(pixels: Uint8Array, channels = 3): Uint8Array {
  const gray = new Uint8Array(pixels.length / channels);
  for (let i = 0; i < gray.length; i++) {
    const at = i * channels;
    gray[i] = Math.round(RED * pixels[at]! + GREEN * pixels[at + 1]! + BLUE * pixels[at + 2]!);
  }
  return gray;
}

/** A set of colour images, read as grey ones. */
export function grayscale(source: ImageSource): ImageSource {
  const [channels, height, width] = source.shape;
  if (channels !== 3) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${source.name}" has images of ${channels} channels; only those of 3 (red, green, blue) can be turned grey.`,
    );
  }
  const size = height * width;
  return {
    name: `${source.name}, grey`,
    length: source.length,
    shape: [1, height, width],
    ...(source.labels && { labels: source.labels }),
    fingerprint: `grey of ${source.fingerprint}`,
    async read(indices, out) {
      const colour = new Float32Array(indices.length * 3 * size);
      await source.read(indices, colour);
      for (let i = 0; i < indices.length; i++) {
        const from = i * 3 * size;
        for (let j = 0; j < size; j++)
          out[i * size + j] =
            RED * colour[from + j]! + GREEN * colour[from + size + j]! + BLUE * colour[from + 2 * size + j]!;
      }
    },
  };
}

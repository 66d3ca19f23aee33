/** Images' files into pixels for a guard, by sharp, within bounds. Node only. */
import sharp from 'sharp';
import { decodeImage } from '../../data/node/formats/encoded.ts';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';
import type { DecodeImage } from '../input.ts';
import { pictureFormat } from './image-format.ts';

/** Pixels that an image may have before it is brought to the model's shape: a small file may claim any number. */
export const MAX_PIXELS = 2 ** 25;
/** Of an image's file. */
const MAX_FILE_BYTES = 2 ** 28;

/**
 * A decoder of PNG, JPEG, WebP, GIF (its first picture), TIFF and AVIF, as `oe score` decodes: upright, on white,
 * the middle cut out, resized linearly.
 *
 * @param maxPixels of the image as it is in its file
 */
export function imageDecoder({
  maxPixels = MAX_PIXELS,
}: {
  maxPixels?: number | undefined;
} = {}): DecodeImage {
  return async (image, shape) => {
    const name = typeof image === 'string' ? image : 'The image';
    const bytes =
      typeof image === 'string'
        ? await readFileBounded(image, { what: 'image', maxBytes: MAX_FILE_BYTES })
        : image;
    if (!pictureFormat(bytes))
      throw new OutlierExposureError(
        'invalid-file',
        `${name} is no picture: PNG, JPEG, WebP, GIF, TIFF or AVIF was expected.`,
      );
    try {
      return { data: await decodeImage(bytes, name, { shape, resize: 'fit', maxPixels }), shape };
    } catch (error) {
      // Too many pixels are not decoded; only now it is worth a second look whether that was it.
      await checkPixels(bytes, name, maxPixels);
      throw error;
    }
  };
}

/** Looks at the head alone. */
async function checkPixels(bytes: Uint8Array, name: string, maxPixels: number): Promise<void> {
  const { width, height } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw new OutlierExposureError(
        'invalid-file',
        `${name} cannot be decoded as an image: its head is damaged.`,
        { cause: error },
      );
    });
  if (width * height <= maxPixels) return;
  throw new OutlierExposureError(
    'invalid-file',
    `${name} has ${width}×${height} pixels, where at most ${maxPixels} are decoded: make it smaller first.`,
  );
}

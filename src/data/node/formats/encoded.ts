/** Images in files of their own formats (PNG, JPEG and the like), decoded when they are read. Node only. */
import { basename } from 'node:path';
import sharp from 'sharp';
import { OutlierExposureError } from '../../../errors.ts';
import { grayBytes } from '../../gray.ts';
import { keptImages } from '../../kept-images.ts';
import type { ImageShape, ImageSource } from '../../source.ts';
import type { ResizeFit } from '../../to-shape.ts';
import { readError } from './byte-reader.ts';
import { MEMORY } from './options.ts';
import { ascendingPositions, checkIndices } from './records.ts';

export interface EncodedImages {
  name: string;
  count: number;
  /** What to call an image in errors. */
  nameOf: (index: number) => string;
  /** An image's file or its bytes. */
  load: (index: number) => Promise<string | Uint8Array>;
  /** That of the first image, in colour unless it is grey, when not given. */
  shape?: ImageShape | undefined;
  resize?: ResizeFit | undefined;
  /** Bytes of decoded images to keep. */
  memory?: number | undefined;
  labels?: Int32Array | undefined;
  classNames?: readonly string[] | undefined;
  fingerprint: string;
  close?: () => Promise<void>;
}

/** No photograph has as many pixels; a small file may claim them. */
const MAX_PIXELS = 2 ** 27;
/** Images decoded at once. */
const AT_ONCE = 8;

/**
 * A set of encoded images. Each is turned upright as its camera says, shown on white where it is transparent, resized
 * (linear, antialiased) and turned grey (0.2989 R + 0.5870 G + 0.1140 B) when the shape asks for it. Decoded images
 * are kept in memory up to a bound.
 */
export async function encodedSource(images: EncodedImages): Promise<ImageSource> {
  const { name, count, labels, classNames, resize = 'fit' } = images;
  if (count === 0) throw new OutlierExposureError('invalid-file', `${name} holds no images.`);
  const shape = images.shape ?? (await shapeOf(await images.load(0), images.nameOf(0)));
  if (shape[0] !== 1 && shape[0] !== 3) {
    throw new OutlierExposureError(
      'invalid-argument',
      `Images of "${name}" can be given 1 channel (grey) or 3 (red, green, blue), not ${shape[0]}.`,
    );
  }
  const size = shape[0] * shape[1] * shape[2];
  const kept = keptImages({ size, count, memory: images.memory ?? MEMORY });
  const decoding = { shape, ...(images.shape && { resize }) };
  return {
    name,
    length: count,
    shape,
    ...(labels && { labels }),
    ...(classNames && { classNames }),
    nameOf: (index) => images.nameOf(index),
    fingerprint: images.shape
      ? `${images.fingerprint}, ${resize === 'fit' ? 'fitted' : 'stretched'} to ${shape.join('×')}`
      : images.fingerprint,
    async read(indices, out) {
      checkIndices(indices, count, name);
      const positions = ascendingPositions(indices);
      let next = 0;
      const work = async () => {
        for (let k = next++; k < positions.length; k = next++) {
          const index = indices[positions[k]!]!;
          let pixels = kept.get(index);
          if (!pixels) {
            pixels = await decodeImage(await images.load(index), images.nameOf(index), decoding);
            kept.put(index, pixels);
          }
          const to = positions[k]! * size;
          for (let j = 0; j < size; j++) out[to + j] = pixels[j]! / 255;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    },
    async close() {
      kept.clear();
      await images.close?.();
    },
  };
}

const reading = { failOn: 'error', limitInputPixels: MAX_PIXELS, autoOrient: true } as const;

/** The shape that an image has on its own: grey when it has no colours. */
async function shapeOf(image: string | Uint8Array, name: string): Promise<ImageShape> {
  try {
    const { space, autoOrient } = await sharp(image, reading).metadata();
    const gray = space === 'b-w' || space === 'grey16';
    return [gray ? 1 : 3, autoOrient.height, autoOrient.width];
  } catch (error) {
    throw undecodable(error, name);
  }
}

/**
 * An image's bytes, channels first.
 *
 * @param resize how it is brought to the shape's size; without, another size is an error
 * @param maxPixels of the image as it is in its file
 * @throws OutlierExposureError `invalid-file` when it cannot be decoded
 */
export async function decodeImage(
  image: string | Uint8Array,
  name: string,
  {
    shape,
    resize,
    maxPixels = MAX_PIXELS,
  }: { shape: ImageShape; resize?: ResizeFit; maxPixels?: number | undefined },
): Promise<Uint8Array> {
  const [channels, height, width] = shape;
  const pipeline = sharp(image, { ...reading, limitInputPixels: maxPixels }).toColourspace('srgb');
  if (resize) pipeline.resize({ width, height, fit: resize === 'fit' ? 'cover' : 'fill', kernel: 'linear' });
  const { data, info } = await pipeline
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw undecodable(error, name);
    });
  if (info.width !== width || info.height !== height) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${name} has ${info.width}×${info.height} pixels, but the set's first image ${width}×${height}: give the shape that all are to be brought to.`,
    );
  }
  const opaque = onWhite(data, info.channels);
  const colours = info.channels >= 3 ? 3 : 1;
  if (channels === 1 && colours === 3) return grayBytes(opaque);
  const pixels = new Uint8Array(channels * height * width);
  const size = height * width;
  for (let c = 0; c < channels; c++)
    for (let j = 0, from = colours === 3 ? c : 0; j < size; j++, from += colours)
      pixels[c * size + j] = opaque[from]!;
  return pixels;
}

/** Interleaved bytes without the opacity that is the last of two or four channels. */
function onWhite(data: Uint8Array, channels: number): Uint8Array {
  if (channels !== 2 && channels !== 4) return data;
  const colours = channels - 1;
  const pixels = new Uint8Array((data.length / channels) * colours);
  for (let j = 0; j < pixels.length; j++) {
    const from = Math.floor(j / colours) * channels;
    const opacity = data[from + colours]! / 255;
    pixels[j] = Math.round(data[from + (j % colours)]! * opacity + 255 * (1 - opacity));
  }
  return pixels;
}

function undecodable(error: unknown, name: string): unknown {
  const refused = readError(error, name);
  if (refused instanceof OutlierExposureError) return refused;
  const reason = (error as Error).message.split('\n')[0]!.replaceAll(basename(name), 'it');
  return new OutlierExposureError(
    'invalid-file',
    `${name} cannot be decoded as an image (${reason}): replace or remove it.`,
    { cause: error },
  );
}

/** Random changes to training images, in the batch's own buffer: mirrored left to right, cropped from a frame, covered in part. */
import { OutlierExposureError } from '../errors.ts';
import type { Random } from '../random.ts';
import type { ImageShape } from './source.ts';

/** A random change of training images. It depends on nothing but the pixels and the generator. */
export interface Augmentation {
  /** What it does, with its settings, for records: `'crop(4)+flip'`. */
  readonly name: string;
  /**
   * Changes a batch in place.
   *
   * @param pixels images of `shape`, one after the other, channels first
   * @param random draws the same numbers for every image, whatever its pixels are
   */
  apply(pixels: Float32Array, shape: ImageShape, random: Random): void;
}

/** Mirrors each image left to right, every second one on average. Not for letters, digits or signs. */
export function randomFlip(): Augmentation {
  return {
    name: 'flip',
    apply(pixels, shape, random) {
      const size = imageSize(pixels, shape);
      const width = shape[2];
      for (let image = 0; image < pixels.length; image += size) {
        if (random.int32() >= 0) continue;
        for (let row = image; row < image + size; row += width) pixels.subarray(row, row + width).reverse();
      }
    },
  };
}

export interface CropOptions {
  /** Pixels of frame on each side; the crop may lie anywhere in the framed image. */
  padding: number;
  /**
   * The frame's value for each channel, in the units of the pixels; one number stands for all. Default 0, black, as in
   * the paper's code, which crops before it normalizes. With the mean that a network subtracts, it sees zeros instead.
   */
  fill?: number | readonly number[];
}

/**
 * Shifts each image by up to `padding` pixels up or down and left or right, each distance as likely: a crop of the
 * image's own size out of the image with a frame around it.
 *
 * @throws OutlierExposureError `invalid-argument` when the padding is no whole number of 0 or more
 */
export function randomCrop({ padding, fill = 0 }: CropOptions): Augmentation {
  if (!Number.isSafeInteger(padding) || padding < 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The padding of a random crop is ${padding}, but it must be a whole number of pixels, 0 or more.`,
    );
  }
  return {
    name: `crop(${padding})`,
    apply(pixels, shape, random) {
      const size = imageSize(pixels, shape);
      const [channels, height, width] = shape;
      const fills = fillsOf(fill, channels);
      const plane = new Float32Array(height * width);
      for (let image = 0; image < pixels.length; image += size) {
        const down = random.integer(2 * padding + 1) - padding;
        const right = random.integer(2 * padding + 1) - padding;
        if (down === 0 && right === 0) continue;
        for (let channel = 0; channel < channels; channel++) {
          const from = image + channel * plane.length;
          const target = pixels.subarray(from, from + plane.length);
          plane.set(target);
          target.fill(fills[channel]!);
          const columns = width - Math.abs(right);
          if (columns <= 0) continue;
          for (let y = Math.max(0, down); y < Math.min(height, height + down); y++) {
            const source = (y - down) * width + Math.max(0, -right);
            target.set(plane.subarray(source, source + columns), y * width + Math.max(0, right));
          }
        }
      }
    },
  };
}

export interface CutoutOptions {
  /** Height and width of the square. */
  side: number;
  /** What fills it, for each channel; one number stands for all. Default 0. */
  fill?: number | readonly number[];
}

/**
 * Covers a square of each image, around any of its pixels, each as likely; what of it lies outside is lost (DeVries & Taylor
 * 2017). With the mean that a network subtracts as `fill`, the network sees zeros there, as in their code.
 *
 * @throws OutlierExposureError `invalid-argument` when the side is no whole number of at least 1
 */
export function cutout({ side, fill = 0 }: CutoutOptions): Augmentation {
  if (!Number.isSafeInteger(side) || side < 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The side of a cutout is ${side}, but it must be a whole number of pixels, 1 or more.`,
    );
  }
  const before = Math.floor(side / 2);
  return {
    name: `cutout(${side})`,
    apply(pixels, shape, random) {
      const size = imageSize(pixels, shape);
      const [channels, height, width] = shape;
      const fills = fillsOf(fill, channels);
      for (let image = 0; image < pixels.length; image += size) {
        const top = random.integer(height) - before;
        const left = random.integer(width) - before;
        const [from, to] = [Math.max(0, left), Math.min(width, left + side)];
        for (let channel = 0; channel < channels; channel++) {
          const plane = image + channel * height * width;
          for (let y = Math.max(0, top); y < Math.min(height, top + side); y++)
            pixels.fill(fills[channel]!, plane + y * width + from, plane + y * width + to);
        }
      }
    },
  };
}

/** One change after the other. */
export function augmentInTurn(...parts: readonly Augmentation[]): Augmentation {
  return {
    name: parts.map(({ name }) => name).join('+'),
    apply(pixels, shape, random) {
      for (const part of parts) part.apply(pixels, shape, random);
    },
  };
}

/** What the paper does to CIFAR images, with a padding of 4: a random crop, then mirrored or not. */
export function randomCropAndFlip(options: CropOptions): Augmentation {
  return augmentInTurn(randomCrop(options), randomFlip());
}

function imageSize(pixels: Float32Array, [channels, height, width]: ImageShape): number {
  const size = channels * height * width;
  if (size > 0 && pixels.length % size === 0) return size;
  throw new OutlierExposureError(
    'invalid-argument',
    `${pixels.length} values are not a whole number of images of [${channels}, ${height}, ${width}].`,
  );
}

function fillsOf(fill: number | readonly number[], channels: number): readonly number[] {
  if (typeof fill === 'number') return new Array<number>(channels).fill(fill);
  if (fill.length === channels) return fill;
  throw new OutlierExposureError(
    'invalid-argument',
    `The filling of a crop or cutout has ${fill.length} values, but the images have ${channels} channels: give one for each.`,
  );
}

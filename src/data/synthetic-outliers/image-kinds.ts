/** Ways to make outliers of in-distribution images: what each does to an image. */
import type { Random } from '../../random.ts';
import { gaussianBlur, gaussianKernel } from '../blur.ts';
import type { ImageShape } from '../source.ts';

export interface ImageKind {
  /** What is made, for lists. */
  description: string;
  /** Whether a second image of the set, of another class where there are labels, goes in. */
  takes: 'one' | 'pair';
  /** The sides that images must have at least. */
  leastSide: number;
  /**
   * Validation outliers that are made in much the same way, by their names: a model that was exposed to this kind is
   * not to be judged by them.
   */
  resembles: readonly string[];
  /**
   * Changes an image in place.
   *
   * @param image channels first, values in [0, 1]; stays in [0, 1]
   * @param other the second image of a pair
   */
  change(image: Float32Array, context: { shape: ImageShape; random: Random; other: Float32Array }): void;
}

/** Tiles along a side of a jigsaw: 16 of them, as in the paper. */
const TILES = 4;

/** Standard deviations of the noise, of pixels in [0, 1]: from visible to drowning. */
const NOISE_LEVELS = [0.25, 0.5, 1] as const;

/** Kinds of outliers made from images, by name. */
export const IMAGE_KINDS = {
  jigsaw: {
    description: '16 tiles of an image in random order',
    takes: 'one',
    leastSide: TILES,
    resembles: ['Jigsaw'],
    change(image, { shape: [channels, height, width], random }) {
      const [tileHeight, tileWidth] = [Math.floor(height / TILES), Math.floor(width / TILES)];
      const order = random.permutation(TILES * TILES);
      const before = image.slice();
      // What the tiles leave over at the lower and right edges stays.
      for (const [to, from] of order.entries()) {
        const [toY, toX] = [Math.floor(to / TILES) * tileHeight, (to % TILES) * tileWidth];
        const [fromY, fromX] = [Math.floor(from / TILES) * tileHeight, (from % TILES) * tileWidth];
        for (let c = 0; c < channels; c++) {
          for (let y = 0; y < tileHeight; y++) {
            const start = (c * height + fromY + y) * width + fromX;
            image.set(before.subarray(start, start + tileWidth), (c * height + toY + y) * width + toX);
          }
        }
      }
    },
  },
  pixels: {
    description: 'all pixels of an image in random order',
    takes: 'one',
    leastSide: 1,
    resembles: [],
    change(image, { shape: [channels, height, width], random }) {
      const size = height * width;
      const order = random.permutation(size);
      const before = image.slice();
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < size; i++) image[c * size + i] = before[c * size + order[i]!]!;
    },
  },
  blur: {
    description: 'a blur of an eighth to a quarter of the side',
    takes: 'one',
    leastSide: 4,
    resembles: ['Pixelate'],
    change(image, { shape: [channels, height, width], random }) {
      const kernel = gaussianKernel(Math.min(height, width) * (1 + random.uniform()) * 0.125);
      const size = height * width;
      for (let c = 0; c < channels; c++)
        gaussianBlur(image.subarray(c * size, (c + 1) * size), [height, width], kernel);
    },
  },
  noise: {
    description: `normal noise of standard deviation ${NOISE_LEVELS.join(', ')} on an image, clipped`,
    takes: 'one',
    leastSide: 1,
    resembles: ['Speckle'],
    change(image, { random }) {
      const level = NOISE_LEVELS[random.integer(NOISE_LEVELS.length)]!;
      for (let i = 0; i < image.length; i++)
        image[i] = Math.min(1, Math.max(0, image[i]! + level * random.normal()));
    },
  },
  mean: {
    description: 'the arithmetic mean of two images of different classes',
    takes: 'pair',
    leastSide: 1,
    resembles: ['Arithmetic mean'],
    change(image, { other }) {
      for (let i = 0; i < image.length; i++) image[i] = image[i]! / 2 + other[i]! / 2;
    },
  },
  geometric: {
    description: 'the geometric mean of two images of different classes',
    takes: 'pair',
    leastSide: 1,
    resembles: ['Geometric mean'],
    change(image, { other }) {
      for (let i = 0; i < image.length; i++) image[i] = Math.sqrt(image[i]! * other[i]!);
    },
  },
  mixup: {
    description: 'a weighted mean, 30 to 70 %, of two images of different classes',
    takes: 'pair',
    leastSide: 1,
    resembles: ['Arithmetic mean'],
    change(image, { random, other }) {
      const share = 0.3 + 0.4 * random.uniform();
      for (let i = 0; i < image.length; i++) image[i] = share * image[i]! + (1 - share) * other[i]!;
    },
  },
  inverted: {
    description: 'dark and light exchanged, in all channels',
    takes: 'one',
    leastSide: 1,
    resembles: ['Inverted', 'negative'],
    change(image) {
      for (let i = 0; i < image.length; i++) image[i] = 1 - image[i]!;
    },
  },
} as const satisfies Record<string, ImageKind>;

export type ImageKindName = keyof typeof IMAGE_KINDS;

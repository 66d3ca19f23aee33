/**
 * D_out^val: outliers made from in-distribution images, to choose hyperparameters with when the real outliers of
 * a test must stay unseen (Hendrycks et al. 2019, appendix A). Each is a set of its own, made as it is read; what
 * is random in image i depends on the seed and i alone.
 */
import { OutlierExposureError } from '../errors.ts';
import { Random } from '../random.ts';
import { type NoiseOptions, uniformNoise } from './noise.ts';
import { byteResizer } from './resize.ts';
import type { ImageSource } from './source.ts';

/** x/2 + x′/2, with x′ another image of the set. */
export function arithmeticMean(source: ImageSource, seed: number): ImageSource {
  return pairs(source, 'Arithmetic mean', seed, (a, b) => a / 2 + b / 2);
}

/** √(x · x′), value by value, with x′ another image of the set; for values in [0, 1]. */
export function geometricMean(source: ImageSource, seed: number): ImageSource {
  return pairs(source, 'Geometric mean', seed, (a, b) => Math.sqrt(a * b));
}

/** x + x · N(0, 1), value by value, clamped to [0, 1]. */
export function speckle(source: ImageSource, seed: number): ImageSource {
  return changed(source, `Speckle (seed ${seed})`, (image, index) => {
    const random = Random.from(seed, 'speckle', index);
    for (let i = 0; i < image.length; i++)
      image[i] = Math.min(1, Math.max(0, image[i]! * (1 + random.normal())));
  });
}

/** The image as bytes, shrunk to `ratio` of its sides with a box filter and enlarged again. */
export function pixelate(source: ImageSource, { ratio = 0.2 }: { ratio?: number } = {}): ImageSource {
  const [, height, width] = source.shape;
  const full = { height, width };
  const small = { height: Math.trunc(height * ratio), width: Math.trunc(width * ratio) };
  if (!(small.height >= 1 && small.width >= 1 && ratio <= 1)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `Images of ${height} × ${width} cannot be pixelated to ${ratio} of their sides: choose a ratio up to 1 that leaves a pixel.`,
    );
  }
  const shrink = byteResizer(full, small, 'box');
  const enlarge = byteResizer(small, full, 'box');
  return changed(source, `Pixelate (ratio ${ratio})`, (image) => {
    for (let start = 0; start < image.length; start += height * width) {
      const channel = image.subarray(start, start + height * width);
      const bytes = Uint8Array.from(channel, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
      channel.set(Float32Array.from(enlarge(shrink(bytes)), (value) => value / 255));
    }
  });
}

/**
 * The four quarters rearranged, always alike: the upper half becomes the upper left quarter, its rows swapped at
 * a cut, beside the lower left quarter; the lower half the lower right quarter beside the upper right one, its
 * columns swapped. The cuts are those of the authors' code: rows at 6 and columns at 22 for a side of 28, a
 * quarter and three quarters for others.
 */
export function jigsaw(source: ImageSource): ImageSource {
  const [channels, side, width] = source.shape;
  if (side !== width || side % 2 !== 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${source.name}" has images of ${side} × ${width}, but a jigsaw needs squares with an even side.`,
    );
  }
  const origin = jigsawOrigin(side);
  const before = new Float32Array(side * side);
  return changed(source, 'Jigsaw', (image) => {
    for (let c = 0; c < channels; c++) {
      const channel = image.subarray(c * side * side, (c + 1) * side * side);
      before.set(channel);
      for (let i = 0; i < channel.length; i++) channel[i] = before[origin[i]!]!;
    }
  });
}

/** For each pixel of a jigsaw, which pixel of the original it shows. */
export function jigsawOrigin(side: number): Uint32Array {
  const half = side / 2;
  const cut = side === 28 ? 6 : Math.round(side / 4);
  const rest = half - cut;
  return Uint32Array.from({ length: side * side }, (_, i) => {
    const y = Math.floor(i / side);
    const x = i % side;
    if (y < half && x < half) return (y < rest ? y + cut : y - rest) * side + x;
    if (y < half) return (y + half) * side + (x - half);
    if (x < half) return y * side + (x + half);
    const column = x - half;
    return (y - half) * side + half + (column < cut ? column + rest : column - cut);
  });
}

/** 1 − x. Of digits the negatives are test outliers, so they are no part of {@link validationOutliers} there. */
export function negative(source: ImageSource): ImageSource {
  return changed(source, 'Negative', (image) => invertFrom(image, 0));
}

/** The green and the blue channel inverted, the red one left, as the authors' code does; of grey images 1 − x. */
export function invert(source: ImageSource): ImageSource {
  const [channels, height, width] = source.shape;
  return changed(source, 'Inverted', (image) => invertFrom(image, channels === 3 ? height * width : 0));
}

/** Colours moved between channels: red becomes green mirrored left to right, green blue, and blue red. */
export function rgbGhost(source: ImageSource): ImageSource {
  const [channels, height, width] = source.shape;
  if (channels !== 3) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${source.name}" has images of ${channels} channels, but ghosts are made of 3 (red, green, blue).`,
    );
  }
  const size = height * width;
  return changed(source, 'RGB ghost', (image) => {
    const [red, green, blue] = [0, 1, 2].map((c) => image.slice(c * size, (c + 1) * size));
    for (let i = 0; i < size; i++) image[i] = green![i - 2 * (i % width) + width - 1]!;
    image.set(blue!, size);
    image.set(red!, 2 * size);
  });
}

/** Digits that look the same, or like a digit, upside down; and left to right. */
const NOT_UPSIDE_DOWN = [0, 1, 3, 8];
const NOT_LEFT_TO_RIGHT = [0, 1, 8];

/**
 * Digits turned into none: all but 0, 1, 3 and 8 upside down, followed by all but 0, 1 and 8 mirrored left to
 * right.
 */
export function mirroredDigits(source: ImageSource): ImageSource {
  const { labels } = source;
  if (!labels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${source.name}" has no labels, and which digits to mirror depends on them.`,
    );
  }
  const [, height, width] = source.shape;
  const all = [...labels.keys()];
  const upsideDown = all.filter((i) => !NOT_UPSIDE_DOWN.includes(labels[i]!));
  const leftToRight = all.filter((i) => !NOT_LEFT_TO_RIGHT.includes(labels[i]!));
  const origin = [...upsideDown, ...leftToRight];
  return {
    ...changed(
      source,
      'Mirrored digits',
      (image, index) => {
        if (index >= upsideDown.length)
          for (let y = 0; y < image.length; y += width) reverse(image, y, width, 1);
        else for (let x = 0; x < width; x++) reverse(image, x, height, width);
      },
      (index) => origin[index]!,
    ),
    length: origin.length,
  };
}

/**
 * The validation outliers of the paper for a set.
 *
 * @param content what the images show: of digits some become other digits or none when mirrored, and the
 * negative of all is kept for the test; other grey images get neither, colour ones ghosts and negatives
 * @param range and `normalization` of the network's input, which the uniform noise is drawn in; the others are made
 * of pixels
 */
export function validationOutliers(
  source: ImageSource,
  seed: number,
  {
    content,
    range,
    normalization,
  }: { content: 'digits' | 'pictures' } & Pick<NoiseOptions, 'range' | 'normalization'>,
): ImageSource[] {
  const noise = { count: source.length, shape: source.shape, seed, normalization };
  const sets = [
    uniformNoise(range ? { ...noise, range } : noise),
    arithmeticMean(source, seed),
    geometricMean(source, seed),
    jigsaw(source),
    speckle(source, seed),
    pixelate(source),
  ];
  if (content === 'digits') sets.push(mirroredDigits(source));
  else if (source.shape[0] === 3) sets.push(rgbGhost(source), invert(source));
  return sets;
}

/** A set whose images are changed in place after they are read. */
function changed(
  source: ImageSource,
  recipe: string,
  change: (image: Float32Array, index: number) => void,
  originOf: (index: number) => number = (index) => index,
): ImageSource {
  const size = source.shape[0] * source.shape[1] * source.shape[2];
  return {
    name: recipe.replace(/ \(.*/, ''),
    length: source.length,
    shape: source.shape,
    fingerprint: `${recipe} of ${source.fingerprint}`,
    async read(indices, out) {
      await source.read(Array.from(indices, originOf), out);
      for (let i = 0; i < indices.length; i++) change(out.subarray(i * size, (i + 1) * size), indices[i]!);
    },
  };
}

function pairs(
  source: ImageSource,
  recipe: string,
  seed: number,
  combine: (a: number, b: number) => number,
): ImageSource {
  if (source.length < 2) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${source.name}" has ${source.length} image; the ${recipe.toLowerCase()} of pairs needs at least two.`,
    );
  }
  const set = changed(source, `${recipe} (seed ${seed})`, () => {});
  return {
    ...set,
    async read(indices, out) {
      await source.read(indices, out);
      const partners = Uint32Array.from(indices, (index) => {
        const other = Random.from(seed, recipe, index).integer(source.length - 1);
        return other < index ? other : other + 1;
      });
      const others = new Float32Array(indices.length * source.shape[0] * source.shape[1] * source.shape[2]);
      await source.read(partners, others);
      for (let i = 0; i < others.length; i++) out[i] = combine(out[i]!, others[i]!);
    },
  };
}

function invertFrom(image: Float32Array, start: number): void {
  for (let i = start; i < image.length; i++) image[i] = 1 - image[i]!;
}

function reverse(image: Float32Array, start: number, length: number, stride: number): void {
  for (let i = 0, j = length - 1; i < j; i++, j--) {
    const a = start + i * stride;
    const b = start + j * stride;
    [image[a], image[b]] = [image[b]!, image[a]!];
  }
}

/**
 * Noise images, the simplest of the paper's test outliers. An image is a function of the seed and its index, so
 * that it is the same in whatever window it is read, and nothing is held in memory.
 */
import { OutlierExposureError } from '../errors.ts';
import { Random } from '../random.ts';
import { gaussianBlur, gaussianKernel } from './blur.ts';
import type { ImageShape, ImageSource } from './source.ts';

/** The range of a network's input: [0, 1], or [−1, 1] as after a normalisation. Noise is never normalised. */
export type InputRange = 'unit' | 'symmetric';

export interface NoiseOptions {
  count: number;
  shape: ImageShape;
  seed: number;
  range?: InputRange;
  /**
   * The normalization that the network begins with, (x − mean) / std by channel: the noise is then given in pixels,
   * value · std + mean, so that after the normalization the network sees the noise as it was drawn. Such pixels may
   * lie outside [0, 1].
   */
  normalization?: { mean: readonly number[]; std: readonly number[] } | undefined;
}

export type NoiseName = 'gaussian' | 'bernoulli' | 'rademacher' | 'blobs' | 'uniform';

/** Normal noise, clipped: N(0.5, 0.5²) to [0, 1], or N(0, 0.5²) to [−1, 1]. */
export function gaussianNoise(options: NoiseOptions): ImageSource {
  const low = options.range === 'symmetric' ? -1 : 0;
  const mean = (low + 1) / 2;
  return noise('Gaussian', options, (random, image) => {
    for (let i = 0; i < image.length; i++)
      image[i] = Math.min(1, Math.max(low, mean + 0.5 * random.normal()));
  });
}

/** Each value the lower or the upper end of the range, as likely: 0 or 1, or −1 or 1. */
export function bernoulliNoise(options: NoiseOptions): ImageSource {
  const low = options.range === 'symmetric' ? -1 : 0;
  return noise('Bernoulli', options, (random, image) => coinFlips(random, image, low));
}

/** Each value −1 or 1, as likely; for networks whose inputs are symmetric about 0. */
export function rademacherNoise(options: NoiseOptions): ImageSource {
  if (options.range === 'unit') {
    throw new OutlierExposureError(
      'invalid-argument',
      'Rademacher noise is −1 or 1 and does not fit the range [0, 1]: use Bernoulli noise there.',
    );
  }
  return noise('Rademacher', { ...options, range: 'symmetric' }, (random, image) =>
    coinFlips(random, image, -1),
  );
}

/** Uniform over the range. The paper validates with it and tests with the others. */
export function uniformNoise(options: NoiseOptions): ImageSource {
  const low = options.range === 'symmetric' ? -1 : 0;
  return noise('Uniform', options, (random, image) => {
    for (let i = 0; i < image.length; i++) image[i] = low + (1 - low) * random.uniform();
  });
}

/**
 * Amorphous shapes with edges: a mask that is 1 with probability 0.7, blurred over height, width and channels,
 * and what is below 0.75 then set to 0. Stretched to [−1, 1] for a symmetric range.
 *
 * @param sigma of the blur: 1.5 in the paper's code, 2 for images of 64 × 64
 */
export function blobs({ sigma = 1.5, ...options }: NoiseOptions & { sigma?: number }): ImageSource {
  const kernel = gaussianKernel(sigma);
  const symmetric = options.range === 'symmetric';
  return noise(`Blobs (sigma ${sigma})`, options, (random, image) => {
    for (let i = 0; i < image.length; i++) image[i] = random.uniform() < 0.7 ? 1 : 0;
    // The channels come last in the paper's code and first here; the order of the axes does not matter to a
    // separable blur.
    gaussianBlur(image, options.shape, kernel);
    for (let i = 0; i < image.length; i++) {
      const value = image[i]! < 0.75 ? 0 : image[i]!;
      image[i] = symmetric ? 2 * value - 1 : value;
    }
  });
}

/** All kinds of noise, by name. */
export const noiseGenerators: Record<NoiseName, (options: NoiseOptions) => ImageSource> = {
  gaussian: gaussianNoise,
  bernoulli: bernoulliNoise,
  rademacher: rademacherNoise,
  blobs,
  uniform: uniformNoise,
};

function coinFlips(random: Random, image: Float32Array, low: number): void {
  let bits = 0;
  for (let i = 0; i < image.length; i++) {
    if (i % 32 === 0) bits = random.int32();
    image[i] = bits & 1 ? 1 : low;
    bits >>>= 1;
  }
}

function noise(
  recipe: string,
  { count, shape, seed, range = 'unit', normalization }: NoiseOptions,
  draw: (random: Random, image: Float32Array) => void,
): ImageSource {
  if (!Number.isInteger(count) || count < 1 || shape.some((side) => !Number.isInteger(side) || side < 1)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `Noise of ${count} images of shape [${shape.join(', ')}] cannot be made: all four must be whole numbers of 1 or more.`,
    );
  }
  const size = shape[0] * shape[1] * shape[2];
  const toPixels = normalization && inPixels(shape, normalization);
  return {
    name: recipe.replace(/ \(.*/, ''),
    length: count,
    shape,
    fingerprint: `${recipe} ${range} ${shape.join('x')} seed ${seed}${
      normalization ? `, before (x − ${normalization.mean.join(' ')}) / ${normalization.std.join(' ')}` : ''
    }`,
    read(indices, out) {
      for (let i = 0; i < indices.length; i++) {
        const image = out.subarray(i * size, (i + 1) * size);
        draw(Random.from(seed, 'noise', recipe, indices[i]!), image);
        toPixels?.(image);
      }
    },
  };
}

/** Undoes a normalization, in place. */
function inPixels(
  [channels, height, width]: ImageShape,
  { mean, std }: NonNullable<NoiseOptions['normalization']>,
): (image: Float32Array) => void {
  if (mean.length !== channels || std.length !== channels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The normalization has ${mean.length} means and ${std.length} standard deviations, but noise images have ${channels} channels: give one of each for every channel.`,
    );
  }
  const size = height * width;
  return (image) => {
    for (let channel = 0; channel < channels; channel++) {
      const [shift, scale] = [mean[channel]!, std[channel]!];
      for (let i = channel * size; i < (channel + 1) * size; i++) image[i] = image[i]! * scale + shift;
    }
  };
}

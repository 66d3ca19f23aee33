import { describe, expect, it } from 'vitest';
import {
  bernoulliNoise,
  blobs,
  type InputRange,
  type NoiseName,
  noiseGenerators,
  rademacherNoise,
} from './noise.ts';
import type { ImageShape, ImageSource } from './source.ts';

const GREY: ImageShape = [1, 28, 28];
const PIXELS = 784;

function read(source: ImageSource, indices: number[]): Float32Array {
  const out = new Float32Array(indices.length * source.shape[0] * source.shape[1] * source.shape[2]);
  source.read(indices, out);
  return out;
}

function statistics(values: Float32Array) {
  let sum = 0;
  let squares = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    sum += value;
    squares += value * value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const mean = sum / values.length;
  return { mean, variance: squares / values.length - mean ** 2, low, high };
}

const cases: [NoiseName, InputRange][] = (Object.keys(noiseGenerators) as NoiseName[]).flatMap((name) =>
  (['unit', 'symmetric'] as const)
    .filter((range) => name !== 'rademacher' || range === 'symmetric')
    .map((range): [NoiseName, InputRange] => [name, range]),
);

describe.each(cases)('%s noise, %s', (name, range) => {
  const make = (seed: number) => noiseGenerators[name]({ count: 300, shape: GREY, seed, range });

  it('is the same for the same seed, and other for another', () => {
    expect(read(make(1), [0, 1, 2])).toEqual(read(make(1), [0, 1, 2]));
    expect(read(make(1), [0])).not.toEqual(read(make(2), [0]));
  });

  it('gives image i whatever the window', () => {
    const window = read(make(1), [7, 5, 299]);
    expect(window.subarray(PIXELS, 2 * PIXELS)).toEqual(read(make(1), [5]));
    expect(window.subarray(0, PIXELS)).not.toEqual(window.subarray(PIXELS, 2 * PIXELS));
  });

  it('stays in its range', () => {
    const { low, high } = statistics(read(make(3), [...Array(300).keys()]));
    const bound = range === 'unit' ? 0 : -1;
    expect(low).toBeCloseTo(bound, 3);
    expect(low).toBeGreaterThanOrEqual(bound);
    expect(high).toBeGreaterThan(range === 'unit' ? 0.9 : 0.8);
    expect(high).toBeLessThanOrEqual(1);
  });

  it('has no pixel unlike the others, and neighbours that do not depend on each other', () => {
    if (name === 'blobs') return;
    const images = read(make(4), [...Array(300).keys()]);
    const { mean, variance } = statistics(images);
    for (const pixel of [0, 1, 2, 3, 500]) {
      const column = Float32Array.from({ length: 300 }, (_, i) => images[i * PIXELS + pixel]!);
      const next = Float32Array.from({ length: 300 }, (_, i) => images[i * PIXELS + pixel + 1]!);
      const covariance =
        column.reduce((sum, value, i) => sum + (value - mean) * (next[i]! - mean), 0) / column.length;
      // Four and a half standard errors.
      expect(Math.abs(statistics(column).mean - mean)).toBeLessThan(4.5 * Math.sqrt(variance / 300));
      expect(Math.abs(covariance)).toBeLessThan((4.5 * variance) / Math.sqrt(300));
    }
  });
});

describe('the distributions', () => {
  const everything = (name: NoiseName, range: InputRange) =>
    statistics(
      read(noiseGenerators[name]({ count: 300, shape: GREY, seed: 5, range }), [...Array(300).keys()]),
    );

  it('have the mean and the variance that theory gives', () => {
    // A normal variable clipped at one standard deviation on both sides has 0.516 of its variance left.
    expect(everything('gaussian', 'unit').mean).toBeCloseTo(0.5, 2);
    expect(everything('gaussian', 'unit').variance).toBeCloseTo(0.25 * 0.5161, 2);
    expect(everything('gaussian', 'symmetric').mean).toBeCloseTo(0, 2);
    // Clipped at two: 0.9205.
    expect(everything('gaussian', 'symmetric').variance).toBeCloseTo(0.25 * 0.9205, 2);
    expect(everything('bernoulli', 'unit').mean).toBeCloseTo(0.5, 2);
    expect(everything('rademacher', 'symmetric').variance).toBeCloseTo(1, 2);
    expect(everything('uniform', 'unit').variance).toBeCloseTo(1 / 12, 2);
    expect(everything('uniform', 'symmetric').variance).toBeCloseTo(1 / 3, 2);
  });

  it('have the values that they should', () => {
    const options = { count: 2, shape: GREY, seed: 1 };
    expect(new Set(read(bernoulliNoise(options), [0, 1]))).toEqual(new Set([0, 1]));
    expect(new Set(read(rademacherNoise(options), [0, 1]))).toEqual(new Set([-1, 1]));
    for (const value of read(blobs(options), [0, 1])) expect(value === 0 || value >= 0.75).toBe(true);
  });

  it('make blobs that are dark for the most part, with lit regions', () => {
    const images = read(blobs({ count: 200, shape: GREY, seed: 1 }), [...Array(200).keys()]);
    const lit = images.filter((value) => value > 0).length / images.length;
    expect(lit).toBeGreaterThan(0.2);
    expect(lit).toBeLessThan(0.4);
  });

  it('blur blobs of colour across the channels too', () => {
    const images = read(blobs({ count: 50, shape: [3, 16, 16], seed: 1 }), [...Array(50).keys()]);
    let same = 0;
    for (let i = 0; i < images.length; i += 768)
      for (let j = 0; j < 256; j++) if (images[i + j]! > 0 === images[i + 256 + j]! > 0) same++;
    expect(same / (50 * 256)).toBeGreaterThan(0.7);
  });
});

describe('noise for a network that normalizes', () => {
  const normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const options = { count: 4, shape: [3, 8, 8] as ImageShape, seed: 1, range: 'symmetric' as const };

  it.each(Object.keys(noiseGenerators) as NoiseName[])(
    '%s is, behind the normalization, what was drawn',
    (name) => {
      const drawn = read(noiseGenerators[name](options), [0, 3]);
      const pixels = read(noiseGenerators[name]({ ...options, normalization }), [0, 3]);
      for (const [i, pixel] of pixels.entries()) {
        const channel = Math.floor(i / 64) % 3;
        const seen = (pixel - normalization.mean[channel]!) / normalization.std[channel]!;
        expect(seen).toBeCloseTo(drawn[i]!, 5);
      }
      // Pixels, not what the network sees.
      expect(pixels).not.toEqual(drawn);
    },
  );

  it('tells itself apart by its fingerprint, and wants a mean for each channel', () => {
    const { fingerprint } = bernoulliNoise({ ...options, normalization });
    expect(fingerprint).not.toBe(bernoulliNoise(options).fingerprint);
    expect(() => bernoulliNoise({ ...options, shape: GREY, normalization })).toThrow(/3 means .* 1 channel/);
  });
});

describe('what cannot be made', () => {
  it('is refused', () => {
    expect(() => rademacherNoise({ count: 1, shape: GREY, seed: 1, range: 'unit' })).toThrow(/Bernoulli/);
    expect(() => bernoulliNoise({ count: 0, shape: GREY, seed: 1 })).toThrow(/0 images/);
    expect(() => bernoulliNoise({ count: 1, shape: [1, 2.5, 3], seed: 1 })).toThrow(/2\.5/);
  });
});

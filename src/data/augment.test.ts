import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { type Augmentation, cutout, randomCrop, randomCropAndFlip, randomFlip } from './augment.ts';
import type { ImageShape } from './source.ts';

const ramp = (count: number) => Float32Array.from({ length: count }, (_, i) => i + 1);
/** The batch after the change. */
function changed(augmentation: Augmentation, pixels: Float32Array, shape: ImageShape, seed = 1): number[] {
  const copy = pixels.slice();
  augmentation.apply(copy, shape, Random.from(seed, 'test'));
  return [...copy];
}

describe('randomFlip', () => {
  it('mirrors all channels of about half of the images, and leaves the others', () => {
    const shape: ImageShape = [2, 2, 3];
    const image = ramp(12);
    const mirrored = [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10];
    const batch = Float32Array.from({ length: 12 * 400 }, (_, i) => image[i % 12]!);
    const result = changed(randomFlip(), batch, shape);
    let flips = 0;
    for (let at = 0; at < result.length; at += 12) {
      const one = result.slice(at, at + 12);
      if (one[0] === 3) flips++;
      expect(one).toEqual(one[0] === 3 ? mirrored : [...image]);
    }
    expect(flips).toBeGreaterThan(150);
    expect(flips).toBeLessThan(250);
  });
});

describe('randomCrop', () => {
  it('is a window on the framed image, every window as likely, channels together', () => {
    const shape: ImageShape = [2, 3, 4];
    const [fill, padding] = [[-1, -2], 2];
    const image = ramp(24);
    const framed = (channel: number, y: number, x: number) =>
      y < 0 || y >= 3 || x < 0 || x >= 4 ? fill[channel]! : image[channel * 12 + y * 4 + x]!;
    const windows = new Map<string, number>();
    for (let top = -padding; top <= padding; top++) {
      for (let left = -padding; left <= padding; left++) {
        const values = Array.from(image, (_, i) =>
          framed(Math.floor(i / 12), (Math.floor(i / 4) % 3) + top, (i % 4) + left),
        );
        windows.set(String(values), 0);
      }
    }
    expect(windows.size).toBe(25);
    const batch = Float32Array.from({ length: 24 * 2500 }, (_, i) => image[i % 24]!);
    const result = changed(randomCrop({ padding, fill }), batch, shape);
    for (let at = 0; at < result.length; at += 24) {
      const key = String(result.slice(at, at + 24));
      expect(windows.has(key)).toBe(true);
      windows.set(key, windows.get(key)! + 1);
    }
    for (const count of windows.values()) {
      expect(count).toBeGreaterThan(50);
      expect(count).toBeLessThan(150);
    }
  });

  it('changes nothing without padding, and leaves nothing of an image that was shifted out', () => {
    const batch = ramp(12);
    expect(changed(randomCrop({ padding: 0 }), batch, [1, 3, 4])).toEqual([...batch]);
    // One image of one pixel under a frame of 5: in 120 of 121 cases only the frame is seen.
    const pixel = new Float32Array(500).fill(7);
    const seen = changed(randomCrop({ padding: 5, fill: 0.5 }), pixel, [1, 1, 1]);
    expect(new Set(seen)).toEqual(new Set([0.5, 7]));
    expect(seen.filter((value) => value === 7).length).toBeLessThan(20);
  });

  it.each([-1, 1.5, Number.NaN])('refuses a padding of %d', (padding) => {
    expect(() => randomCrop({ padding })).toThrowError(/whole number of pixels/);
  });

  it('refuses values for other channels than there are, and a part of an image', () => {
    const crop = randomCrop({ padding: 1, fill: [0, 0] });
    expect(() => crop.apply(new Float32Array(27), [3, 3, 3], Random.from(1))).toThrowError(
      /2 values, but the images have 3 channels/,
    );
    expect(() => crop.apply(new Float32Array(17), [2, 3, 3], Random.from(1))).toThrowError(
      /17 values are not a whole number of images/,
    );
  });
});

describe('randomCropAndFlip', () => {
  it('says what it is', () => {
    expect(randomCropAndFlip({ padding: 4 }).name).toBe('crop(4)+flip');
  });

  it('follows the generator alone: what is in the pixels changes nothing about the windows', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 6 }), (seed, padding) => {
        const augmentation = randomCropAndFlip({ padding, fill: 0 });
        const shape: ImageShape = [1, 4, 5];
        const once = changed(augmentation, ramp(100), shape, seed);
        expect(changed(augmentation, ramp(100), shape, seed)).toEqual(once);
        const doubled = changed(
          augmentation,
          ramp(100).map((value) => 2 * value),
          shape,
          seed,
        );
        expect(doubled).toEqual(once.map((value) => 2 * value));
      }),
    );
  });
});

describe('cutout', () => {
  it('covers a square around any pixel, what of it is inside, channels together', () => {
    const [shape, fill]: [ImageShape, number[]] = [
      [2, 4, 5],
      [-1, -2],
    ];
    const count = 600;
    const images = Float32Array.from({ length: 40 * count }, (_, i) => (i % 40) + 1);
    const result = changed(cutout({ side: 2, fill }), images, shape);
    const seen = new Set<string>();
    for (let image = 0; image < count; image++) {
      const one = result.slice(40 * image, 40 * (image + 1));
      const covered = [...Array(20).keys()].filter((at) => one[at]! < 0);
      const [xs, ys] = [covered.map((at) => at % 5), covered.map((at) => Math.floor(at / 5))];
      const [left, right] = [Math.min(...xs), Math.max(...xs)];
      const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
      expect(covered).toHaveLength((right - left + 1) * (bottom - top + 1));
      expect(right - left + (bottom - top)).toBeLessThanOrEqual(2);
      for (let at = 0; at < 40; at++)
        expect(one[at]).toBe(covered.includes(at % 20) ? fill[Math.floor(at / 20)] : at + 1);
      seen.add(covered.join());
    }
    // A centre for every pixel; those of the first row and column leave half a square.
    expect(seen.size).toBe(20);
    expect(changed(cutout({ side: 99 }), images.subarray(0, 40), shape)).toEqual(new Array(40).fill(0));
    expect(() => cutout({ side: 0 })).toThrowError(/side of a cutout is 0/);
  });
});

/** Blur and resizing against SciPy (which scikit-image calls) and Pillow; the fixture is made by test/fixtures/image-ops.py. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gaussianBlur, gaussianKernel } from './blur.ts';
import { byteResizer, type ImageSides, type ResizeFilter } from './resize.ts';
import { memorySource } from './source.ts';
import { pixelate } from './validation.ts';

interface Fixture {
  blur: { shape: number[]; sigma: number; mask: number[]; blurred: number[] }[];
  pixelate: { side: number; pixels: number[]; pixelated: number[] }[];
  resize: { filter: ResizeFilter; from: ImageSides; to: ImageSides; pixels: number[]; resized: number[] }[];
}
const fixture = JSON.parse(
  readFileSync(new URL('../../test/fixtures/image-ops.json', import.meta.url), 'utf8'),
) as Fixture;

describe('gaussianBlur', () => {
  it.each(fixture.blur)('blurs $shape as SciPy does', ({ shape, sigma, mask, blurred }) => {
    const values = Float32Array.from(mask);
    gaussianBlur(values, shape, gaussianKernel(sigma));
    const furthest = Math.max(...blurred.map((value, i) => Math.abs(value - values[i]!)));
    expect(furthest).toBeLessThan(2e-7);
  });

  it('leaves a flat image as it is', () => {
    const values = new Float32Array(3 * 5 * 4).fill(0.25);
    gaussianBlur(values, [3, 5, 4], gaussianKernel(1.5));
    for (const value of values) expect(value).toBeCloseTo(0.25, 6);
  });
});

describe('byteResizer', () => {
  it.each(fixture.resize)('$filter from $from to $to as Pillow', ({ filter, from, to, pixels, resized }) => {
    expect([...byteResizer(from, to, filter)(Uint8Array.from(pixels))]).toEqual(resized);
  });
});

describe('pixelate', () => {
  it.each(fixture.pixelate)('pixelates $side × $side as Pillow does', async ({ side, pixels, pixelated }) => {
    const source = memorySource({
      name: 'random',
      shape: [1, side, side],
      pixels: Uint8Array.from(pixels),
      fingerprint: '',
    });
    const out = new Float32Array(side * side);
    await pixelate(source).read([0], out);
    expect(Array.from(out, (value) => Math.round(value * 255))).toEqual(pixelated);
  });
});

import { describe, expect, it } from 'vitest';
import { grayBytes, grayscale } from './gray.ts';
import { type ImageShape, type ImageSource, memorySource } from './source.ts';
import {
  arithmeticMean,
  geometricMean,
  invert,
  jigsaw,
  jigsawOrigin,
  mirroredDigits,
  negative,
  pixelate,
  rgbGhost,
  speckle,
  validationOutliers,
} from './validation.ts';

function source(shape: ImageShape, values: number[], labels?: number[]): ImageSource {
  return memorySource({
    name: 'test',
    shape,
    pixels: Float32Array.from(values),
    fingerprint: 'test',
    ...(labels && { labels: Int32Array.from(labels) }),
  });
}

async function read(set: ImageSource, indices: number[]): Promise<number[]> {
  const out = new Float32Array(indices.length * set.shape[0] * set.shape[1] * set.shape[2]);
  await set.read(indices, out);
  return [...out];
}

/** Image i of one pixel has the value i / 16. */
const ramp = source(
  [1, 1, 1],
  Array.from({ length: 16 }, (_, i) => i / 16),
);
const all = [...Array(16).keys()];

describe('means of pairs', () => {
  it('mix an image with another one', async () => {
    const means = await read(arithmeticMean(ramp, 1), all);
    const partners = means.map((mean, i) => (2 * mean - i / 16) * 16);
    expect(partners.every((partner, i) => Number.isInteger(partner) && partner !== i)).toBe(true);
    expect(new Set(partners).size).toBeGreaterThan(5);
  });

  it('take the root of the product', async () => {
    expect(await read(geometricMean(source([1, 1, 2], [1, 0.25, 0.25, 1]), 1), [0])).toEqual([0.5, 0.5]);
  });

  it('need two images', () => {
    expect(() => arithmeticMean(source([1, 1, 1], [1]), 1)).toThrow(/at least two/);
  });
});

describe('every set', () => {
  const digits = source(
    [1, 28, 28],
    Array.from({ length: 6 * 784 }, (_, i) => ((i * 7919) % 256) / 255),
    [0, 2, 3, 4, 7, 1],
  );
  const sets = [...validationOutliers(digits, 3, { content: 'digits' }), negative(digits), invert(digits)];

  it.each(sets)('$name: image i is the same whatever the window', async (set) => {
    const window = await read(set, [3, 1, 3]);
    expect(window.slice(0, 784)).toEqual(await read(set, [3]));
    expect(window.slice(784, 1568)).toEqual(await read(set, [1]));
    expect(window.slice(1568)).toEqual(window.slice(0, 784));
    for (const value of window) expect(value).toSatisfy((v: number) => v >= 0 && v <= 1);
  });

  it('has its own name and fingerprint', () => {
    expect(new Set(sets.map(({ fingerprint }) => fingerprint)).size).toBe(sets.length);
    expect(sets.map(({ name }) => name)).toEqual([
      'Uniform',
      'Arithmetic mean',
      'Geometric mean',
      'Jigsaw',
      'Speckle',
      'Pixelate',
      'Mirrored digits',
      'Negative',
      'Inverted',
    ]);
  });

  it('changes with the seed where it is random', async () => {
    expect(await read(speckle(digits, 1), [0])).not.toEqual(await read(speckle(digits, 2), [0]));
  });
});

describe('jigsaw', () => {
  it.each([4, 8, 28, 32, 64])('moves every pixel of %i × %i somewhere', (side) => {
    const sorted = [...jigsawOrigin(side)].sort((a, b) => a - b);
    expect(sorted).toEqual(Array.from({ length: side * side }, (_, i) => i));
  });

  it('rearranges 28 × 28 as the authors do', async () => {
    const values = Array.from({ length: 784 }, (_, i) => i);
    const rearranged = await read(jigsaw(source([1, 28, 28], values)), [0]);
    const at = (y: number, x: number) => y * 28 + x;
    // Upper left: rows 6 to 13, then 0 to 5; beside it the lower left quarter.
    expect(rearranged[at(0, 0)]).toBe(at(6, 0));
    expect(rearranged[at(7, 13)]).toBe(at(13, 13));
    expect(rearranged[at(8, 3)]).toBe(at(0, 3));
    expect(rearranged[at(2, 14)]).toBe(at(16, 0));
    // Below, the lower right quarter, and beside it the upper right: columns 22 to 27, then 14 to 21.
    expect(rearranged[at(14, 0)]).toBe(at(14, 14));
    expect(rearranged[at(14, 14)]).toBe(at(0, 22));
    expect(rearranged[at(27, 19)]).toBe(at(13, 27));
    expect(rearranged[at(20, 20)]).toBe(at(6, 14));
  });

  it('needs an even square', () => {
    expect(() => jigsaw(source([1, 3, 3], new Array(9).fill(0)))).toThrow(/even/);
    expect(() => jigsaw(source([1, 2, 4], new Array(8).fill(0)))).toThrow(/squares/);
  });
});

describe('mirrors and colours', () => {
  it('mirrors the digits that become none', async () => {
    const pixels = [1, 2, 3, 4];
    const digits = source([1, 2, 2], [...pixels, ...pixels, ...pixels], [8, 3, 2]);
    const mirrored = mirroredDigits(digits);
    expect(mirrored.length).toBe(3);
    expect(mirrored.labels).toBeUndefined();
    expect(await read(mirrored, [0])).toEqual([3, 4, 1, 2]);
    expect(await read(mirrored, [1, 2])).toEqual([2, 1, 4, 3, 2, 1, 4, 3]);
    expect(() => mirroredDigits(ramp)).toThrow(/no labels/);
  });

  it('inverts grey, and green and blue of colours', async () => {
    expect(await read(invert(source([1, 1, 2], [0, 0.25])), [0])).toEqual([1, 0.75]);
    const colour = source([3, 1, 1], [0.25, 0.25, 1]);
    expect(await read(invert(colour), [0])).toEqual([0.25, 0.75, 0]);
    expect(await read(negative(colour), [0])).toEqual([0.75, 0.75, 0]);
  });

  it('makes a ghost of green mirrored, blue and red', async () => {
    expect(await read(rgbGhost(source([3, 1, 2], [1, 2, 3, 4, 5, 6])), [0])).toEqual([4, 3, 5, 6, 1, 2]);
    expect(() => rgbGhost(ramp)).toThrow(/of 3/);
  });

  it('offers ghosts and negatives for colours only', () => {
    const names = (set: ImageSource) =>
      validationOutliers(set, 1, { content: 'pictures' }).map(({ name }) => name);
    expect(names(source([3, 8, 8], new Array(384).fill(0)))).toContain('RGB ghost');
    expect(names(source([1, 8, 8], new Array(128).fill(0)))).not.toContain('Inverted');
  });

  it('refuses to pixelate to nothing', () => {
    expect(() => pixelate(ramp)).toThrow(/leaves a pixel/);
  });
});

describe('grey', () => {
  it('weighs red, green and blue', async () => {
    expect([...grayBytes(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255))]).toEqual([
      76, 150, 29, 255,
    ]);
    const [value] = await read(grayscale(source([3, 1, 1], [1, 0.5, 0])), [0]);
    expect(value).toBeCloseTo(0.2989 + 0.587 / 2, 6);
    expect(() => grayscale(ramp)).toThrow(/3 \(red, green, blue\)/);
  });
});

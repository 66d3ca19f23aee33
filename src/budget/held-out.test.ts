import { describe, expect, it } from 'vitest';
import { type ImageShape, memorySource } from '../data/index.ts';
import { convNet } from '../nn/index.ts';
import { bars } from '../training/testing.ts';
import { holdOut, madeOutliers } from './held-out.ts';
import { errorOfDifference } from './measure.ts';

const source = (shape: ImageShape, count = 8) =>
  memorySource({
    name: 'made',
    shape,
    pixels: new Float32Array(count * shape[0] * shape[1] * shape[2]).fill(0.4),
    fingerprint: 'made',
  });

describe('holdOut', () => {
  it('parts a set, by the seed alone, with its labels', async () => {
    const { rest, heldOut } = holdOut(bars(200), { share: 0.1, seed: 1 });
    expect([rest.length, heldOut.length]).toEqual([180, 20]);
    const again = holdOut(bars(200), { share: 0.1, seed: 1 });
    expect(again.heldOut.fingerprint).toBe(heldOut.fingerprint);
    expect(holdOut(bars(200), { share: 0.1, seed: 2 }).heldOut.fingerprint).not.toBe(heldOut.fingerprint);
    // Every image is in one part: their bars add up.
    const classes = (labels: Int32Array) => [...labels].filter((label) => label === 3).length;
    expect(classes(rest.labels!) + classes(heldOut.labels!)).toBe(20);
  });

  it.each([0, 1, 0.001, -1, Number.NaN])('refuses a share of %d', (share) => {
    expect(() => holdOut(bars(20), { share, seed: 1 })).toThrowError(/cannot be held out/);
  });
});

describe('madeOutliers', () => {
  const names = (shape: ImageShape, count?: number) =>
    madeOutliers(source(shape, count), { model: convNet({ seed: 1 }), seed: 1 }).map(({ name }) => name);

  it('makes what the shape allows', async () => {
    const all = names([3, 8, 8]);
    expect(all.length).toBe(8);
    expect(names([1, 8, 8])).toEqual(all.filter((name) => !['RGB ghost', 'Inverted'].includes(name)));
    expect(names([3, 7, 9])).toEqual(all.filter((name) => name !== 'Jigsaw'));
    expect(names([3, 4, 4])).toEqual(all.filter((name) => name !== 'Pixelate'));
    expect(names([1, 8, 8], 1).some((name) => name.includes('mean'))).toBe(false);
    for (const shape of [
      [3, 8, 8],
      [1, 3, 5],
    ] as ImageShape[]) {
      for (const set of madeOutliers(source(shape), { model: convNet({ seed: 1 }), seed: 1 })) {
        const out = new Float32Array(2 * shape[0] * shape[1] * shape[2]).fill(Number.NaN);
        await set.read([0, 1], out);
        expect(out.every(Number.isFinite), set.name).toBe(true);
      }
    }
  });
});

describe('errorOfDifference', () => {
  it('is that of a mean of differences of −1, 0 and 1', () => {
    const a = { wrong: Uint8Array.of(1, 1, 1, 0, 0, 0, 0, 1) };
    const b = { wrong: Uint8Array.of(0, 0, 1, 0, 0, 0, 1, 0) };
    const differences = [1, 1, 0, 0, 0, 0, -1, 1];
    const mean = 2 / 8;
    const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 8;
    expect(errorOfDifference(a, b)).toBeCloseTo(Math.sqrt(variance / 8), 10);
    expect(errorOfDifference(a, a)).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { noised } from './noised.ts';
import { memorySource } from './source.ts';

const flat = (value: number, count = 40) =>
  memorySource({
    name: 'flat',
    shape: [1, 10, 10],
    pixels: new Float32Array(count * 100).fill(value),
    labels: new Int32Array(count),
    fingerprint: `flat ${value}`,
  });

async function read(set: ReturnType<typeof noised>, indices: number[]): Promise<Float32Array> {
  const out = new Float32Array(indices.length * 100);
  await set.read(indices, out);
  return out;
}

describe('noised', () => {
  it('adds normal noise of the given deviation', async () => {
    const values = await read(noised(flat(0.5), { sigma: 0.1, seed: 1 }), [...Array(40).keys()]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // 4,000 draws: the standard error of the mean is 0.0016, that of the deviation 0.0011.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.007);
    expect(Math.abs(Math.sqrt(variance) - 0.1)).toBeLessThan(0.006);
  });

  it('stays in the range of pixels, and has no labels', async () => {
    const set = noised(flat(1), { seed: 1 });
    const values = await read(set, [0, 1]);
    expect(Math.max(...values)).toBe(1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    // Half of the noise is upwards, and cut off.
    expect(values.filter((value) => value === 1).length / values.length).toBeCloseTo(0.5, 0);
    expect(set.labels).toBeUndefined();
  });

  it('depends on the seed and the image alone', async () => {
    const set = noised(flat(0.5), { seed: 3 });
    const [alone, beside] = [await read(set, [7]), await read(set, [2, 7])];
    expect(beside.subarray(100)).toEqual(alone);
    expect(beside.subarray(0, 100)).not.toEqual(alone);
    expect(await read(noised(flat(0.5), { seed: 4 }), [7])).not.toEqual(alone);
    expect(noised(flat(0.5), { seed: 4 }).fingerprint).not.toBe(set.fingerprint);
  });
});

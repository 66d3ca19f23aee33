import { describe, expect, it } from 'vitest';
import { channelStatistics } from './channel-statistics.ts';
import { memorySource } from './source.ts';

const source = (pixels: number[]) =>
  memorySource({ name: 'set', shape: [2, 1, 2], pixels: Float32Array.from(pixels), fingerprint: '' });

describe('channelStatistics', () => {
  it('by hand: each channel apart; one of a single value is divided by 1', async () => {
    // Channel 0: 0, 1, 0.5, 0.5; channel 1: 0.25 throughout.
    const { mean, std } = await channelStatistics(source([0, 1, 0.25, 0.25, 0.5, 0.5, 0.25, 0.25]));
    expect(mean).toEqual([0.5, 0.25]);
    expect(std).toEqual([0.353553, 1]);
  });

  it('takes images that lie evenly over a large set', async () => {
    const set = source(Array.from({ length: 4 * 250 }, (_, i) => Math.floor(i / 4)));
    const read: number[] = [];
    const watched = {
      ...set,
      read(indices: ArrayLike<number>, out: Float32Array) {
        read.push(...Array.from(indices));
        return set.read(indices, out);
      },
    };
    const progress: number[] = [];
    const { mean } = await channelStatistics(watched, {
      most: 125,
      onProgress: (done) => progress.push(done),
    });
    expect(read).toEqual(Array.from({ length: 125 }, (_, i) => 2 * i));
    expect(mean).toEqual([124, 124]);
    expect(progress).toEqual([100, 125]);
    await expect(channelStatistics(set, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

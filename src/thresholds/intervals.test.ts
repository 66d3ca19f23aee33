import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { betaCdf, betaQuantile } from './beta.ts';
import { quantileRanks, shareOf } from './intervals.ts';

// Made by test/fixtures/thresholds.py with scipy.
const fixture = JSON.parse(
  readFileSync(new URL('../../test/fixtures/thresholds.json', import.meta.url), 'utf8'),
) as {
  beta: [x: number, a: number, b: number, cdf: number][];
  shares: [flagged: number, count: number, low: number, high: number][];
  ranks: [p: number, count: number, low: number, high: number][];
};

describe('against scipy', () => {
  it('the beta distribution', () => {
    for (const [x, a, b, cdf] of fixture.beta)
      expect(Math.abs(betaCdf(x, a, b) - cdf), `${x}, ${a}, ${b}`).toBeLessThan(1e-7 * cdf + 1e-13);
  });
  it.each(fixture.shares)('%d of %d', (flagged, count, low, high) => {
    const { rate, interval } = shareOf(flagged, count);
    expect(rate).toBe(flagged / count);
    expect(Math.abs(interval[0] - low)).toBeLessThanOrEqual(1e-7 * low);
    expect(Math.abs(interval[1] - high)).toBeLessThanOrEqual(1e-7 * high);
  });
  it.each(fixture.ranks)('the %d quantile of %d', (p, count, low, high) => {
    expect(quantileRanks(p, count)).toEqual([low, high]);
  });
});

it('betaQuantile is the inverse', () => {
  const parameter = fc.double({ min: 1, max: 2000, noNaN: true });
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), parameter, parameter, (p, a, b) => {
      expect(betaCdf(betaQuantile(p, a, b), a, b)).toBeCloseTo(p, 7);
    }),
  );
});

describe('shareOf', () => {
  it('lies around the share, within 0 and 1, the nearer the more examples', () => {
    const counts = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(counts, ([count, part]) => {
        const flagged = Math.round(part * count);
        const { rate, interval } = shareOf(flagged, count);
        const more = shareOf(10 * flagged, 10 * count).interval;
        expect(0 <= interval[0] && interval[0] <= rate && rate <= interval[1] && interval[1] <= 1).toBe(true);
        expect(more[1] - more[0]).toBeLessThan(interval[1] - interval[0]);
        // Seen from the other side.
        const mirrored = shareOf(count - flagged, count).interval;
        expect(mirrored[0]).toBeCloseTo(1 - interval[1], 9);
      }),
    );
  });

  it.each([
    [0.03, 40],
    [0.3, 25],
    [0.5, 100],
  ])('holds a share of %d of %d draws 95 times of 100 or more', (share, count) => {
    const random = Random.from(11, 'shares', share);
    let held = 0;
    const intervals = Array.from({ length: count + 1 }, (_, flagged) => shareOf(flagged, count).interval);
    for (let trial = 0; trial < 4000; trial++) {
      let flagged = 0;
      for (let i = 0; i < count; i++) if (random.uniform() < share) flagged++;
      const [low, high] = intervals[flagged]!;
      if (low <= share && share <= high) held++;
    }
    // 0.95 less three standard deviations of 4,000 trials.
    expect(held / 4000).toBeGreaterThan(0.94);
  });

  it.each([
    [1, 0],
    [-1, 3],
    [4, 3],
    [0.5, 3],
  ])('refuses %d of %d', (flagged, count) => {
    expect(() => shareOf(flagged, count)).toThrowError(/is no share: give whole numbers/);
  });
});

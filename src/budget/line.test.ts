import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestWithin, type LinePoint, searchLine } from './line.ts';

/** A line on which the budget ends at `end`, and detection is best at `peak`. */
const line = (end: number, peak: number) => (share: number) =>
  Promise.resolve<LinePoint>({ share, meanAuroc: 1 - (share - peak) ** 2, withinBudget: share <= end });

const shares = async (end: number, peak: number) =>
  (await searchLine(line(end, peak))).map(({ share }) => share);

describe('the search along the line', () => {
  it('looks at every quarter, then above the best one within the budget', async () => {
    expect(await shares(0.6, 1)).toEqual([1, 0.75, 0.5, 0.25, 0.625, 0.5625]);
    expect(await shares(0.7, 1)).toEqual([1, 0.75, 0.5, 0.25, 0.625, 0.6875]);
    expect(await shares(1, 0.5)).toEqual([1, 0.75, 0.5, 0.25, 0.625, 0.5625]);
  });

  it('has nothing to add where the tuned end is the best', async () => {
    expect(await shares(1, 1)).toEqual([1, 0.75, 0.5, 0.25]);
  });

  it('goes nearer to the baseline where nothing else is within the budget', async () => {
    expect(await shares(0.1, 1)).toEqual([1, 0.75, 0.5, 0.25, 0.125, 0.0625]);
  });

  it('comes near the best that there is, wherever it is', async () => {
    const from = (min: number) => fc.double({ min, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(from(0.07), from(0.25), async (end, peak) => {
        const best = bestWithin(await searchLine(line(end, peak)))!;
        expect(best.share).toBeLessThanOrEqual(end);
        const optimum = Math.min(end, peak);
        expect(Math.abs(best.share - optimum)).toBeLessThanOrEqual(0.125);
      }),
      { seed: 1 },
    );
  });

  it('knows the best only among those within the budget', () => {
    const point = (meanAuroc: number, withinBudget: boolean) => ({ share: 1, meanAuroc, withinBudget });
    const points = [point(0.9, false), point(0.7, true), point(0.8, true), point(0.8, true)];
    expect(bestWithin(points)).toBe(points[2]);
    expect(bestWithin(points.slice(0, 1))).toBeUndefined();
  });
});

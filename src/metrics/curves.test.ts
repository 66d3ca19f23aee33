import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CurvePoint, detectionMetrics, prCurve, rocCurve } from './index.ts';

const area = (points: CurvePoint[]) =>
  points.slice(1).reduce((sum, { x, y }, i) => sum + ((x - points[i]!.x) * (y + points[i]!.y)) / 2, 0);

describe('rocCurve', () => {
  it('visits every threshold when nothing is thinned', () => {
    expect(rocCurve([1, 2, 3], [2, 4], { tolerance: 0 })).toEqual([
      { x: 0, y: 0, threshold: Number.POSITIVE_INFINITY },
      { x: 0, y: 0.5, threshold: 4 },
      { x: 1 / 3, y: 0.5, threshold: 3 },
      { x: 2 / 3, y: 1, threshold: 2 },
      { x: 1, y: 1, threshold: 1 },
    ]);
  });

  it('encloses the AUROC', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(scores, scores, (inliers, outliers) => {
        expect(area(rocCurve(inliers, outliers, { tolerance: 0 }))).toBeCloseTo(
          detectionMetrics(inliers, outliers).auroc,
          10,
        );
      }),
    );
  });

  it('leaves out only points that a kept one covers', () => {
    const scores = fc.array(fc.float({ noNaN: true, min: 0, max: 1 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(scores, scores, fc.constantFrom(0.01, 0.1), (inliers, outliers, tolerance) => {
        for (const curve of [rocCurve, prCurve]) {
          const kept = curve(inliers, outliers, { tolerance });
          for (const { x, y } of curve(inliers, outliers, { tolerance: 0 })) {
            expect(
              kept.some((point) => Math.abs(point.x - x) <= tolerance && Math.abs(point.y - y) <= tolerance),
            ).toBe(true);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is short however many scores there are', () => {
    const inliers = Float32Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 200_003);
    const outliers = Float32Array.from({ length: 200_000 }, (_, i) => ((i * 104_729) % 200_003) + 50_000);
    const points = rocCurve(inliers, outliers);
    expect(points.length).toBeLessThan(8_000);
    expect(area(points)).toBeCloseTo(detectionMetrics(inliers, outliers).auroc, 3);
  });
});

describe('prCurve', () => {
  it('ends at full recall, and begins at recall 0 with the first precision', () => {
    const points = prCurve([1, 2, 3], [2, 4], { tolerance: 0 });
    expect(points.map(({ x, y }) => [x, y])).toEqual([
      [0, 1],
      [0.5, 1],
      [0.5, 0.5],
      [1, 0.5],
    ]);
  });
});

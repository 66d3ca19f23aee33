import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { detectionMetrics, METRIC_DEFINITIONS } from './index.ts';

interface Expected {
  auroc: number;
  aupr: number;
  auprIn: number;
  fpr95: number;
}
interface Case extends Expected {
  name: string;
  in: string[];
  out: string[];
  detectionError: number;
  fpr90: number;
  fpr95first: number;
  fpr90first: number;
}
// Made by test/fixtures/metrics.py with scikit-learn.
const fixture = JSON.parse(
  readFileSync(new URL('../../test/fixtures/metrics.json', import.meta.url), 'utf8'),
) as {
  cases: Case[];
  million: Expected;
};
const numbers = (texts: string[]) =>
  Float32Array.from(texts, (text) =>
    text === 'inf' ? Number.POSITIVE_INFINITY : text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text),
  );

describe('detectionMetrics', () => {
  it.each(fixture.cases)('agrees with scikit-learn and the reference: $name', (expected) => {
    const [inliers, outliers] = [numbers(expected.in), numbers(expected.out)];
    const metrics = detectionMetrics(inliers, outliers);
    for (const key of ['auroc', 'aupr', 'auprIn', 'detectionError'] as const)
      expect(metrics[key]).toBeCloseTo(expected[key], 12);
    expect(metrics.fpr).toBeCloseTo(expected.fpr95, 12);
    expect(detectionMetrics(inliers, outliers, { n: 90 }).fpr).toBeCloseTo(expected.fpr90, 12);
    expect(detectionMetrics(inliers, outliers, { mode: 'first' }).fpr).toBeCloseTo(expected.fpr95first, 12);
    expect(detectionMetrics(inliers, outliers, { n: 90, mode: 'first' }).fpr).toBeCloseTo(
      expected.fpr90first,
      12,
    );
    // The same from doubles, which take another way to be sorted.
    expect(detectionMetrics(Float64Array.from(inliers), [...outliers])).toEqual(metrics);
  });

  it('agrees with scikit-learn on a million scores each', () => {
    const score = (i: number) => Math.floor(((i * 2654435761) % 2 ** 32) / 256) / 2 ** 24;
    const inliers = Float32Array.from({ length: 1_000_000 }, (_, i) => score(i));
    const outliers = Float32Array.from(
      { length: 1_000_000 },
      (_, i) => Math.fround(score(1_000_000 + i)) + 0.25,
    );
    const before = inliers.slice();
    const metrics = detectionMetrics(inliers, outliers);
    expect(metrics.auroc).toBeCloseTo(fixture.million.auroc, 9);
    expect(metrics.aupr).toBeCloseTo(fixture.million.aupr, 9);
    expect(metrics.auprIn).toBeCloseTo(fixture.million.auprIn, 9);
    expect(metrics.fpr).toBeCloseTo(fixture.million.fpr95, 9);
    expect(inliers).toEqual(before);
  });

  it('counts by hand', () => {
    // Of the pairs (in, out), outlier 2 beats 1, ties with 2 and loses to 3: (1 + ½ + 0) / 3; outlier 4 beats all.
    const metrics = detectionMetrics([1, 2, 3], [2, 4]);
    expect(metrics.auroc).toBeCloseTo((1.5 + 3) / 6, 14);
    // Thresholds 4, 3, 2: recall ½ at precision 1, then recall 1 at precision 2/4.
    expect(metrics.aupr).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 4), 14);
    expect(metrics).toMatchObject({ fpr: 2 / 3, threshold: 2, inCount: 3, outCount: 2, n: 95 });
  });

  it.each([
    [[], [1], /no in-distribution scores/],
    [[1], [], /no out-of-distribution scores/],
    [[1, Number.NaN], [1], /in-distribution score number 1 .* NaN/],
    [[1], [Number.NaN], /out-of-distribution score number 0 .* NaN/],
  ])('rejects %j against %j', (inliers, outliers, message) => {
    expect(() => detectionMetrics(inliers, outliers)).toThrowError(OutlierExposureError);
    expect(() => detectionMetrics(inliers, outliers)).toThrowError(message);
  });

  it.each([0, -5, 101, Number.NaN])('rejects N = %d', (n) => {
    expect(() => detectionMetrics([1], [2], { n })).toThrowError(/percentage above 0/);
  });

  it('has a definition to show for every measure', () => {
    for (const definition of Object.values(METRIC_DEFINITIONS)) expect(definition).toMatch(/is better/);
  });
});

describe('properties', () => {
  const score = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.float({ noNaN: true }));
  const scores = fc.array(score, { minLength: 1, maxLength: 40 });

  it('AUROC is the share of pairs in order, ties half', () => {
    fc.assert(
      fc.property(scores, scores, (inliers, outliers) => {
        let wins = 0;
        for (const i of inliers) for (const o of outliers) wins += o > i ? 1 : o === i ? 0.5 : 0;
        expect(detectionMetrics(inliers, outliers).auroc).toBeCloseTo(
          wins / inliers.length / outliers.length,
          10,
        );
      }),
    );
  });

  it('does not depend on the order of the scores', () => {
    fc.assert(
      fc.property(scores, scores, (inliers, outliers) => {
        expect(detectionMetrics(inliers.toReversed(), outliers.toSorted())).toEqual(
          detectionMetrics(inliers, outliers),
        );
      }),
    );
  });

  it('does not change under a growing function of the scores', () => {
    const integers = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(integers, integers, (inliers, outliers) => {
        const grow = (values: number[]) => values.map((value) => 3 * value ** 3 + value - 7);
        const { threshold: _, ...before } = detectionMetrics(inliers, outliers);
        const { threshold: __, ...after } = detectionMetrics(grow(inliers), grow(outliers));
        expect(after).toEqual(before);
      }),
    );
  });

  it('swapping the sides turns AUROC over, and swaps AUPR with AUPR-in of negated scores', () => {
    const negated = (values: number[]) => values.map((value) => -value);
    fc.assert(
      fc.property(scores, scores, (inliers, outliers) => {
        const metrics = detectionMetrics(inliers, outliers);
        expect(detectionMetrics(outliers, inliers).auroc).toBeCloseTo(1 - metrics.auroc, 10);
        const swapped = detectionMetrics(negated(outliers), negated(inliers));
        expect(swapped.aupr).toBeCloseTo(metrics.auprIn, 10);
        expect(swapped.auprIn).toBeCloseTo(metrics.aupr, 10);
      }),
    );
  });

  it('stays between 0 and 1, and the first rule reaches N', () => {
    fc.assert(
      fc.property(scores, scores, fc.integer({ min: 1, max: 100 }), (inliers, outliers, n) => {
        const metrics = detectionMetrics(inliers, outliers, { n, mode: 'first' });
        for (const key of ['fpr', 'auroc', 'aupr', 'auprIn', 'detectionError'] as const) {
          expect(metrics[key]).toBeGreaterThanOrEqual(0);
          expect(metrics[key]).toBeLessThanOrEqual(1 + 1e-12);
        }
        const found = outliers.filter((value) => value >= metrics.threshold).length / outliers.length;
        expect(found).toBeGreaterThanOrEqual(n / 100);
        expect(inliers.filter((value) => value >= metrics.threshold).length / inliers.length).toBeCloseTo(
          metrics.fpr,
          12,
        );
      }),
    );
  });
});

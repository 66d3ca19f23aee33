import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { detectionMetrics } from '../metrics/index.ts';
import { Random } from '../random.ts';
import { chooseThreshold, flaggedShare, isOutlier, type ThresholdOptions } from './choose.ts';

/** 1 … count. */
const upTo = (count: number) => Float64Array.from({ length: count }, (_, i) => i + 1);

describe('by hand', () => {
  it('fpr: just above the r-th highest, r = ⌊fpr (n + 1)⌋', () => {
    const { threshold, fpr, tpr } = chooseThreshold(upTo(99), { fpr: 0.05 });
    // r = 5: 95 is not flagged, 96 to 99 are.
    expect(threshold).toBeGreaterThan(95);
    expect(threshold).toBeCloseTo(95, 12);
    expect(fpr).toMatchObject({ flagged: 4, count: 99, rate: 4 / 99 });
    expect(tpr).toBeUndefined();
  });

  it('tpr: the r-th lowest of the outliers, r = ⌊(1 − tpr)(n + 1)⌋', () => {
    const outScores = upTo(99).map((score) => score + 50);
    const { threshold, fpr, tpr } = chooseThreshold(upTo(100), { tpr: 0.9, outScores });
    expect(threshold).toBe(60);
    expect(tpr).toMatchObject({ flagged: 90, count: 99 });
    expect(fpr).toMatchObject({ flagged: 41, count: 100 });
  });

  it('cost: where alarms and misses cost least', () => {
    const inScores = [0, 1, 2, 3, 6];
    const outScores = [2.5, 4, 5, 7];
    const at = (options: { cost: number; prevalence?: number }) =>
      chooseThreshold(inScores, { ...options, outScores }).threshold;
    // From 4 on: one alarm of 5, one miss of 4; from 2.5 on: two alarms, none missed.
    expect(at({ cost: 0.5 })).toBe(4);
    expect(at({ cost: 1 })).toBe(2.5);
    // A miss that costs nearly nothing: only what no in-distribution example reaches.
    expect(at({ cost: 0.1 })).toBe(7);
    // Rare outliers are a low cost.
    expect(at({ cost: 1, prevalence: 1 / 11 })).toBe(7);
    expect(at({ cost: 1000 })).toBe(2.5);
  });

  it('ties are never flagged in part', () => {
    const inScores = [...new Array(50).fill(0), ...new Array(50).fill(1)] as number[];
    const { threshold, fpr } = chooseThreshold(inScores, { fpr: 0.1 });
    expect(isOutlier(1, threshold)).toBe(false);
    expect(fpr.flagged).toBe(0);
  });

  it('the interval of the threshold is open where too few scores bound it', () => {
    const { interval } = chooseThreshold(upTo(30), { fpr: 0.05 });
    expect(interval).toEqual([26, null]);
    expect(chooseThreshold(upTo(1000), { fpr: 0.05 }).interval).toEqual([936, 964]);
  });
});

// A threshold above the largest finite score would be infinite, and is refused.
const largest = Math.fround(1e38);
const scores = fc.array(fc.float({ min: -largest, max: largest, noNaN: true }), {
  minLength: 30,
  maxLength: 200,
});
const share = fc.double({ min: 0.04, max: 0.96, noNaN: true });

describe('whatever the scores', () => {
  it('fpr flags no more than asked for, and one score less would', () => {
    fc.assert(
      fc.property(scores, share, (list, fpr) => {
        const inScores = Float32Array.from(list);
        const chosen = chooseThreshold(inScores, { fpr });
        expect(chosen.fpr.flagged).toBeLessThan(fpr * (list.length + 1));
        expect(chosen.fpr.flagged).toBe(inScores.filter((score) => score >= chosen.threshold).length);
        // The next lower score that occurs would flag more than is allowed.
        const below = inScores
          .filter((score) => score < chosen.threshold)
          .sort()
          .at(-1);
        if (below !== undefined)
          expect(flaggedShare(inScores, below).flagged).toBeGreaterThanOrEqual(
            Math.floor(fpr * (list.length + 1) + 1e-9),
          );
      }),
    );
  });

  it('tpr finds no less than asked for', () => {
    fc.assert(
      fc.property(scores, share, (list, tpr) => {
        const chosen = chooseThreshold([0], { tpr, outScores: list });
        expect(chosen.tpr!.rate).toBeGreaterThanOrEqual(tpr);
        expect(list).toContain(chosen.threshold);
      }),
    );
  });

  it('no other threshold costs less', () => {
    const cost = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(scores, scores, cost, share, (inScores, outScores, ratio, prevalence) => {
        const price = (threshold: number) =>
          (1 - prevalence) * flaggedShare(inScores, threshold).rate +
          prevalence * ratio * (1 - flaggedShare(outScores, threshold).rate);
        const { threshold } = chooseThreshold(inScores, { cost: ratio, prevalence, outScores });
        for (const other of [...inScores, ...outScores])
          expect(price(threshold)).toBeLessThanOrEqual(price(other) + 1e-12);
      }),
      { numRuns: 30 },
    );
  });

  it('scores that go up take the threshold along', () => {
    fc.assert(
      fc.property(scores, share, (list, fpr) => {
        const small = Float32Array.from(list, (score) => Math.fround(Math.atan(score)));
        const [plain, doubled] = [small, small.map((score) => 2 * score)].map(
          (each) => chooseThreshold(each, { fpr }).fpr.flagged,
        );
        expect(doubled).toBe(plain);
      }),
    );
  });
});

describe('in the long run', () => {
  const TRIALS = 3000;
  /** Scores uniform on [0, 1): the share from a threshold on is known. */
  function trials(
    count: number,
    label: string,
    choose: (scores: Float64Array) => ReturnType<typeof chooseThreshold>,
  ) {
    const random = Random.from(5, label);
    return Array.from({ length: TRIALS }, () =>
      choose(Float64Array.from({ length: count }, () => random.uniform())),
    );
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it.each([
    [60, 0.05],
    [25, 0.1],
    [200, 0.3],
  ])('%d examples: false alarms come to %d or less, and intervals hold', (count, fpr) => {
    const all = trials(count, `fpr ${count}`, (inScores) => chooseThreshold(inScores, { fpr }));
    const expected = Math.floor(fpr * (count + 1) + 1e-9) / (count + 1);
    expect(Math.abs(mean(all.map(({ threshold }) => 1 - threshold)) - expected)).toBeLessThan(0.004);
    expect(expected).toBeLessThanOrEqual(fpr);
    const holds = all.filter(({ threshold, fpr: { interval } }) => {
      const truth = 1 - threshold;
      return interval[0] <= truth && truth <= interval[1];
    });
    expect(holds.length / TRIALS).toBeGreaterThan(0.938);
    const ofThreshold = all.filter(
      ({ interval: [low, high] = [null, null] }) => (low ?? 0) <= 1 - fpr && 1 - fpr <= (high ?? 1),
    );
    expect(ofThreshold.length / TRIALS).toBeGreaterThan(0.938);
  });

  it('the share of outliers found comes to tpr or more, and intervals hold', () => {
    const all = trials(80, 'tpr', (outScores) => chooseThreshold([0], { tpr: 0.9, outScores }));
    expect(mean(all.map(({ threshold }) => 1 - threshold))).toBeGreaterThan(0.897);
    const holds = all.filter(({ threshold, tpr }) => {
      const truth = 1 - threshold;
      return tpr!.interval[0] <= truth && truth <= tpr!.interval[1];
    });
    expect(holds.length / TRIALS).toBeGreaterThan(0.938);
  });
});

it('FPR95 of the metrics is the false alarms of tpr 0.95', () => {
  const random = Random.from(2, 'both');
  const inScores = Float32Array.from({ length: 2000 }, () => random.normal());
  const outScores = Float32Array.from({ length: 1999 }, () => random.normal() + 2);
  const { fpr } = chooseThreshold(inScores, { tpr: 0.95, outScores });
  expect(fpr.rate).toBeCloseTo(detectionMetrics(inScores, outScores).fpr, 2);
});

it('isOutlier: from the threshold on, and what is not a number', () => {
  expect([0.9, 1, 1.1, Number.NaN].map((score) => isOutlier(score, 1))).toEqual([false, true, true, true]);
});

describe('mistakes', () => {
  const outScores = [1, 2, 3];
  it.each<[string, ArrayLike<number>, ThresholdOptions, RegExp]>([
    ['a percentage', [1, 2], { fpr: 5 }, /fpr of 5 cannot be: give a share between 0 and 1, 0.05 for 5 %/],
    ['too few', upTo(18), { fpr: 0.05 }, /18 in-distribution scores are too few .* at least 19/],
    [
      'too few outliers',
      [1],
      { tpr: 0.95, outScores },
      /3 out-of-distribution scores are too few .* at least 19/,
    ],
    ['no outliers', [1], { tpr: 0.95 }, /by tpr, .* needs scores of outliers/],
    ['no outliers for cost', [1], { cost: 2 }, /by cost needs scores of outliers/],
    ['a cost of nothing', [1], { cost: 0, outScores }, /cost of 0 cannot be/],
    ['a prevalence of all', [1], { cost: 1, prevalence: 1, outScores }, /prevalence of 1 cannot be/],
    ['NaN', [1, Number.NaN], { fpr: 0.5 }, /score number 1 .* is NaN/],
    ['nothing', [], { fpr: 0.5 }, /no in-distribution scores/],
    [
      'two rules',
      [1],
      { fpr: 0.5, tpr: 0.5, outScores },
      /one of fpr, tpr and cost, but fpr and tpr was given/,
    ],
    ['no rule', [1], {} as ThresholdOptions, /but none was given/],
    ['infinite', new Array(9).fill(Number.POSITIVE_INFINITY), { fpr: 0.5 }, /would have to lie are infinite/],
  ])('%s', (_, inScores, options, sentence) => {
    const choose = () => chooseThreshold(Float64Array.from(inScores), options);
    expect(choose).toThrowError(OutlierExposureError);
    expect(choose).toThrowError(sentence);
  });
  it('19 examples are enough for 5 %', () => {
    expect(chooseThreshold(upTo(19), { fpr: 0.05 }).fpr.flagged).toBe(0);
  });
});

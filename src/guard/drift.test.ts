import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { Random } from '../random.ts';
import { chooseThreshold } from '../thresholds/index.ts';
import { type DriftOptions, driftMonitor } from './drift.ts';
import { alarmCount, chanceOf } from './flag-counts.ts';

describe('alarmCount', () => {
  it('of a known rate is the binomial quantile', () => {
    const direct = (k: number) => {
      let sum = 0;
      for (let j = k; j <= 20; j++) {
        let ways = 1;
        for (let i = 0; i < j; i++) ways = (ways * (20 - i)) / (i + 1);
        sum += ways * 0.07 ** j * 0.93 ** (20 - j);
      }
      return sum;
    };
    for (const alarmRate of [0.2, 0.05, 0.01, 0.001]) {
      const { count, falseAlarmRate } = alarmCount({ rate: 0.07 }, 20, alarmRate);
      expect(falseAlarmRate).toBeCloseTo(direct(count), 12);
      expect(direct(count)).toBeLessThanOrEqual(alarmRate);
      expect(direct(count - 1)).toBeGreaterThan(alarmRate);
    }
  });
  it('of calibration is wider, and comes to the same with many examples', () => {
    const known = alarmCount({ rate: 0.05 }, 500, 0.001).count;
    expect(alarmCount({ flagged: 9, count: 199 }, 500, 0.001).count).toBeGreaterThan(known + 10);
    expect(alarmCount({ flagged: 50_000, count: 1_000_000 }, 500, 0.001).count).toBe(known);
  });
  it.each([
    // From scipy.stats.betabinom(window, flagged + 1, count - flagged).sf.
    [9, 199, 500, 0.001, 62, 0.0008046772529024526],
    [9, 199, 100, 0.05, 11, 0.03349420424206917],
    [0, 50, 300, 0.01, 29, 0.00931728492363637],
  ])('of calibration is the beta-binomial quantile (%#)', (flagged, count, window, rate, at, chance) => {
    const alarm = alarmCount({ flagged, count }, window, rate);
    expect(alarm.count).toBe(at);
    expect(alarm.falseAlarmRate).toBeCloseTo(chance, 11);
  });
  it('has probabilities that add up', () => {
    expect(chanceOf(0, { flagged: 3, count: 50 }, 200)).toBeCloseTo(1, 10);
    // Uniform over 0 … n where a = b = 1.
    expect(chanceOf(6, { flagged: 0, count: 1 }, 9)).toBeCloseTo(0.4, 10);
  });
  it.each([
    [{ rate: 0 }, 10, 0.1],
    [{ flagged: 5, count: 5 }, 10, 0.1],
    [{ flagged: -1, count: 5 }, 10, 0.1],
    [{ rate: 0.1 }, 0, 0.1],
    [{ rate: 0.1 }, 10, 1],
  ])('refuses %j, %i, %d', (reference, window, rate) => {
    expect(() => alarmCount(reference, window, rate)).toThrow(OutlierExposureError);
  });
});

describe('driftMonitor', () => {
  const WINDOW = 100;
  /** How many windows of how many have an alarm, each with calibration data of its own. */
  function alarms(alarmRate: number, shift: number, rounds: number): number {
    let count = 0;
    for (let round = 0; round < rounds; round++) {
      const random = Random.from(7, 'drift', String(round), String(shift));
      const calibration = Float64Array.from({ length: 199 }, () => random.normal());
      const { threshold, fpr } = chooseThreshold(calibration, { fpr: 0.05 });
      const monitor = driftMonitor({ threshold, reference: fpr, window: WINDOW, alarmRate });
      for (let i = 0; i < WINDOW; i++) if (monitor.add(random.normal() + shift)) count++;
    }
    return count;
  }

  it('has the false alarms that it states', () => {
    const rounds = 4000;
    const stated = driftMonitor({
      threshold: 1,
      reference: { flagged: 9, count: 199 },
      window: WINDOW,
      alarmRate: 0.05,
    }).report().window.falseAlarmRate;
    expect(stated).toBeGreaterThan(0.02);
    const share = alarms(0.05, 0, rounds) / rounds;
    // Four standard deviations.
    expect(Math.abs(share - stated)).toBeLessThan(4 * Math.sqrt((stated * (1 - stated)) / rounds));
  });
  it('raises the alarm when scores shift', () => {
    expect(alarms(0.001, 1.5, 200)).toBeGreaterThan(195);
    expect(alarms(0.001, 0, 200)).toBeLessThanOrEqual(2);
  });

  const options: DriftOptions = { threshold: 0, reference: { rate: 0.1 }, window: 10, alarmRate: 0.02 };
  it('tells of the alarm once a window, as soon as it is sure', () => {
    const monitor = driftMonitor(options);
    const { alarmAt } = monitor.report().window;
    const raised = Array.from({ length: 25 }, (_, i) => monitor.add({ anomalyScore: i < 20 ? 1 : -1 }));
    const at = raised.flatMap((alarm, i) => (alarm ? [[i, alarm.window, alarm.flagged]] : []));
    expect(at).toEqual([
      [alarmAt - 1, 0, alarmAt],
      [10 + alarmAt - 1, 1, alarmAt],
    ]);
    expect(monitor.report()).toMatchObject({
      seen: 25,
      flagged: 20,
      alarms: 2,
      alarm: true,
      window: { seen: 5, flagged: 0 },
      last: { flagged: 10 },
    });
    expect(monitor.report().last!.chance).toBeCloseTo(1e-10, 15);
    for (let i = 0; i < 5; i++) monitor.add(-1);
    expect(monitor.report().alarm).toBe(false);
  });
  it('counts NaN as flagged, without a rank', () => {
    const monitor = driftMonitor(options);
    monitor.add(Number.NaN);
    monitor.add(-3);
    expect(monitor.report()).toMatchObject({ seen: 2, flagged: 1 });
    expect(monitor.report().quantiles.map(({ score }) => score)).toEqual([-3, -3, -3, -3, -3]);
  });
  it('goes on from its state as if it had never ended', () => {
    const random = Random.from(3, 'state');
    const scores = Array.from({ length: 237 }, () => random.normal());
    const whole = driftMonitor(options);
    for (const score of scores) whole.add(score);
    const first = driftMonitor(options);
    for (const score of scores.slice(0, 123)) first.add(score);
    const second = driftMonitor({ ...options, state: JSON.parse(JSON.stringify(first.state())) });
    for (const score of scores.slice(123)) second.add(score);
    expect(second.report()).toEqual(whole.report());
  });
  it('takes scores and quantiles for reference, and compares with them', () => {
    const reference = Float32Array.from({ length: 1000 }, (_, i) => i / 1000);
    const byScores = driftMonitor({ threshold: 0.9, reference });
    const byQuantiles = driftMonitor({
      threshold: 0.9,
      reference: { quantiles: { 0: 0, 0.5: 0.5, 1: 1 }, count: 1000 },
    });
    // 99 are flagged in one case, as 0.9 is no float32, and 100 in the other.
    const [by, other] = [byQuantiles, byScores].map((monitor) => monitor.report().window.alarmAt);
    expect(Math.abs(by! - other!)).toBeLessThanOrEqual(1);
    byScores.add(0.3);
    expect(byScores.report().quantiles[2]).toEqual({
      share: 0.5,
      score: 0.3,
      reference: expect.closeTo(0.499, 6),
    });
    expect(byQuantiles.report().quantiles[2]).toMatchObject({ reference: 0.5 });
  });
  it.each<[DriftOptions, RegExp]>([
    [{ ...options, threshold: Number.NaN }, /threshold of NaN/],
    [{ ...options, window: 2, alarmRate: 0.001 }, /take a longer window/],
    [{ ...options, reference: [1, 2] }, /some have to be/],
    [{ ...options, reference: { quantiles: { 0.5: 1, 0.9: 2 }, count: 9 } }, /not between the quantiles/],
    [{ ...options, reference: { quantiles: { 0.5: 1, 0.9: 0 }, count: 9 } }, /ascend/],
    [{ ...options, state: {} }, /no state of a drift monitor/],
    [{ ...options, window: 20, state: driftMonitor(options).state() }, /window of 10/],
    [{ ...options, state: { ...driftMonitor(options).state(), flagged: 3 } }, /do not fit together/],
  ])('refuses what cannot be (%#)', (wrong, message) => {
    expect(() => driftMonitor(wrong)).toThrow(message);
  });
  it('refuses damaged states, or takes what is one', () => {
    const state = JSON.stringify(driftMonitor(options).state());
    fc.assert(
      fc.property(fc.nat(state.length), fc.nat(6), fc.string({ maxLength: 4 }), (at, cut, put) => {
        let json: unknown;
        try {
          json = JSON.parse(state.slice(0, at) + put + state.slice(at + cut));
        } catch {
          return;
        }
        try {
          expect(driftMonitor({ ...options, state: json }).report().seen).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { constantSchedule, cosineByEpoch, cosineSchedule, fallingSchedule } from './schedule.ts';

describe('cosineSchedule', () => {
  const schedule = cosineSchedule({ peak: 0.01, steps: 100 });
  it('is half way down in the middle, and ends at the floor', () => {
    expect(schedule(50)).toBeCloseTo(1e-6 + (0.01 - 1e-6) / 2, 12);
    expect(schedule(100)).toBe(1e-6);
  });
  it('falls at every step, from just below the peak', () => {
    expect(schedule(1)).toBeLessThan(0.01);
    expect(schedule(1)).toBeGreaterThan(0.00999);
    for (let step = 2; step <= 100; step++) expect(schedule(step)).toBeLessThan(schedule(step - 1));
  });
});

it('constantSchedule does not move', () => {
  expect([1, 1000].map(constantSchedule(0.3))).toEqual([0.3, 0.3]);
});

describe('cosineByEpoch', () => {
  it("gives PyTorch's CosineAnnealingLR(T_max=5) of 0.01, an epoch a value", () => {
    const schedule = cosineByEpoch({ peak: 0.01, epochs: 5, stepsPerEpoch: 3 });
    const expected = [
      0.01, 0.009045084971874737, 0.006545084971874737, 0.003454915028125263, 0.0009549150281252633,
    ];
    for (let step = 1; step <= 15; step++)
      expect(schedule(step)).toBeCloseTo(expected[Math.floor((step - 1) / 3)]!, 15);
  });
});

it('fallingSchedule falls behind each share of the steps', () => {
  const schedule = fallingSchedule({ rate: 0.1, factor: 0.2, behind: [0.3, 0.6, 0.8], steps: 10 });
  const rates = Array.from({ length: 10 }, (_, i) => Number(schedule(i + 1).toPrecision(6)));
  expect(rates).toEqual([0.1, 0.1, 0.1, 0.02, 0.02, 0.02, 0.004, 0.004, 0.0008, 0.0008]);
});

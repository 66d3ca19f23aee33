import { describe, expect, it } from 'vitest';
import { constantSchedule, cosineSchedule } from './schedule.ts';

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

import { expect, it } from 'vitest';
import { meanAndStd } from './summary.ts';

it('meanAndStd divides by n', () => {
  const { mean, std } = meanAndStd([1, 2, 3, 4]);
  expect(mean).toBe(2.5);
  expect(std).toBeCloseTo(Math.sqrt(1.25), 14);
});

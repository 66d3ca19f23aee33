import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { quantileSketch } from './quantile-sketch.ts';

/** How far the ranks of a value are from the rank that was wanted, as a share. */
function rankError(sorted: readonly number[], value: number, p: number): number {
  const below = sorted.filter((each) => each < value).length;
  const upTo = sorted.filter((each) => each <= value).length;
  const wanted = Math.max(1, Math.ceil(p * sorted.length));
  const off = wanted <= below ? below + 1 - wanted : wanted > upTo ? wanted - upTo : 0;
  return off / sorted.length;
}

const SHARES = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

describe('quantileSketch', () => {
  it.each(['random', 'ascending', 'descending', 'few values'])('keeps its error: %s', (order) => {
    const random = Random.from(1, order);
    const values = Array.from({ length: 5000 }, (_, i) =>
      order === 'random'
        ? random.normal()
        : order === 'few values'
          ? random.integer(4)
          : order === 'ascending'
            ? i
            : -i,
    );
    const sketch = quantileSketch({ error: 0.01 });
    for (const value of values) sketch.add(value);
    const sorted = values.toSorted((a, b) => a - b);
    for (const p of SHARES) expect(rankError(sorted, sketch.quantile(p), p)).toBeLessThanOrEqual(0.01);
    expect(sketch.state().entries.length).toBeLessThan(500);
    expect(sketch.count).toBe(5000);
  });
  it('goes on from its state, to the same numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { maxLength: 300 }), fc.nat(300), (values, at) => {
        const whole = quantileSketch({ error: 0.05 });
        const first = quantileSketch({ error: 0.05 });
        for (const value of values) whole.add(value);
        for (const value of values.slice(0, at)) first.add(value);
        const second = quantileSketch({ state: JSON.parse(JSON.stringify(first.state())) });
        for (const value of values.slice(at)) second.add(value);
        // JSON has no negative zero.
        expect(JSON.stringify(second.state())).toBe(JSON.stringify(whole.state()));
      }),
      { seed: 1, numRuns: 100 },
    );
  });
  it('is exact for few values, and knows none of nothing', () => {
    const sketch = quantileSketch();
    expect(sketch.quantile(0.5)).toBeNaN();
    for (const value of [5, Number.POSITIVE_INFINITY, 1, 3]) sketch.add(value);
    expect([0, 0.25, 0.5, 0.75, 1].map((p) => sketch.quantile(p))).toEqual([1, 1, 3, 5, Number.MAX_VALUE]);
    expect(() => sketch.add(Number.NaN)).toThrow('NaN has no rank');
  });
});

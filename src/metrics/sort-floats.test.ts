import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortFloats } from './sort-floats.ts';

describe('sortFloats', () => {
  it('sorts any floats as the engine does, short and long', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 50 }),
        fc.boolean(),
        (seed, long) => {
          const length = long ? 5000 : seed.length;
          const values = Float32Array.from(
            { length },
            (_, i) => seed[i % seed.length]! * (i < seed.length ? 1 : (i % 17) - 8),
          );
          const expected = values.filter((value) => !Number.isNaN(value)).sort();
          const sorted = sortFloats(values.filter((value) => !Number.isNaN(value)));
          // −0 and 0 are the same score.
          expect(sorted.map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
        },
      ),
    );
  });
});

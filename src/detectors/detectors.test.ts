import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  detectors,
  matrix,
  mspScore,
  plainAlgebra,
  predictions,
  settingsOf,
  uniformCrossEntropyScore,
} from './index.ts';

const softmax = (z: number[]) => {
  const sum = z.reduce((total, value) => total + Math.exp(value), 0);
  return z.map((value) => Math.exp(value) / sum);
};

describe('by hand, three examples', () => {
  const rows = [
    [0, 0, 0],
    [Math.log(2), 0, 0],
    [10, 0, -10],
  ];
  const logits = Float32Array.from(rows.flat());

  it('mspScore', () => {
    const scores = mspScore(logits, 3);
    expect(scores[0]).toBeCloseTo(-1 / 3, 6);
    expect(scores[1]).toBeCloseTo(-2 / 4, 6);
    expect(scores[2]).toBeCloseTo(-Math.max(...softmax(rows[2]!)), 6);
  });

  it('uniformCrossEntropyScore', () => {
    const scores = uniformCrossEntropyScore(logits, 3);
    // −H(U; p) = Σ_k log p_k / 3
    for (const [i, row] of rows.entries()) {
      expect(scores[i]).toBeCloseTo(softmax(row).reduce((sum, p) => sum + Math.log(p), 0) / 3, 5);
    }
    expect(scores[0]).toBeCloseTo(-Math.log(3), 6);
  });

  it('predictions: the first of equals', () => {
    expect([...predictions(logits, 3)]).toEqual([0, 0, 0]);
    expect([...predictions(Float32Array.of(1, 5, 5, 3, 2, 9), 3)]).toEqual([1, 2]);
  });
});

/** Those that score logits and nothing else. */
const onLogits = detectors.filter(({ needs, fit, rewrite }) => needs.join() === 'logits' && !fit && !rewrite);
/** Those that look at how large logits are, which softmax divides away. */
const ON_SCALE = ['max-logit', 'energy'];

describe.each(onLogits)('$name', (detector) => {
  const { title, formula, source } = detector;
  const context = { settings: settingsOf(detector), state: {}, algebra: plainAlgebra };
  const score = (logits: Float32Array, classes: number) =>
    detector.score({ logits: matrix(logits, classes) }, context) as Float32Array;
  const rows = fc.array(
    fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 4, maxLength: 4 }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );

  it('says what it is', () => {
    for (const text of [title, formula, source]) expect(text.length).toBeGreaterThan(5);
  });

  it.skipIf(ON_SCALE.includes(detector.name))('does not change when all logits of an example shift', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: -50, max: 50 }), (batch, shift) => {
        const plain = score(Float32Array.from(batch.flat()), 4);
        const moved = score(
          Float32Array.from(batch.flat(), (value) => value + shift),
          4,
        );
        for (const [i, value] of plain.entries()) expect(moved[i]).toBeCloseTo(value, 3);
      }),
    );
  });

  it('scores each example by itself, whatever the order of the batch and of the classes', () => {
    fc.assert(
      fc.property(rows, (batch) => {
        const scores = score(Float32Array.from(batch.flat()), 4);
        const reversed = score(Float32Array.from(batch.toReversed().flat()), 4);
        expect([...reversed].reverse()).toEqual([...scores]);
        const classes = score(Float32Array.from(batch.flatMap((row) => row.toReversed())), 4);
        for (const [i, value] of scores.entries()) expect(classes[i]).toBeCloseTo(value, 4);
      }),
    );
  });

  it.skipIf(ON_SCALE.includes(detector.name))('is highest for uniform predictions', () => {
    const uniform = score(new Float32Array(4), 4)[0]!;
    fc.assert(
      fc.property(rows, (batch) => {
        for (const value of score(Float32Array.from(batch.flat()), 4))
          expect(value).toBeLessThanOrEqual(uniform + 1e-6);
      }),
    );
  });

  it.each([0, 2.5, 3, -4])('refuses four logits as examples of %d classes', (classes) => {
    expect(() => score(new Float32Array(4), classes)).toThrowError(/4 values are not a whole number of rows/);
  });

  it('neither overflows nor vanishes', () => {
    for (const value of score(
      Float32Array.of(3e38, 0, 0, 0, -3e38, -3e38, -3e38, -3e38, 1000, -1000, 0, 0),
      4,
    )) {
      expect(Number.isNaN(value)).toBe(false);
    }
  });
});

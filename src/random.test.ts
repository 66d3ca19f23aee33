import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashSeed, Random } from './random.ts';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.uniform());

describe('Random', () => {
  it('gives the same numbers for the same seed and labels, on every machine', () => {
    const random = Random.from(1, 'batches', 3);
    expect([random.int32(), random.int32(), random.int32()]).toEqual([307422636, -1520578603, 1132877462]);
    expect(draw(Random.from(5, 'a'), 20)).toEqual(draw(Random.from(5, 'a'), 20));
  });

  it('keeps purposes apart', () => {
    const streams = [
      Random.from(1, 'a'),
      Random.from(1, 'b'),
      Random.from(2, 'a'),
      Random.from(1, 'a', 1),
      Random.from(1),
    ];
    const firsts = streams.map((random) => random.uniform());
    expect(new Set(firsts).size).toBe(streams.length);
  });

  it('is uniform and normal', () => {
    const random = Random.from(7, 'statistics');
    const uniform = draw(random, 20_000);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(mean(normal.map((value) => value ** 2))).toBeCloseTo(1, 1);
    expect(mean(normal.map((value) => value ** 4))).toBeGreaterThan(2.7);
  });

  it('permutes', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(200), (seed, length) => {
        const order = Random.from(seed, 'order').permutation(length);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });

  it('draws integers below the bound, all of them', () => {
    const random = Random.from(1, 'integers');
    expect(new Set(Array.from({ length: 200 }, () => random.integer(6)))).toEqual(
      new Set([0, 1, 2, 3, 4, 5]),
    );
  });
});

it('hashSeed tells close seeds apart', () => {
  const hashes = Array.from({ length: 2000 }, (_, i) => hashSeed(i, 'x'));
  expect(new Set(hashes).size).toBe(2000);
});

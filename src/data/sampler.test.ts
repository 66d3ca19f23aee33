import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { localOutlierBatches, shuffledBatches, shuffledOutlierBatches } from './sampler.ts';

const sizes = fc.record({
  length: fc.integer({ min: 1, max: 200 }),
  batchSize: fc.integer({ min: 1, max: 50 }),
  seed: fc.integer(),
});

describe('shuffledBatches', () => {
  it('takes every example once, and keeps or drops a smaller rest', () => {
    fc.assert(
      fc.property(sizes, ({ length, batchSize, seed }) => {
        const kept = [...shuffledBatches(length, batchSize, Random.from(seed))];
        const dropped = [...shuffledBatches(length, batchSize, Random.from(seed), { rest: 'drop' })];
        const all = kept.flatMap((batch) => [...batch]).sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length }, (_, i) => i));
        expect(kept.length).toBe(Math.ceil(length / batchSize));
        expect(dropped).toEqual(kept.filter((batch) => batch.length === batchSize));
      }),
    );
  });

  it('refuses a batch of nothing', () => {
    expect(() => shuffledBatches(10, 0, Random.from(1)).next()).toThrow(/batch size is 0/);
  });
});

describe('localOutlierBatches', () => {
  it('reads on in order from a random offset, and starts over at the end', () => {
    fc.assert(
      fc.property(sizes, ({ length, batchSize, seed }) => {
        const batches = localOutlierBatches(length, batchSize, Random.from(seed));
        const read = Array.from({ length: 6 }, () => [...batches.next().value]).flat();
        expect(read.length).toBe(6 * batchSize);
        expect(read.every((index, i) => index === (read[0]! + i) % length)).toBe(true);
      }),
    );
  });

  it('starts anywhere, by the seed', () => {
    const starts = Array.from(
      { length: 300 },
      (_, seed) => localOutlierBatches(10, 1, Random.from(seed)).next().value[0],
    );
    expect(new Set(starts).size).toBe(10);
  });

  it('refuses an empty set', () => {
    expect(() => localOutlierBatches(0, 5, Random.from(1)).next()).toThrow(/number of examples is 0/);
  });
});

describe('shuffledOutlierBatches', () => {
  it('takes every example once before any comes again, in another order each time', () => {
    fc.assert(
      fc.property(sizes, ({ length, batchSize, seed }) => {
        const batches = shuffledOutlierBatches(length, batchSize, Random.from(seed));
        const read: number[] = [];
        while (read.length < 3 * length) {
          const batch = batches.next().value;
          expect(batch.length).toBe(batchSize);
          read.push(...batch);
        }
        const passes = [0, 1, 2].map((pass) => read.slice(pass * length, (pass + 1) * length));
        for (const pass of passes)
          expect(pass.toSorted((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
        // 20 or more examples all but never fall into the same order twice.
        if (length >= 20) expect(passes[1]).not.toEqual(passes[0]);
      }),
    );
  });

  it('refuses an empty set', () => {
    expect(() => shuffledOutlierBatches(0, 5, Random.from(1)).next()).toThrow(/number of examples is 0/);
  });
});

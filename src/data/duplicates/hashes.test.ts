import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random.ts';
import { contentHash } from './content-hash.ts';
import { hammingIndex, MAX_DISTANCE, ones } from './hamming-index.ts';
import { HashTable } from './hash-table.ts';
import { CELLS, GRID } from './image-grid.ts';
import { nearPairs } from './near-pairs.ts';
import { likeness, mirroredHash, mirroredThumbnail, perceptualHash, thumbnail } from './perceptual-hash.ts';

const word = fc.integer({ min: 0, max: 0xffffffff });

describe('hammingIndex', () => {
  it('shows what comparing with all shows, each once', () => {
    const random = Random.from(1, 'hashes');
    // Few different words, so that many are near each other; more than the number that is compared one by one.
    const low = Uint32Array.from(
      { length: 3000 },
      () => (0x5a5a5a5a ^ (1 << random.integer(32)) ^ (1 << random.integer(32))) >>> 0,
    );
    const high = Uint32Array.from(
      { length: 3000 },
      () => (random.int32() & random.int32() & random.int32()) >>> 0,
    );
    const index = hammingIndex({ low, high });
    fc.assert(
      fc.property(fc.nat(2999), word, word, fc.nat(MAX_DISTANCE), (i, a, b, distance) => {
        const [ourLow, ourHigh] = [(low[i]! ^ (a & b & (a >>> 7))) >>> 0, high[i]!];
        const expected = [...low.keys()].filter(
          (j) => ones(low[j]! ^ ourLow) + ones(high[j]! ^ ourHigh) <= distance,
        );
        const found: number[] = [];
        index.near(ourLow, ourHigh, distance, (j, bits) => {
          expect(bits).toBe(ones(low[j]! ^ ourLow) + ones(high[j]! ^ ourHigh));
          found.push(j);
        });
        expect(found.sort((x, y) => x - y)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('stops when told to', () => {
    for (const count of [10, 2000]) {
      const index = hammingIndex({ low: new Uint32Array(count), high: new Uint32Array(count) });
      let shown = 0;
      index.near(0, 0, 4, () => (++shown === 3 ? 'stop' : undefined));
      expect(shown).toBe(3);
    }
  });
});

describe('nearPairs', () => {
  const turned = { low: 0x18, high: 0x30001 };

  // The first number is compared one by one, the second by buckets.
  it.each([
    [600, 12, undefined],
    [600, 9, turned],
    [4500, 0, undefined],
    [4500, 3, undefined],
    [4500, 11, turned],
    [4500, 12, undefined],
  ])('of %i hashes shows each pair within %i bits once', async (count, distance, difference) => {
    const random = Random.from(2, 'pairs');
    // Few different words make small and large buckets, of which some hold hashes that are equal.
    const near = () => (0x5a5a5a5a ^ (1 << random.integer(32)) ^ (1 << random.integer(32))) >>> 0;
    const low = Uint32Array.from({ length: count }, (_, i) => (i % 20 === 0 ? 0x0f0f1234 : near()));
    const high = Uint32Array.from({ length: count }, (_, i) =>
      i % 20 === 0 ? random.integer(4) : random.int32() >>> 0,
    );
    const { low: lowTurn, high: highTurn } = difference ?? { low: 0, high: 0 };
    const expected: number[] = [];
    for (let i = 0; i < count; i++)
      for (let j = i + 1; j < count; j++)
        if (ones(low[i]! ^ low[j]! ^ lowTurn) + ones(high[i]! ^ high[j]! ^ highTurn) <= distance)
          expected.push(i * count + j);
    const found: number[] = [];
    const search = difference ? { distance, turned: difference } : { distance };
    await nearPairs({ low, high }, search, (i, j) => found.push(i * count + j));
    expect(found.length).toBe(expected.length);
    expect(found.length).toBeGreaterThan(200);
    const bytes = (pairs: number[]) => Buffer.from(Float64Array.from(pairs).sort().buffer);
    expect(bytes(found).equals(bytes(expected))).toBe(true);
  });

  it.each([100, 5000])('shows one of %i hashes no further when it is enough', async (count) => {
    const shown = new Uint32Array(count);
    const alike = { low: new Uint32Array(count), high: new Uint32Array(count) };
    await nearPairs(alike, { distance: 4 }, (_, second) => (++shown[second]! === 2 ? 'enough' : undefined));
    expect([...shown.slice(0, 4), ...new Set(shown.slice(4))]).toEqual([0, 1, 2, 2, 2]);
    const stopped = nearPairs(alike, { distance: 12, signal: AbortSignal.abort() }, () => 'enough');
    await expect(stopped).rejects.toThrow(/aborted/);
  });
});

describe('contentHash', () => {
  it('differs where one byte differs, and has no equal halves', () => {
    const seen = new Set<string>();
    for (let at = 0; at < 35; at++)
      for (let value = 0; value < 256; value++) {
        const { low, high } = contentHash(new Uint8Array(35).fill(value, at, at + 1));
        expect(low).not.toBe(high);
        if (value > 0) seen.add(`${low} ${high}`);
      }
    expect(seen.size).toBe(35 * 255);
    expect(contentHash(new Uint8Array(3))).not.toEqual(contentHash(new Uint8Array(4)));
  });
});

describe('HashTable', () => {
  it('is a map whose first values stay', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 4000, size: 'max' }), (keys) => {
        const [table, map] = [new HashTable(), new Map<string, number>()];
        for (const [i, [low, high]] of keys.entries()) {
          const key = `${low} ${high}`;
          if (!map.has(key)) map.set(key, i);
          expect(table.put({ low, high }, i)).toBe(map.get(key));
        }
        for (let low = 0; low < 41; low++) expect(table.get({ low, high: 7 })).toBe(map.get(`${low} 7`));
      }),
      { numRuns: 20 },
    );
  });
});

describe('perceptualHash', () => {
  const grid = (seed: number) => {
    const random = Random.from(seed, 'grid');
    return Float32Array.from({ length: CELLS }, () => random.uniform());
  };
  const mirror = (cells: Float32Array) =>
    Float32Array.from(cells, (_, i) => cells[i - (i % GRID) + GRID - 1 - (i % GRID)]!);

  it('does not see brightness and contrast', () => {
    const cells = grid(1);
    expect(perceptualHash(cells.map((value) => 0.3 * value + 0.4))).toEqual(perceptualHash(cells));
  });
  it('knows the hash and the thumbnail of a mirror image', () => {
    for (let seed = 0; seed < 20; seed++) {
      const cells = grid(seed);
      expect(mirroredHash(perceptualHash(cells))).toEqual(perceptualHash(mirror(cells)));
      const [small, turned] = [new Int8Array(CELLS), new Int8Array(CELLS)];
      thumbnail(cells, small);
      thumbnail(mirror(cells), turned);
      expect(mirroredThumbnail(small)).toEqual(turned);
      expect(likeness(small, small, 0)).toBeCloseTo(1, 10);
      expect(likeness(small, turned, 0)).toBeLessThan(0.5);
    }
  });
  it('tells pictures of one grey', () => {
    const small = new Int8Array(CELLS);
    expect(thumbnail(new Float32Array(CELLS).fill(0.5), small)).toBe('flat');
    expect(thumbnail(grid(1), small)).toBe('structured');
  });
});

import { describe, expect, it } from 'vitest';
import { type Matrix, matrix, plainAlgebra } from '../detectors/index.ts';
import { type EmbeddedSet, embeddingNeighbours } from './embedding-neighbours.ts';

/** A set of given rows, of which the examples of other numbers are left out. */
function rows(values: readonly (readonly number[])[], numbers = values.map((_, i) => i)): EmbeddedSet {
  return {
    indices: Uint32Array.from(numbers),
    async read(some, onBatch): Promise<Matrix> {
      onBatch(some.length);
      return matrix(Float32Array.from([...some].flatMap((number) => values[number]!)), values[0]!.length);
    },
  };
}
const how = { algebra: plainAlgebra, alike: 0.9 };

describe('embeddingNeighbours', () => {
  it('finds what points the same way, whatever its length, and names the first of equals', async () => {
    const cleaned = rows([
      [10, 0], // cosine 1 with the second of the second set
      [3, 4], // 0.990 with the first of the first set
      [0.1, 1], // 0.995 with the third of the first set
      [-1, 0], // the opposite
      [0, 1e-30], // tiny: 1
    ]);
    const first = rows([
      [9, 9],
      [1, -1],
      [0, 2],
      [0, 7],
    ]);
    const second = rows([
      [5, -5],
      [2, 0],
    ]);
    const { pairs, undirected, width } = await embeddingNeighbours(cleaned, [first, second], how);
    expect(pairs.map(({ index, set, of }) => [index, set, of])).toEqual([
      [0, 1, 1],
      [1, 0, 0],
      [2, 0, 2],
      [4, 0, 2],
    ]);
    expect(pairs[0]!.similarity).toBe(1);
    expect(pairs[1]!.similarity).toBeCloseTo(7 / (5 * Math.SQRT2), 6);
    expect(pairs[2]!.similarity).toBeCloseTo(1 / Math.sqrt(1.01), 6);
    expect([undirected, width]).toEqual([{ cleaned: 0, against: 0 }, 2]);
  });

  it('takes equal features for alike at a cosine of 1, and nothing else', async () => {
    const cleaned = rows([
      [0.1, 0.7, 0.3],
      [0.1, 0.7, 0.3001],
    ]);
    const { pairs } = await embeddingNeighbours(cleaned, [rows([[0.1, 0.7, 0.3]])], { ...how, alike: 1 });
    expect(pairs).toEqual([{ index: 0, set: 0, of: 0, similarity: 1 }]);
  });

  it('leaves out examples that are not asked for, and counts those without a direction', async () => {
    const cleaned = rows(
      [
        [1, 0],
        [1, 0],
        [0, 0],
        [Number.NaN, 1],
      ],
      [1, 2, 3],
    );
    const other = rows(
      [
        [1, 0],
        [0, 0],
        [1, Number.POSITIVE_INFINITY],
        [1, 0],
      ],
      [1, 2, 3],
    );
    const { pairs, undirected } = await embeddingNeighbours(cleaned, [other], how);
    expect(pairs).toEqual([{ index: 1, set: 0, of: 3, similarity: 1 }]);
    expect(undirected).toEqual({ cleaned: 2, against: 2 });
  });

  it('compares within with earlier ones that stay, across blocks', async () => {
    const directions = [
      [1, 0],
      [1, 0.3], // like the first: goes
      [1, 0.7], // like the second alone, which is gone: stays
      [0, -1], // in another set
      [0, -1], // there too, rather than its own
      [1, 0.8], // like the third
    ];
    const many = [...directions, ...Array.from({ length: 4096 }, () => [-1, 1]), [2, 0], [0, 1]];
    const { pairs } = await embeddingNeighbours(rows(many), [rows([[0, -3]])], { ...how, within: 'remove' });
    const seen = pairs.map(({ index, set, of }) => [index, set, of]);
    expect(seen.slice(0, 4)).toEqual([
      [1, 'within', 0],
      [3, 0, 0],
      [4, 0, 0],
      [5, 'within', 2],
    ]);
    // The first of the many stays, those in the next block go for it too; then a copy of the very first.
    expect(seen.slice(4, -1)).toEqual(Array.from({ length: 4095 }, (_, i) => [7 + i, 'within', 6]));
    expect(seen.at(-1)).toEqual([4102, 'within', 0]);
  });

  it('tells how far it is, and stops when it is told to', async () => {
    const [cleaned, other] = [rows([[1, 0]]), rows([[0, 1]])];
    const told: [number, number][] = [];
    await embeddingNeighbours(cleaned, [other], { ...how, onProgress: (...of) => told.push(of) });
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    await expect(
      embeddingNeighbours(cleaned, [other], { ...how, signal: stop.signal, onProgress }),
    ).rejects.toThrowError(/abort/i);
  });

  it('refuses what cannot be compared', async () => {
    const [narrow, wide] = [rows([[1, 0]]), rows([[1, 0, 0]])];
    await expect(embeddingNeighbours(narrow, [wide], how)).rejects.toThrowError(/multiplied/);
    await expect(embeddingNeighbours(narrow, [narrow, wide], how)).rejects.toThrowError(/3 values.* 2/);
    await expect(embeddingNeighbours(narrow, [], { ...how, alike: 1.5 })).rejects.toThrowError(/cosine 1.5/);
  });
});

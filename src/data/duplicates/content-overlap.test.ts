import { describe, expect, it } from 'vitest';
import { memorySource } from '../source.ts';
import { contentOverlap, contentOverlaps } from './content-overlap.ts';

/** Pictures of one pixel. */
const set = (name: string, values: number[]) =>
  memorySource({ name, shape: [1, 1, 1], pixels: Uint8Array.from(values), fingerprint: name });
const row = memorySource({ name: 'row', shape: [1, 1, 2], pixels: Uint8Array.of(1, 1), fingerprint: 'row' });

describe('contentOverlaps', () => {
  it('counts for each set what each other one holds', async () => {
    const sources = [set('a', [1, 2, 2, 3]), row, set('b', [9, 8])].map((each) => ({ set: each }));
    const others = [set('c', [2, 2, 8]), set('d', [1, 3, 7]), row].map((each) => ({ set: each }));
    expect(await contentOverlaps(sources, others)).toEqual([
      [2, 2, 0],
      [0, 0, 1],
      [1, 0, 0],
    ]);
    expect(await contentOverlap(sources[0]!.set, [others[0]!.set])).toEqual([2]);
  });

  it('looks at as many examples as it may, evenly spaced', async () => {
    const long = set('long', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const halves = [set('first', [0, 1, 2, 3, 4]), set('last', [5, 6, 7, 8, 9])].map((each) => ({
      set: each,
    }));
    for (const [most, counts] of [
      [0, [0, 0]],
      [2, [1, 1]],
      [6, [3, 3]],
      [10, [5, 5]],
    ] as const) {
      expect(await contentOverlaps([{ set: long, most }], halves)).toEqual([counts]);
      const turned = await contentOverlaps(halves, [{ set: long, most }]);
      expect(turned.flat()).toEqual(counts);
    }
  });
});

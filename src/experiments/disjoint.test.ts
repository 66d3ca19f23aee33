import { describe, expect, it } from 'vitest';
import { memorySource } from '../data/index.ts';
import { checkDisjoint } from './disjoint.ts';

const set = (name: string, values: number[]) =>
  memorySource({ name, shape: [1, 1, 1], pixels: Uint8Array.from(values), fingerprint: name });
const data = () => ({
  outliers: {
    train: set('shown', [1, 2, 3, 3]),
    testSets: [set('other', [7, 8]), set('same', [3, 9]), set('gaussian', [1])],
    validationSets: [],
    notes: [] as string[],
  },
});

describe('checkDisjoint', () => {
  it('notes what is shared, and with which set', async () => {
    const { outliers } = data();
    await checkDisjoint({ outliers }, { overlap: 'tell' });
    expect(outliers.notes).toEqual([expect.stringMatching(/^2 of the 4 examples .* test set same, so that/)]);
  });
  it('refuses it if asked', async () => {
    await expect(checkDisjoint(data(), { overlap: 'refuse' })).rejects.toThrowError(/2 of the 4 .*--strict/);
  });
});

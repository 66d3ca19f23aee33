import { describe, expect, it } from 'vitest';
import { bars } from '../../training/testing.ts';
import type { OutlierRequest, OutlierSets } from '../declaration.ts';
import { madeImages, withoutResembling } from './made.ts';

const request = (outliers: string | undefined) =>
  ({ outliers, inliers: { train: bars(20), test: bars(10) }, seed: 3 }) as unknown as OutlierRequest;
const named = (name: string) => ({ ...bars(10), name });

describe('made outliers of an experiment', () => {
  it('are made of its training images, when they are asked for', async () => {
    expect(await madeImages(request('made:jigsaw'))).toMatchObject({ name: 'made:jigsaw', length: 20 });
    expect(await madeImages(request('fashion-mnist'))).toBeUndefined();
    expect(await madeImages(request(undefined))).toBeUndefined();
    await expect(madeImages(request('made:jigsw'))).rejects.toThrowError(/did you mean "jigsaw"/);
  });

  it('leave out of the measurements what they resemble, and say so', () => {
    const sets: OutlierSets = {
      train: named('made:inverted+mean'),
      testSets: [named('negative'), named('icons')],
      validationSets: [named('arithmetic-mean'), named('uniform')],
      notes: ['first'],
    };
    const left = withoutResembling(sets, 'images');
    expect(left.testSets.map(({ name }) => name)).toEqual(['icons']);
    expect(left.validationSets.map(({ name }) => name)).toEqual(['uniform']);
    expect(left.notes).toEqual([
      'first',
      expect.stringMatching(
        /\(made:inverted\+mean\) are made in much the same way: negative, arithmetic-mean\.$/,
      ),
    ]);
    const real = { ...sets, train: named('icons') };
    expect(withoutResembling(real, 'images')).toBe(real);
  });
});

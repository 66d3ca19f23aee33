import { describe, expect, it } from 'vitest';
import { Random } from '../../random.ts';
import { augmentationsOf } from './augmentations.ts';

const shape = [3, 32, 32] as const;
const settings = { augment: 'none', outlierAugment: undefined, cropPadding: undefined } as const;

describe('augmentationsOf', () => {
  it('does to outliers what it does to training images, unless told otherwise', () => {
    expect(augmentationsOf(settings, shape)).toEqual({});
    const both = augmentationsOf({ ...settings, augment: 'crop-flip' }, shape)!;
    expect([both.inliers!.name, both.outliers!.name]).toEqual(['crop(4)+flip', 'crop(4)+flip']);
    const own = augmentationsOf({ augment: 'none', outlierAugment: 'flip', cropPadding: 2 }, shape)!;
    expect([own.inliers, own.outliers!.name]).toEqual([undefined, 'flip']);
    const wide = augmentationsOf({ ...settings, augment: 'crop' }, [3, 64, 70])!;
    expect(wide.inliers!.name).toBe('crop(8)');
  });

  it('frames images in black', () => {
    const pixels = new Float32Array(3 * 32 * 32 * 20).fill(1);
    augmentationsOf({ ...settings, augment: 'crop' }, shape)!.inliers!.apply(pixels, shape, Random.from(1));
    expect(new Set(pixels)).toEqual(new Set([0, 1]));
  });
});

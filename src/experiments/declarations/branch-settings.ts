/** How confidence branches are trained on pictures (Table 3): as DeVries & Taylor (2018) do. */
import { type Augmentation, augmentInTurn, cutout } from '../../data/index.ts';
import type { ModelSettings } from '../declaration.ts';

/**
 * @param augmentation of the in-distribution pictures, before the cutout
 * @param side of the square that is cut out, in pixels
 * @param fill what is left there: the channels' means, which are 0 behind the normalization
 */
export function branchSettings({
  batch,
  augmentation,
  side,
  fill,
}: {
  batch: { inliers: number; outliers: number };
  augmentation: Augmentation;
  side: number;
  fill: readonly number[];
}): ModelSettings {
  return {
    epochs: 200,
    learningRate: 0.1,
    falls: { factor: 0.2, behind: [0.3, 0.6, 0.8] },
    batch,
    augment: { inliers: augmentInTurn(augmentation, cutout({ side, fill })) },
    goesOn: { epochs: 10, learningRate: 0.01 },
  };
}

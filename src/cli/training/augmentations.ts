/** Augmentations by the names that settings have for them. */
import type { SharedSettings } from '../../config/index.ts';
import {
  type Augmentation,
  type ImageShape,
  randomCrop,
  randomCropAndFlip,
  randomFlip,
} from '../../data/index.ts';
import type { TrainOptions } from '../../training/index.ts';

type Choice = SharedSettings['augment'];

/** What happens to training images and outliers; crops have a black frame, as in the paper's code. */
export function augmentationsOf(
  settings: Pick<SharedSettings, 'augment' | 'outlierAugment' | 'cropPadding'>,
  shape: ImageShape,
): TrainOptions['augment'] {
  const crop = { padding: settings.cropPadding ?? Math.round(Math.min(shape[1], shape[2]) / 8) };
  const by: Record<Choice, () => Augmentation | undefined> = {
    none: () => undefined,
    flip: randomFlip,
    crop: () => randomCrop(crop),
    'crop-flip': () => randomCropAndFlip(crop),
  };
  const [inliers, outliers] = [by[settings.augment](), by[settings.outlierAugment ?? settings.augment]()];
  return { ...(inliers ? { inliers } : {}), ...(outliers ? { outliers } : {}) };
}

/** Training one model of an experiment with synthetic outliers. */
import { type ExampleSet, type ImageShape, isEncodedText } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';
import {
  type AlbumPage,
  type SyntheticOutliersOptions,
  type TrainResult,
  trainWithSyntheticOutliers,
} from '../training/index.ts';
import type { SyntheticSettings } from './declaration.ts';

/** What a generator left beside the classifier. */
export interface Synthetic {
  generator: Model;
  shape: ImageShape;
  /** Its images at the end of each epoch. */
  album: AlbumPage[];
}

/** @throws OutlierExposureError `unsupported` for texts, which no generator of ours makes */
export async function trainSynthetic(
  model: Model,
  inliers: ExampleSet,
  { beta = 1, features }: Partial<SyntheticSettings>,
  options: Omit<SyntheticOutliersOptions, 'model' | 'inliers' | 'beta' | 'features'>,
): Promise<TrainResult & { synthetic: Synthetic }> {
  if (isEncodedText(inliers)) {
    throw new OutlierExposureError(
      'unsupported',
      `"${inliers.name}" holds texts, but synthetic outliers are images: choose other models.`,
    );
  }
  const { generator, album, ...trained } = await trainWithSyntheticOutliers({
    ...options,
    model,
    inliers,
    beta,
    ...(features === undefined ? {} : { features }),
  });
  return { ...trained, synthetic: { generator, shape: inliers.shape, album } };
}

/** Outlier Exposure with the paper's settings, in one call. */
import type { ImageSource } from '../data/source.ts';
import { outlierExposure } from '../objectives/index.ts';
import type { Model } from '../onnx/index.ts';
import type { TrainOptions } from './options.ts';
import { cosineSchedule } from './schedule.ts';
import { sgd } from './sgd.ts';
import { type TrainResult, train } from './trainer.ts';

export interface OutlierExposureOptions
  extends Pick<
    TrainOptions,
    'inliers' | 'augment' | 'outlierOrder' | 'runtime' | 'signal' | 'onProgress' | 'checkpoints'
  > {
  /** A classifier, trained already or not. */
  model: Model;
  /** D_out^OE. Keep it apart from what you test with. */
  outliers: ImageSource;
  /** λ, the weight of the outliers' term. Default 0.5, the paper's for vision. */
  lambda?: number;
  /** Default 10, as the paper fine-tunes on CIFAR. */
  epochs?: number;
  /** At the start of the cosine. Default 0.001, as the paper fine-tunes on CIFAR. */
  learningRate?: number;
  /** Default 5e-4, the paper's on CIFAR. */
  weightDecay?: number;
  /** Default 128 + 256, the paper's on CIFAR. */
  batch?: { inliers: number; outliers: number };
  /** Default 1. */
  seed?: number;
}

/** Trains or fine-tunes a classifier with Outlier Exposure: SGD with Nesterov momentum, cosine schedule by step. */
export function trainWithOutlierExposure({
  model,
  lambda = 0.5,
  epochs = 10,
  learningRate = 0.001,
  weightDecay = 5e-4,
  batch = { inliers: 128, outliers: 256 },
  seed = 1,
  ...rest
}: OutlierExposureOptions): Promise<TrainResult> {
  const steps = epochs * Math.floor(rest.inliers.length / batch.inliers);
  return train(model, {
    ...rest,
    objective: outlierExposure({ lambda }),
    optimizer: sgd({ weightDecay }),
    schedule: cosineSchedule({ peak: learningRate, steps }),
    epochs,
    batch,
    seed,
  });
}

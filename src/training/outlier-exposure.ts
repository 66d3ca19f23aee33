/** Outlier Exposure with the paper's settings, in one call. */
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import { withBranch } from '../nn/index.ts';
import { type Objective, outlierExposure } from '../objectives/index.ts';
import type { Model } from '../onnx/index.ts';
import { adam } from './adam.ts';
import type { TrainOptions } from './options.ts';
import { cosineByEpoch, cosineSchedule } from './schedule.ts';
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
  outliers: ExampleSet;
  /**
   * What is minimized. Default: Outlier Exposure with `lambda`. A model that lacks the branch which an objective trains (a
   * confidence branch, a reject class) gets it.
   */
  objective?: Objective;
  /** λ, the weight of the outliers' term of the default objective. Default: the paper's, 0.5 for images, 1 for texts. */
  lambda?: number;
  /** Default 10, as the paper fine-tunes on CIFAR; 2 for texts, as it fine-tunes there. */
  epochs?: number;
  /** At the start of the cosine. Default 0.001, as the paper fine-tunes on CIFAR; 0.01 for texts. */
  learningRate?: number;
  /** Default 5e-4, the paper's on CIFAR; 0 for texts. */
  weightDecay?: number;
  /** Default: the paper's, 128 + 256 on CIFAR, 64 + 64 for texts. */
  batch?: { inliers: number; outliers: number };
  /** Default 1. */
  seed?: number;
}

const IMAGES = {
  lambda: 0.5,
  epochs: 10,
  learningRate: 0.001,
  weightDecay: 5e-4,
  batch: { inliers: 128, outliers: 256 },
};
const TEXTS = {
  lambda: 1,
  epochs: 2,
  learningRate: 0.01,
  weightDecay: 0,
  batch: { inliers: 64, outliers: 64 },
};

/**
 * Trains or fine-tunes a classifier with Outlier Exposure: on images by SGD with Nesterov momentum and a cosine by step, on
 * texts by Adam and a cosine by epoch, as the paper does.
 */
export function trainWithOutlierExposure(options: OutlierExposureOptions): Promise<TrainResult> {
  const ofTexts = isEncodedText(options.inliers);
  const usual = ofTexts ? TEXTS : IMAGES;
  const {
    model,
    lambda = usual.lambda,
    objective = outlierExposure({ lambda }),
    epochs = usual.epochs,
    learningRate: peak = usual.learningRate,
    weightDecay = usual.weightDecay,
    batch = usual.batch,
    seed = 1,
    ...rest
  } = options;
  const stepsPerEpoch = Math.floor(rest.inliers.length / batch.inliers);
  const start = objective.branch ? withBranch(model, objective.branch, { seed }) : model;
  return train(start, {
    ...rest,
    objective,
    optimizer: ofTexts ? adam({ weightDecay }) : sgd({ weightDecay }),
    schedule: ofTexts
      ? cosineByEpoch({ peak, epochs, stepsPerEpoch })
      : cosineSchedule({ peak, steps: epochs * stepsPerEpoch }),
    epochs,
    batch,
    seed,
  });
}

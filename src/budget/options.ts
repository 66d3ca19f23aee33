/** What tuning within a budget is told, and what it tells. */
import type { ImageSource } from '../data/index.ts';
import type { Model } from '../onnx/index.ts';
import type { CheckpointStore } from '../training/checkpoint.ts';
import type { TrainOptions } from '../training/options.ts';
import type { EpochRecord } from '../training/progress.ts';
import type { Schedule } from '../training/schedule.ts';
import type { BatchStatistics } from '../training/training-mode.ts';
import type { Measured } from './measure.ts';

/** What is steered. */
export interface BudgetSettings {
  /** λ, the weight of the outliers' term. */
  lambda: number;
  /** The weight of the distillation from the baseline; 0 for none. */
  distillation: number;
  normalization: BatchStatistics;
  /** At the start of the schedule. */
  learningRate: number;
}

/** A model on the curve between accuracy and detection. */
export interface BudgetPoint {
  /** Which of the tunings it comes from, counted from 1. */
  run: number;
  settings: BudgetSettings;
  /** How far from the baseline's weights (0) to the tuned ones (1) it lies. */
  share: number;
  /** The share of held-out images that it gets wrong, 0 to 1. */
  error: number;
  /** The error less the baseline's. */
  errorIncrease: number;
  /** The standard error of `errorIncrease`, both models being measured on the same images. */
  standardError: number;
  /** Mean AUROC over the validation outliers, 0 to 1, of the maximum softmax probability. */
  meanAuroc: number;
  withinBudget: boolean;
}

/** How a search went: all of it but the model. */
export interface TradeOff {
  /** The budget: how much the error may rise, as a share. */
  maxErrorIncrease: number;
  heldOut: { name: string; count: number; fingerprint: string };
  baseline: Pick<Measured, 'error' | 'meanAuroc' | 'aurocs'>;
  /** What was measured, in the order in which it was. */
  curve: BudgetPoint[];
  /** The point of the curve that the model is; none when the model is the baseline, unchanged. */
  chosen?: BudgetPoint & Pick<Measured, 'aurocs'>;
}

export interface BudgetResult extends TradeOff {
  /** The chosen model, or the one that was given. */
  model: Model;
  /** The training of each tuning. */
  runs: { settings: BudgetSettings; history: EpochRecord[]; seconds: number; stallShare: number }[];
  seconds: number;
}

/** Where the search is. */
export interface BudgetProgress {
  stage: 'measure' | 'tune';
  /** Which tuning this belongs to, counted from 1; 0 is the baseline. */
  run: number;
  /** How many tunings there will be at most. */
  runs: number;
  /** Images measured or steps done, and in all, of this stage. */
  done: number;
  total: number;
  /** The losses of the training. */
  losses?: Record<string, number>;
  imagesPerSecond?: number;
  epoch?: number;
  epochs?: number;
  /** Until the end of everything; known once a training has begun. */
  remainingSeconds?: number;
}

export interface BudgetOptions
  extends Pick<TrainOptions, 'augment' | 'outlierOrder' | 'trainable' | 'runtime' | 'signal'>,
    Partial<Pick<TrainOptions, 'optimizer'>> {
  /** Labelled images of what the model knows. */
  inliers: ImageSource;
  /** A trained classifier: the baseline. */
  model: Model;
  /** D_out^OE. */
  outliers: ImageSource;
  /** How much the error on the held-out images may rise, as a share: 0.005 is half a percentage point. */
  maxErrorIncrease: number;
  /**
   * Labelled images that the error is measured on. Best are images that the baseline was not trained on either: of those
   * it was trained on, it has learned some by heart, so that its error there is too low and the rise too high.
   * Default: a share of the inliers, which tuning then leaves out.
   */
  heldOut?: ImageSource | undefined;
  /** The share that is held out where no `heldOut` is given. Default 0.1. */
  heldOutShare?: number;
  /** Outliers to choose by; no test outliers. Default: made from the held-out images (see `madeOutliers`). */
  validationOutliers?: readonly ImageSource[] | undefined;
  /** λ, the weight of the outliers' term. Default 0.5. */
  lambda?: number;
  /** The weight of a distillation from the baseline's logits, 0 for none. Default 0: the line back to it does as well. */
  distillation?: number;
  /** What batch normalization takes its statistics from. Default `'frozen'`, the baseline's, which costs least accuracy. */
  normalization?: BatchStatistics;
  /** Of each of the two tunings. Default 10. */
  epochs?: number;
  /** Of the first tuning, at its start. Default 0.001. */
  learningRate?: number;
  /** From a learning rate on. Default: half a cosine over all steps. */
  schedule?: ((learningRate: number) => Schedule) | undefined;
  /** Of the default optimizer, SGD. Default 5e-4. */
  weightDecay?: number;
  /** Default 128 + 256. */
  batch?: { inliers: number; outliers: number };
  /** Default 1. */
  seed?: number;
  onProgress?: ((progress: BudgetProgress) => void) | undefined;
  /** A store for each tuning, by its number (one that diverged counts, too): a search that was broken off goes on from there, to the same bits. */
  checkpoints?: ((tuning: number) => CheckpointStore) | undefined;
}

/** What a training run tells: how it goes, and how it went. */

export interface TrainProgress {
  /** Counted from 1. */
  epoch: number;
  epochs: number;
  /** Steps done, of all epochs together. */
  step: number;
  steps: number;
  /** The loss, its parts and the accuracy, each as a moving average that keeps 0.8 of the old value, as the paper's code. */
  losses: Record<string, number>;
  /** Images or texts, inliers and outliers, a second. */
  imagesPerSecond: number;
  remainingSeconds: number;
}

export interface EpochRecord {
  epoch: number;
  /** Means over the epoch's steps. */
  losses: Record<string, number>;
  learningRate: number;
  seconds: number;
}

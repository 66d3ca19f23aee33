/** What a training run is told. */

import type { Trainable } from '../classifier/index.ts';
import type { Augmentation } from '../data/augment.ts';
import type { ExampleSet } from '../data/example-set.ts';
import type { Objective } from '../objectives/index.ts';
import type { Model } from '../onnx/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { CheckpointStore } from './checkpoint.ts';
import type { Optimizer } from './optimizer.ts';
import type { TrainProgress } from './progress.ts';
import type { Schedule } from './schedule.ts';
import type { BatchStatistics } from './training-mode.ts';

export interface TrainOptions {
  /** Labelled examples of what the model is to know. */
  inliers: ExampleSet;
  /** D_out^OE; needed when the objective looks at outliers. */
  outliers?: ExampleSet | undefined;
  objective: Objective;
  optimizer: Optimizer;
  schedule: Schedule;
  epochs: number;
  /**
   * Examples a step: in-distribution and outliers. Images are stacked into one forward pass; texts take two, each of
   * its own length.
   */
  batch: { inliers: number; outliers: number };
  /** Random changes of the images of each batch. Default none; texts stay as they are. */
  augment?: { inliers?: Augmentation; outliers?: Augmentation } | undefined;
  /**
   * In which order outliers are taken: from a random place on in the set's own order, anew each epoch (`'local'`), or in
   * random order. Default as in the paper's code: `'local'` for images, `'shuffled'` for texts.
   */
  outlierOrder?: 'local' | 'shuffled' | undefined;
  /**
   * What batch normalization takes its statistics from: the stacked batch, as the paper's code does (`'stacked'`, the
   * default), its in-distribution part, or the running averages, unchanged (`'frozen'`).
   */
  normalization?: BatchStatistics | undefined;
  /** Which initializers may change, by name; `frozenBy` makes this from patterns. Default: all. */
  trainable?: Trainable | undefined;
  /** The model that an objective with a teacher holds the trained one's answers against; it stays as it is. */
  teacher?: Model | undefined;
  /** Decides the order of the examples, how they are augmented, and the dropout masks. */
  seed: number;
  runtime: Runtime;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: TrainProgress) => void;
  /** Where to go on from, and where to keep what is done: now and then, when aborted, and at the end. */
  checkpoints?: { store: CheckpointStore; everySeconds?: number } | undefined;
}

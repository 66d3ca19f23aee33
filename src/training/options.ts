/** What a training run is told. */
import type { ImageSource } from '../data/source.ts';
import type { Objective } from '../objectives/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { CheckpointStore } from './checkpoint.ts';
import type { Optimizer } from './optimizer.ts';
import type { TrainProgress } from './progress.ts';
import type { Schedule } from './schedule.ts';

export interface TrainOptions {
  /** Labelled examples of what the model is to know. */
  inliers: ImageSource;
  /** D_out^OE; needed when the objective looks at outliers. */
  outliers?: ImageSource | undefined;
  objective: Objective;
  optimizer: Optimizer;
  schedule: Schedule;
  epochs: number;
  /** Examples a step: in-distribution and outliers, stacked into one forward pass. */
  batch: { inliers: number; outliers: number };
  /** Decides the order of the examples and the dropout masks. */
  seed: number;
  runtime: Runtime;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: TrainProgress) => void;
  /** Where to go on from, and where to keep what is done: now and then, when aborted, and at the end. */
  checkpoints?: { store: CheckpointStore; everySeconds?: number } | undefined;
}

/** Training: optimizers, schedules, the compiled step. */
export { type AdamOptions, adam } from './adam.ts';
export * from './adversarial/index.ts';
export {
  type Checkpoint,
  type CheckpointStore,
  decodeCheckpoint,
  encodeCheckpoint,
  type MeterState,
} from './checkpoint.ts';
export type { Optimizer, UpdateValues } from './optimizer.ts';
export type { TrainOptions } from './options.ts';
export { type OutlierExposureOptions, trainWithOutlierExposure } from './outlier-exposure.ts';
export type { EpochRecord, TrainProgress } from './progress.ts';
export {
  constantSchedule,
  cosineByEpoch,
  cosineSchedule,
  type FallingOptions,
  fallingSchedule,
  type Schedule,
} from './schedule.ts';
export { type SgdOptions, sgd } from './sgd.ts';
export { compileTrainingStep, type StepOptions, stepValue, type TrainingStep } from './step.ts';
export { type TrainResult, train } from './trainer.ts';
export {
  type BatchStatistics,
  type RunningStatistic,
  type TrainingModeOptions,
  trainingMode,
} from './training-mode.ts';

/** The paper's experiments. Node only. */
export {
  checkpointFolder,
  fileCheckpointStore,
  type OpenCheckpoints,
  type RunSettings,
} from './checkpoints.ts';
export {
  type Evaluated,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationOptions,
  evaluate,
  evaluateClassifier,
} from './evaluate.ts';
export type { ExtremeExample, Extremes } from './extremes.ts';
export { type MnistOptions, reproduceMnist, type TrainedModel } from './mnist.ts';
export { MNIST_OUTLIERS } from './mnist-data.ts';
export type { ExperimentProgress, OnProgress } from './progress.ts';
export { type Published, type PublishedNumbers, publishedMnist } from './published.ts';
export {
  checkExperiment,
  EXPERIMENTS,
  type ExperimentName,
  type ExperimentRun,
  type ReproduceOptions,
  reproduce,
} from './reproduce.ts';
export type {
  DataRecord,
  ExperimentResults,
  Measurements,
  ModelSummary,
  ResultRow,
  Spread,
  TrainingRecord,
} from './results.ts';

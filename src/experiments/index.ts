/** The paper's experiments. Node only. */

export {
  type Evaluated,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationOptions,
  type ExtremeExample,
  type Extremes,
  evaluate,
  evaluateClassifier,
  type ResultRow,
  type Spread,
} from '../evaluation/index.ts';
export * from './ablations/index.ts';
export {
  type CheckpointFolderOptions,
  checkpointFolder,
  fileCheckpointStore,
  type OpenCheckpoints,
  type RunSettings,
} from './checkpoints.ts';
export type { ContactSheet } from './contact-sheet.ts';
export { MNIST_OUTLIERS } from './data/mnist.ts';
export { PACKAGED_OUTLIERS } from './data/packaged-texts.ts';
export {
  type DataRequest,
  type ExperimentDeclaration,
  type ImageDeclaration,
  type Inliers,
  MODELS,
  type ModelName,
  type ModelSettings,
  type OutlierRequest,
  type OutlierSets,
  type OwnFiles,
  type QuickSettings,
  type SetRequest,
  type TextDeclaration,
  type TextRequest,
  type TextSettings,
  type TrainingSettings,
} from './declaration.ts';
export type { ExperimentOptions } from './options.ts';
export type { ExperimentProgress, OnProgress } from './progress.ts';
export * from './published/index.ts';
export { declarationOf, EXPERIMENTS, type ExperimentName } from './registry.ts';
export { checkExperiment, type ReproduceOptions, reproduce } from './reproduce.ts';
export type {
  DataRecord,
  ExperimentResults,
  Measurements,
  ModelSummary,
  TrainingRecord,
} from './results.ts';
export { type ExperimentRun, runExperiment, type TrainedModel } from './run-experiment.ts';
export type { ReadText, TextSheet } from './text-sheet.ts';
export type { Synthetic } from './train-synthetic.ts';

/** Scores of anomaly: higher = more anomalous. Runs in Node and in the browser. */
export { type Algebra, type Largest, type ProductOptions, plainAlgebra } from './algebra.ts';
export { confidence, confidenceScore } from './confidence.ts';
export type {
  Detector,
  FitContext,
  FitData,
  FittedState,
  Need,
  Parameter,
  RewriteContext,
  Rewritten,
  ScoreContext,
  Settings,
} from './detector.ts';
export * from './features/index.ts';
export {
  type FitOptions,
  type FittedDetector,
  fitDetector,
  readFitted,
  scoreOutputs,
  writeFitted,
} from './fitted.ts';
export * from './logits/index.ts';
export { msp, mspScore } from './msp.ts';
export { type Matrix, matrix, type Outputs, rowOf } from './outputs.ts';
export { predictions } from './predictions.ts';
export { type Rectifier, rectified } from './rectified.ts';
export {
  ashB,
  ashP,
  ashS,
  binarizedFeatures,
  clipFeatures,
  dice,
  prunedFeatures,
  react,
  scale,
  scaledFeatures,
  sparseWeights,
  strengthenedFeatures,
} from './rectifiers/index.ts';
export { detectors, findDetector, rectifiers } from './registry.ts';
export { rejection, rejectionScore } from './reject-class.ts';
export {
  mcDropout,
  mcDropoutMutualInformation,
  odin,
  withDropoutPasses,
  withInputStep,
} from './rewriting/index.ts';
export { type RuntimeAlgebra, runtimeAlgebra } from './runtime-algebra.ts';
export { configured, describeDetector, settingsOf } from './settings.ts';
export { uniformCrossEntropy, uniformCrossEntropyScore } from './uniform-ce.ts';
export { type ExamplesToLearnFrom, unsuitedSettings } from './unsuited.ts';

/** A classifier as a graph: its ends, its logits, its features. Runs in Node and in the browser. */
export { BRANCHES, type Branch, CONFIDENCE, type Ends, endsOf, REJECT, TOLD } from './ends.ts';
export { ensembleOf } from './ensemble.ts';
export { type Inspection, inspectModel } from './inspect.ts';
export { addLogMeanExp, addLogSoftmax } from './log-mean-softmax.ts';
export { withLogitsOutput } from './logits-output.ts';
export { frozenBy, movesStatistics, type Trainable, trainableParameters } from './parameters.ts';
export { type Head, type Parts, partsOf } from './parts.ts';
export {
  declarePreprocessing,
  PREPROCESSING,
  type Preprocessing,
  preprocessingOf,
  withPreprocessing,
} from './preprocessing.ts';

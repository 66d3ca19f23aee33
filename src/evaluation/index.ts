/** Measuring a classifier as a detector of outliers. Runs in Node and in the browser. */
export { type ApplicableOptions, applicableDetectors, type SkippedDetector } from './applicable.ts';
export { averageOverSeeds } from './average.ts';
export {
  type Choice,
  type ChooseOptions,
  type ChosenSettings,
  chooseSettings,
  type Grid,
  gridOf,
} from './choose-settings.ts';
export { type Evaluation, type EvaluationOptions, evaluateClassifier } from './classifier.ts';
export { planDraws } from './draws.ts';
export {
  type EmbeddedSet,
  embeddingNeighbours,
  type NeighbourOptions,
  type NeighbourPair,
  type NeighbourSearch,
} from './embedding-neighbours.ts';
export { type Evaluated, type EvaluateOptions, evaluate } from './evaluate.ts';
export type {
  ExtremeExample,
  ExtremeImage,
  Extremes,
  ExtremeText,
  ImageExtremes,
  TextExtremes,
} from './extremes.ts';
export { type FeatureReader, openFeatures } from './feature-rows.ts';
export { readLogits } from './logits.ts';
export { meanRow, type ResultRow, rowOfDraws, type Spread } from './rows.ts';
export { type ScoredBatch, type ScoreStreamOptions, scoreStream, scoresInOrder } from './score-stream.ts';
export { openScorer, type ScoredWindow, type Scorer, type ScorerOptions } from './scorer.ts';

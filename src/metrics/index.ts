/** Metrics of out-of-distribution detection. Runs in Node and in the browser. */
export { type CurveOptions, type CurvePoint, prCurve, prOfSorted, rocCurve, rocOfSorted } from './curves.ts';
export {
  aupr,
  auroc,
  type DetectionMetrics,
  detectionMetrics,
  fprAtTpr,
  METRIC_DEFINITIONS,
  type MetricOptions,
  metricsOfSorted,
  type RecallMode,
} from './detection.ts';
export { type Scores, type SortedScores, sortScores, sweep } from './scores.ts';
export { meanAndStd } from './summary.ts';

/**
 * Detection metrics. Everywhere: scores are higher = more anomalous, and out-of-distribution examples are the
 * positive class.
 */
export { aupr, auprIn } from './aupr.ts';
export { auroc } from './auroc.ts';
export { type CurveOptions, type PrCurve, prCurve, type RocCurve, rocCurve } from './curves.ts';
export { METRIC_DEFINITIONS, type MetricDefinition } from './definitions.ts';
export { detectionError } from './detection-error.ts';
export { type DetectionMetrics, type DetectionMetricsOptions, detectionMetrics } from './detection-metrics.ts';
export {
  type FprAtTprOptions,
  type FprMode,
  fprAtTpr,
  type OperatingPoint,
  operatingPoint,
} from './fpr-at-tpr.ts';
export { meanAndStd } from './mean-and-std.ts';
export type { Scores } from './rank.ts';

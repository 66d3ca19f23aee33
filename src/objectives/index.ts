/** Training objectives, as graphs. Runs in Node and in the browser. */
export { crossEntropy } from './cross-entropy.ts';
export { type DistillationOptions, withDistillation } from './distillation.ts';
export type { BatchValues, Objective, ObjectiveValues } from './objective.ts';
export { outlierExposure } from './outlier-exposure.ts';

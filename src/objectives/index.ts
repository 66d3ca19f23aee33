/** Training objectives, as graphs. Runs in Node and in the browser. */
export {
  discriminatorLoss,
  generatorLoss,
  meanUniformDivergence,
  syntheticOutliers,
} from './adversarial.ts';
export { type ConfidenceBranchOptions, confidenceBranch } from './confidence-branch.ts';
export { crossEntropy } from './cross-entropy.ts';
export { type DistillationOptions, withDistillation } from './distillation.ts';
export { type EnergyBoundedOptions, energyBounded } from './energy-bounded.ts';
export { hardOutlierExposure } from './hard-outlier-exposure.ts';
export { OBJECTIVES, type ObjectiveName, type ObjectiveSettings, objectiveNamed } from './named.ts';
export type { BatchValues, Objective, ObjectiveValues } from './objective.ts';
export { outlierExposure } from './outlier-exposure.ts';
export { rejectClass } from './reject-class.ts';

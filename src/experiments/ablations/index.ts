/** The discussion's experiments: what outliers have to be like, and how they are best learned from. Node only. */
export type { Ablation, AblationContext, Level, LevelSettings } from './ablation.ts';
export { ABLATIONS, type AblationName, ablationNamed } from './registry.ts';
export {
  ABLATION_EXPERIMENTS,
  type ReproduceAblationOptions,
  reproduceAblation,
} from './reproduce-ablation.ts';
export type { AblationResults, LevelMeasurements, LevelRecord } from './results.ts';
export { type AblationOptions, runAblation } from './run-ablation.ts';

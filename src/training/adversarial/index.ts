/** Synthetic outliers: a classifier trained with a generator that makes images near what it knows. */
export type { AlbumPage } from './album.ts';
export { type GenerateOptions, generateOutliers } from './generate.ts';
export {
  type AdversarialModels,
  type AdversarialStep,
  type AdversarialStepOptions,
  compileAdversarialStep,
} from './step.ts';
export {
  decayedOnce,
  type SyntheticOutliersOptions,
  type SyntheticOutliersResult,
  trainWithSyntheticOutliers,
} from './trainer.ts';

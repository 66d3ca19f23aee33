/** Outliers made of in-distribution images and texts. Runs in Node and in the browser. */
export { IMAGE_KINDS, type ImageKind, type ImageKindName } from './image-kinds.ts';
export {
  describeMade,
  GENERATED_SET,
  isMade,
  MADE_PREFIX,
  type MakeOptions,
  madeKinds,
  makeOutliers,
  resemblesOf,
} from './make-outliers.ts';
export { TEXT_KINDS, type TextKind, type TextKindName } from './text-kinds.ts';

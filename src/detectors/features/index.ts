/** Detectors that score the features before the last linear layer. */
export { fdbd, fdbdScore, weightGaps } from './fdbd.ts';
export { gradNorm, gradNormScore } from './gradnorm.ts';
export { knn, neighbourDistances } from './knn.ts';
export { mahalanobis } from './mahalanobis.ts';
export { nnguide } from './nnguide.ts';
export { relativeMahalanobis } from './relative-mahalanobis.ts';
export { she, sheScore } from './she.ts';
export { logitOrigin, principalDirections, vim } from './vim.ts';

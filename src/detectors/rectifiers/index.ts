/** What gives other logits than the classifier's own, from its features and its last layer. */
export { ashB, ashP, ashS, binarizedFeatures, prunedFeatures, strengthenedFeatures } from './ash.ts';
export { dice, sparseWeights } from './dice.ts';
export { clipFeatures, react } from './react.ts';
export { scale, scaledFeatures } from './scale.ts';

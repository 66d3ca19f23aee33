/** Detectors on logits alone. */
export { energy, energyScore } from './energy.ts';
export { entropy, entropyScore } from './entropy.ts';
export { gen, genScore } from './gen.ts';
export { klMatching, klMatchingScore, klTemplates } from './kl-matching.ts';
export { maxLogit, maxLogitScore } from './max-logit.ts';
export { fitOpenMax, type OpenMaxModel, openMax, openMaxScore } from './openmax.ts';
export { calibratedTemperature, temperatureScaling, temperatureScore } from './temperature.ts';
export { fitWeibull, type Weibull, weibullCdf } from './weibull.ts';

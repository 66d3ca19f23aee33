/** Scores of anomaly: higher = more anomalous. Runs in Node and in the browser. */
export type { Detector, Need } from './detector.ts';
export { msp, mspScore } from './msp.ts';
export { predictions } from './predictions.ts';
export { detectors } from './registry.ts';
export { uniformCrossEntropy, uniformCrossEntropyScore } from './uniform-ce.ts';

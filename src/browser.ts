/**
 * Out-of-distribution detection with Outlier Exposure, in a browser: everything of the package's main entry, with
 * `webRuntime` in place of `nodeRuntime`. Bundlers take it for `outlier-exposure`; `outlier-exposure/web` always is it.
 */
export * from './advice/index.ts';
export * from './autodiff/index.ts';
export * from './budget/index.ts';
export * from './classifier/index.ts';
export * from './data/index.ts';
export * from './detectors/index.ts';
export * from './errors.ts';
export * from './evaluation/index.ts';
export * from './guard/index.ts';
export * from './metrics/index.ts';
export * from './nn/index.ts';
export * from './objectives/index.ts';
export * from './onnx/index.ts';
export { hashSeed, Random } from './random.ts';
export * from './runtime/index.browser.ts';
export * from './thresholds/index.ts';
export * from './training/index.ts';
export * from './weights/index.ts';

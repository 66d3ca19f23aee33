/**
 * Out-of-distribution detection with Outlier Exposure, for ONNX classifiers.
 *
 * Everything here is also importable by part: `outlier-exposure/metrics`, `/detectors`, `/onnx`, `/autodiff`, `/nn`,
 * `/classifier`, `/weights`, `/objectives`, `/training`, `/data`, `/evaluation`, `/thresholds`, `/guard`, `/budget`, `/advice`, `/runtime`, and, in Node only, `/data/node`, `/thresholds/node`, `/weights/node`,
 * `/guard/node`, `/server`, `/experiments`, `/report`.
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
export * from './runtime/index.ts';
export * from './thresholds/index.ts';
export * from './training/index.ts';
export * from './weights/index.ts';

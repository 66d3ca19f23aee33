/** Guards: classifiers that say when they do not know, and monitors of what they see. Runs in Node and in the browser. */
export { aboutGuard, type GuardAbout } from './about.ts';
export {
  type DriftAlarm,
  type DriftMonitor,
  type DriftOptions,
  type DriftReport,
  driftMonitor,
  type ReferenceQuantiles,
} from './drift.ts';
export { alarmCount, type FlagRate } from './flag-counts.ts';
export {
  type Checked,
  type Guard,
  type GuardOptions,
  type GuardThreshold,
  loadGuard,
  MAX_TEXT_LENGTH,
  type Verdict,
} from './guard.ts';
export { CLASS_NAMES, type GuardedModel, guardedModel } from './guarded-model.ts';
export { checkShape, type ImageSize, type ModelSides, shapeOfSize } from './image-size.ts';
export {
  type DecodeImage,
  type GuardInput,
  type PixelTensor,
  type Prepared,
  type PrepareOptions,
  prepareInput,
  type RgbaImage,
} from './input.ts';
export { type QuantileSketch, quantileSketch } from './quantile-sketch.ts';

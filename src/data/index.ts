/** Reading, making and changing sets of images, and sets of texts. Runs in Node and in the browser. */
export {
  type Augmentation,
  augmentInTurn,
  type CropOptions,
  type CutoutOptions,
  cutout,
  randomCrop,
  randomCropAndFlip,
  randomFlip,
} from './augment.ts';
export { gaussianBlur, gaussianKernel } from './blur.ts';
export { channelStatistics } from './channel-statistics.ts';
export { concatSources } from './concat.ts';
export type { ExampleSet } from './example-set.ts';
export { grayBytes, grayscale } from './gray.ts';
export {
  IDX_HEADER_BYTES,
  type IdxArray,
  type IdxHeader,
  idxImageSource,
  parseIdx,
  parseIdxHeader,
} from './idx.ts';
export {
  bernoulliNoise,
  blobs,
  gaussianNoise,
  type InputRange,
  type NoiseName,
  type NoiseOptions,
  noiseGenerators,
  rademacherNoise,
  uniformNoise,
} from './noise.ts';
export { noised } from './noised.ts';
export {
  encodeNpy,
  NPY_HEADER_BYTES,
  type NpyArray,
  type NpyHeader,
  type NpyType,
  type NpyValues,
  parseNpy,
  parseNpyHeader,
} from './npy.ts';
export { renamed } from './renamed.ts';
export { byteResizer, type ImageSides, type ResizeFilter } from './resize.ts';
export { localOutlierBatches, shuffledBatches, shuffledOutlierBatches } from './sampler.ts';
export { type ImageShape, type ImageSource, memorySource } from './source.ts';
export { subset } from './subset.ts';
export * from './synthetic-outliers/index.ts';
export * from './text/index.ts';
export { type ResizeFit, toShape } from './to-shape.ts';
export {
  arithmeticMean,
  geometricMean,
  invert,
  jigsaw,
  jigsawOrigin,
  mirroredDigits,
  negative,
  pixelate,
  rgbGhost,
  speckle,
  validationOutliers,
} from './validation.ts';

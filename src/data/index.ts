/** Reading, making and changing sets of images. Runs in Node and in the browser. */
export { gaussianBlur, gaussianKernel } from './blur.ts';
export { grayBytes, grayscale } from './gray.ts';
export { type IdxArray, idxImageSource, parseIdx } from './idx.ts';
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
export { encodeNpy, type NpyArray, type NpyValues, parseNpy } from './npy.ts';
export { byteResizer, type ImageSides, type ResizeFilter } from './resize.ts';
export { localOutlierBatches, shuffledBatches } from './sampler.ts';
export { type ImageShape, type ImageSource, memorySource } from './source.ts';
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

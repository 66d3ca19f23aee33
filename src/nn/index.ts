/** Layers and networks that emit ONNX graphs. Runs in Node and in the browser. */
export { type AllConvOptions, allConv } from './all-conv.ts';
export {
  ARCHITECTURE_NAMES,
  ARCHITECTURES,
  type Architecture,
  architecture,
  type BuildOptions,
  buildNetwork,
} from './architectures.ts';
export { type BranchOptions, withBranch, withConfidenceBranch, withRejectClass } from './branch.ts';
export { type CifarResNetOptions, cifarResNet } from './cifar-resnet.ts';
export type { NetworkOptions } from './classifier.ts';
export { type ConvNetOptions, convNet } from './convnet.ts';
export {
  type DiscriminatorOptions,
  dcganDiscriminator,
  dcganGenerator,
  type GeneratorOptions,
  latentSize,
} from './dcgan.ts';
export { type GruClassifierOptions, gruClassifier } from './gru-classifier.ts';
export {
  batchNorm,
  type Conv2dOptions,
  conv2d,
  DROPOUT_UNIT,
  dropout,
  globalAveragePool,
  isRunningStatistic,
  type KernelStart,
  type LayerScope,
  type LinearOptions,
  linear,
  maxPool2d,
  quickGelu,
  relu,
} from './layers.ts';
export { type Normalization, normalizationOf, normalizePixels } from './normalization.ts';
export { type RandomMaskOptions, randomMask } from './random-mask.ts';
export { type EmbeddingOptions, embedding, type GruOptions, gru } from './recurrent.ts';
export { type ResNet18Options, resNet18 } from './resnet18.ts';
export { type WideResNetOptions, wideResNet } from './wide-resnet.ts';

/** Layers and networks that emit ONNX graphs. Runs in Node and in the browser. */
export { convNet } from './convnet.ts';
export {
  batchNorm,
  type Conv2dOptions,
  conv2d,
  DROPOUT_UNIT,
  dropout,
  isRunningStatistic,
  type KernelStart,
  type LayerScope,
  linear,
  maxPool2d,
  quickGelu,
  relu,
} from './layers.ts';
export { type WideResNetOptions, wideResNet } from './wide-resnet.ts';

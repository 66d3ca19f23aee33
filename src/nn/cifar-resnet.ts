/** Residual networks for small images (He et al. 2016, section 4.2): ResNet-20, -32, -44, -56, -110. */
import { OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';
import { beginClassifier, endClassifier, type NetworkOptions } from './classifier.ts';
import { batchNorm, conv2d, globalAveragePool, type LayerScope, linear, relu } from './layers.ts';

export interface CifarResNetOptions extends NetworkOptions {
  /** 6n + 2 layers, n blocks in each of the three groups. Default 20. */
  depth?: number;
}

/**
 * Residual blocks in three groups of 16, 32 and 64 channels. Where the width changes, the shortcut has no parameters
 * (option A): every second pixel, with channels of zeros before and behind. Parameters are named as in
 * akamaster/pytorch_resnet_cifar10: `layer1.0.conv1.weight`, `linear.weight`.
 *
 * @returns a model from `pixels` [batch, channels, side, side], by default [batch, 3, 32, 32], to `logits` [batch, classes]
 * @throws OutlierExposureError `invalid-argument` when depth is not 6n + 2, or for impossible sizes
 */
export function cifarResNet({ depth = 20, side = 32, channels = 3, ...options }: CifarResNetOptions): Model {
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The depth of a residual network for small images is 6n + 2 (20, 32, 44, 56, …), not ${depth}.`,
    );
  }
  const scope = beginClassifier(`resnet-${depth}`, { ...options, side, channels });
  let x = convolution(scope, scope.pixels, 'conv1', channels, 16, 1);
  x = relu(scope, batchNorm(scope, x, { name: 'bn1', channels: 16 }));
  let width = 16;
  for (const [group, out] of [16, 32, 64].entries()) {
    for (let block = 0; block < blocks; block++) {
      x = basicBlock(scope, x, `layer${group + 1}.${block}`, width, out);
      width = out;
    }
  }
  x = globalAveragePool(scope, x);
  linear(scope, x, { name: 'linear', in: width, out: scope.classes, start: 'he-fan-in' });
  return endClassifier(scope);
}

function convolution(scope: LayerScope, x: string, name: string, from: number, to: number, stride: number) {
  return conv2d(scope, x, {
    name,
    in: from,
    out: to,
    kernel: 3,
    stride,
    padding: 1,
    bias: false,
    start: 'he-fan-in',
  });
}

function basicBlock(scope: LayerScope, x: string, name: string, input: number, output: number): string {
  const stride = input === output ? 1 : 2;
  let y = convolution(scope, x, `${name}.conv1`, input, output, stride);
  y = relu(scope, batchNorm(scope, y, { name: `${name}.bn1`, channels: output }));
  y = convolution(scope, y, `${name}.conv2`, output, output, 1);
  y = batchNorm(scope, y, { name: `${name}.bn2`, channels: output });
  const shortcut = input === output ? x : strideAndPad(scope, x, output - input);
  return relu(scope, scope.graph.add('Add', [y, shortcut]));
}

/** Every second pixel, and `more` channels of zeros, half of them before and half behind. */
function strideAndPad({ graph }: LayerScope, x: string, more: number): string {
  const end = 2 ** 31 - 1;
  const pixels = graph.add('Slice', [
    x,
    graph.ints([0, 0]),
    graph.ints([end, end]),
    graph.ints([2, 3]),
    graph.ints([2, 2]),
  ]);
  return graph.add('Pad', [pixels, graph.ints([0, more / 2, 0, 0, 0, more / 2, 0, 0])]);
}

/** ResNet-18 (He et al. 2016), for images of 224 pixels a side and, with another stem, for small ones. */
import type { Model } from '../onnx/index.ts';
import { beginClassifier, endClassifier, type NetworkOptions } from './classifier.ts';
import { batchNorm, conv2d, globalAveragePool, type LayerScope, linear, maxPool2d, relu } from './layers.ts';

export interface ResNet18Options extends NetworkOptions {
  /**
   * What comes before the blocks: `'imagenet'` is a 7×7 convolution with stride 2 and 3×3 max pooling with stride 2;
   * `'small'` a 3×3 convolution alone. Default: `'small'` up to 64 pixels a side.
   */
  stem?: 'imagenet' | 'small' | undefined;
  /** Channels of the first group. Default 64. */
  width?: number;
}

const LARGEST_SMALL_SIDE = 64;

/**
 * Two residual blocks in each of four groups of 64, 128, 256 and 512 channels; where the width changes, the shortcut
 * is projected (option B). Parameters are named as torchvision names them: `layer2.0.downsample.0.weight`, `fc.weight`.
 *
 * @returns a model from `pixels` [batch, channels, side, side], by default [batch, 3, 224, 224], to `logits` [batch, classes]
 * @throws OutlierExposureError `invalid-argument` for impossible sizes
 */
export function resNet18({ side = 224, channels = 3, width = 64, ...options }: ResNet18Options): Model {
  const { stem = side <= LARGEST_SMALL_SIDE ? 'small' : 'imagenet' } = options;
  const scope = beginClassifier('resnet-18', { ...options, side, channels });
  const [kernel, stride] = stem === 'imagenet' ? [7, 2] : [3, 1];
  let x = convolution(scope, scope.pixels, { name: 'conv1', in: channels, out: width, kernel, stride });
  x = relu(scope, batchNorm(scope, x, { name: 'bn1', channels: width }));
  if (stem === 'imagenet') x = maxPool2d(scope, x, 3, { stride: 2, padding: 1 });
  let input = width;
  for (let group = 1; group <= 4; group++) {
    const output = width * 2 ** (group - 1);
    x = basicBlock(scope, x, `layer${group}.0`, input, output);
    x = basicBlock(scope, x, `layer${group}.1`, output, output);
    input = output;
  }
  x = globalAveragePool(scope, x);
  linear(scope, x, { name: 'fc', in: input, out: scope.classes });
  return endClassifier(scope);
}

function convolution(
  scope: LayerScope,
  x: string,
  options: { name: string; in: number; out: number; kernel: number; stride: number },
): string {
  const padding = (options.kernel - 1) / 2;
  return conv2d(scope, x, { ...options, padding, bias: false, start: 'he-fan-out' });
}

function basicBlock(scope: LayerScope, x: string, name: string, input: number, output: number): string {
  const stride = input === output ? 1 : 2;
  const normalized = (value: string, layer: string) =>
    batchNorm(scope, value, { name: `${name}.${layer}`, channels: output });
  let y = convolution(scope, x, { name: `${name}.conv1`, in: input, out: output, kernel: 3, stride });
  y = relu(scope, normalized(y, 'bn1'));
  y = convolution(scope, y, { name: `${name}.conv2`, in: output, out: output, kernel: 3, stride: 1 });
  y = normalized(y, 'bn2');
  let shortcut = x;
  if (input !== output) {
    const projection = { name: `${name}.downsample.0`, in: input, out: output, kernel: 1, stride };
    shortcut = normalized(convolution(scope, x, projection), 'downsample.1');
  }
  return relu(scope, scope.graph.add('Add', [y, shortcut]));
}

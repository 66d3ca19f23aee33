/** Wide residual networks (Zagoruyko & Komodakis 2016) for 32×32 images: WRN-depth-widen. */
import { OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';
import { beginClassifier, endClassifier, type NetworkOptions } from './classifier.ts';
import { batchNorm, conv2d, dropout, globalAveragePool, type LayerScope, linear, relu } from './layers.ts';

export interface WideResNetOptions extends NetworkOptions {
  /** 6n + 4 layers, n blocks in each of the three groups. Default 40. */
  depth?: number;
  /** How many times wider than a plain residual network. Default 2. */
  widen?: number;
  /** Dropout ratio inside the blocks. Default 0.3, the paper's for CIFAR. */
  dropRate?: number | undefined;
}

/**
 * Pre-activation residual blocks in three groups of 16, 32 and 64 × widen channels. Defaults: the paper's WRN-40-2.
 *
 * @returns a model from `pixels` [batch, channels, side, side], by default [batch, 3, 32, 32], to `logits` [batch, classes]
 * @throws OutlierExposureError `invalid-argument` when depth is not 6n + 4, or for impossible sizes
 */
export function wideResNet({
  depth = 40,
  widen = 2,
  dropRate = 0.3,
  side = 32,
  channels = 3,
  ...options
}: WideResNetOptions): Model {
  const blocks = (depth - 4) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A wide residual network's depth is 6n + 4 (10, 16, 28, 40, …), not ${depth}.`,
    );
  }
  if (!Number.isSafeInteger(widen) || widen < 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A wide residual network is a whole number of times wider than a plain one, not ${widen} times.`,
    );
  }
  const scope = beginClassifier(`wrn-${depth}-${widen}`, { ...options, side, channels });
  let x = conv2d(scope, scope.pixels, {
    name: 'conv1',
    in: channels,
    out: 16,
    kernel: 3,
    padding: 1,
    bias: false,
    start: 'he-fan-out',
  });
  let width = 16;
  for (const [group, base] of [16, 32, 64].entries()) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 && group > 0 ? 2 : 1;
      x = basicBlock(scope, x, `block${group + 1}.layer.${block}`, width, base * widen, stride, dropRate);
      width = base * widen;
    }
  }
  x = relu(scope, batchNorm(scope, x, { name: 'bn1', channels: width }));
  x = globalAveragePool(scope, x);
  linear(scope, x, { name: 'fc', in: width, out: scope.classes, biasStart: 'zero' });
  return endClassifier(scope);
}

function basicBlock(
  scope: LayerScope,
  x: string,
  name: string,
  input: number,
  output: number,
  stride: number,
  dropRate: number,
): string {
  const conv = (value: string, layer: string, from: number, kernel: number, step: number) =>
    conv2d(scope, value, {
      name: `${name}.${layer}`,
      in: from,
      out: output,
      kernel,
      stride: step,
      padding: kernel === 3 ? 1 : 0,
      bias: false,
      start: 'he-fan-out',
    });
  const activated = relu(scope, batchNorm(scope, x, { name: `${name}.bn1`, channels: input }));
  let y = conv(activated, 'conv1', input, 3, stride);
  y = relu(scope, batchNorm(scope, y, { name: `${name}.bn2`, channels: output }));
  if (dropRate > 0) y = dropout(scope, y, { name: `${name}.dropout`, ratio: dropRate });
  y = conv(y, 'conv2', output, 3, 1);
  // Where the width changes, the shortcut starts from the activated input and is projected.
  const shortcut = input === output ? x : conv(activated, 'convShortcut', input, 1, stride);
  return scope.graph.add('Add', [shortcut, y]);
}

/** The small convolutional network of the paper's MNIST experiments. */
import type { Model } from '../onnx/index.ts';
import { beginClassifier, endClassifier, type NetworkOptions } from './classifier.ts';
import { conv2d, dropout, linear, maxPool2d, quickGelu } from './layers.ts';

export interface ConvNetOptions extends NetworkOptions {
  /** The share of channels that training drops after the second convolution. Default 0.5, the paper's. */
  dropRate?: number | undefined;
}

/** Two convolutions of 5 and two poolings of 2 leave less than a pixel of smaller images. */
const LEAST_SIDE = 16;

/**
 * Two 5×5 convolutions (10 and 20 channels), each followed by 2×2 max pooling and GELU, then 50 hidden units;
 * whole channels of the second convolution are dropped while training. 21,840 parameters for MNIST.
 *
 * @returns a model from `pixels` [batch, channels, side, side] in [0, 1], by default [batch, 1, 28, 28], to `logits` [batch, classes]
 * @throws OutlierExposureError `invalid-argument` for impossible sizes
 */
export function convNet({ side = 28, channels = 1, dropRate = 0.5, ...options }: ConvNetOptions): Model {
  const scope = beginClassifier('convnet', { ...options, side, channels, leastSide: LEAST_SIDE });
  let x = scope.pixels;
  x = conv2d(scope, x, { name: 'conv1', in: channels, out: 10, kernel: 5 });
  x = quickGelu(scope, maxPool2d(scope, x, 2));
  x = conv2d(scope, x, { name: 'conv2', in: 10, out: 20, kernel: 5 });
  // The paper's network drops channels before pooling; a whole channel's factor may as well come after, on a
  // quarter of the values.
  x = maxPool2d(scope, x, 2);
  if (dropRate > 0) x = dropout(scope, x, { name: 'conv2_drop', ratio: dropRate, unit: 'channels' });
  x = quickGelu(scope, x);
  x = scope.graph.add('Flatten', [x], { axis: 1 });
  const left = Math.floor((Math.floor((side - 4) / 2) - 4) / 2);
  x = quickGelu(scope, linear(scope, x, { name: 'fc1', in: 20 * left * left, out: 50 }));
  linear(scope, x, { name: 'fc2', in: 50, out: scope.classes });
  return endClassifier(scope);
}

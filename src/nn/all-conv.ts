/** The All Convolutional Network (Springenberg et al. 2015) as the Outlier Exposure paper uses it, with GELU. */
import type { Model } from '../onnx/index.ts';
import { beginClassifier, endClassifier, type NetworkOptions } from './classifier.ts';
import { batchNorm, conv2d, dropout, linear, maxPool2d, quickGelu } from './layers.ts';

export interface AllConvOptions extends NetworkOptions {
  /** Dropout ratio after each pooling. Default 0.5, the paper's. */
  dropRate?: number | undefined;
  /** Channels of the first group, and of the two that follow. Default [96, 192]. */
  widths?: readonly [number, number];
}

/** After two poolings of 2, the third group's first convolution needs 3 pixels. */
const LEAST_SIDE = 12;

/**
 * Three groups of three convolutions, each followed by batch normalization and GELU: 96 channels, then 192 after
 * pooling, then 192 again, of which the last two look at single positions. Parameters are named as the authors' code
 * numbers its layers: `features.0.weight` … `features.29.running_var`, `classifier.weight`.
 *
 * As in the authors' code, the 1×1 convolutions are padded by a pixel, and the last pooling averages the first
 * side/4 × side/4 of the side/4 + 2 positions a side: trained weights are used to it.
 *
 * @returns a model from `pixels` [batch, channels, side, side], by default [batch, 3, 32, 32], to `logits` [batch, classes]
 * @throws OutlierExposureError `invalid-argument` for impossible sizes
 */
export function allConv({
  dropRate = 0.5,
  widths = [96, 192],
  side = 32,
  channels = 3,
  ...options
}: AllConvOptions): Model {
  const scope = beginClassifier('allconv', { ...options, side, channels, leastSide: LEAST_SIDE });
  const [narrow, wide] = widths;
  let [x, width, layer] = [scope.pixels, channels, 0];
  const convolve = (out: number, kernel: number, padding: number) => {
    x = conv2d(scope, x, {
      name: `features.${layer}`,
      in: width,
      out,
      kernel,
      padding,
      start: 'he-fan-out',
    });
    x = quickGelu(scope, batchNorm(scope, x, { name: `features.${layer + 1}`, channels: out }));
    width = out;
    layer += 3;
  };
  for (const out of [narrow, wide]) {
    for (let i = 0; i < 3; i++) convolve(out, 3, 1);
    x = maxPool2d(scope, x, 2);
    if (dropRate > 0) x = dropout(scope, x, { name: `features.${layer + 1}`, ratio: dropRate });
    layer += 2;
  }
  convolve(wide, 3, 0);
  convolve(wide, 1, 1);
  convolve(wide, 1, 1);
  const window = Math.floor(Math.floor(side / 2) / 2);
  x = scope.graph.add('AveragePool', [x], { kernel_shape: [window, window], strides: [window, window] });
  x = scope.graph.add('Flatten', [x], { axis: 1 });
  linear(scope, x, { name: 'classifier', in: wide, out: scope.classes, biasStart: 'zero' });
  return endClassifier(scope);
}

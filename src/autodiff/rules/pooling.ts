/** Gradients of pooling. */
import type { TensorData } from '../../onnx/index.ts';
import type { GradientRule, RuleContext } from '../rule.ts';

interface Window {
  kernel: readonly number[];
  strides: readonly number[];
  pads: readonly number[];
  dilations: readonly number[];
}

function windowOf(c: RuleContext): Window {
  const kernel = c.intList('kernel_shape')!;
  const ones = kernel.map(() => 1);
  if (c.string('auto_pad', 'NOTSET') !== 'NOTSET' && c.string('auto_pad', 'NOTSET') !== 'VALID') {
    throw c.unsupported('automatic padding of pooling windows is not worked out; give pads as numbers');
  }
  return {
    kernel,
    strides: c.intList('strides') ?? ones,
    pads: c.intList('pads') ?? [...ones, ...ones].map(() => 0),
    dilations: c.intList('dilations') ?? ones,
  };
}

export const poolingRules: Record<string, GradientRule> = {
  MaxPool: (c) => {
    const { kernel, strides, pads, dilations } = windowOf(c);
    const shape = c.shape(c.input(0));
    // The forward node knows where each maximum stood: ask it for its second output.
    const indices = (c.node.outputs[1] ||= c.graph.unique(`${c.output()}/indices`));
    const apart =
      kernel.every((size, i) => strides[i]! >= size && dilations[i] === 1) && pads.every((pad) => pad === 0);
    if (apart && kernel.length === 2 && c.elementType(c.output()) === 'float32') {
      return [c.add('MaxUnpool', [c.gradient, indices, c.ints(shape)], { kernel_shape: kernel, strides })];
    }
    // Windows overlap: an input may be the maximum of several. Indices count through the whole tensor.
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const flat = c.add(
      'ScatterElements',
      [c.zeros([size]), c.reshape(indices, [-1]), c.reshape(c.gradient, [-1])],
      {
        axis: 0,
        reduction: 'add',
      },
    );
    return [c.reshape(flat, shape)];
  },
  AveragePool: (c) => {
    const window = windowOf(c);
    const shape = c.shape(c.input(0));
    const share = c.add('Div', [c.gradient, c.graph.constant(windowSizes(c, window), 'window-sizes')]);
    return [spread(c, share, window, shape)];
  },
  GlobalAveragePool: (c) => {
    const shape = c.shape(c.input(0));
    const positions = shape.slice(2).reduce((product, size) => product * size, 1);
    return [c.expand(c.add('Div', [c.gradient, c.scalar(positions)]), shape)];
  },
};

/** Adds each output's gradient to every input in its window: a transposed convolution with ones, a channel apart. */
function spread(
  c: RuleContext,
  gradient: string,
  { kernel, strides, pads, dilations }: Window,
  shape: readonly number[],
): string {
  const channels = shape[1]!;
  const outputSize = c.shape(c.output()).slice(2);
  const ones = c.expand(c.scalar(1), [channels, 1, ...kernel]);
  const outputPadding = kernel.map(
    (size, i) =>
      shape[i + 2]! -
      ((outputSize[i]! - 1) * strides[i]! +
        dilations[i]! * (size - 1) +
        1 -
        pads[i]! -
        pads[i + kernel.length]!),
  );
  if (outputPadding.some((padding) => padding < 0)) {
    throw c.unsupported('its last window reaches beyond the padded input (ceil_mode); pad the input instead');
  }
  return c.add('ConvTranspose', [gradient, ones], {
    kernel_shape: kernel,
    strides,
    pads,
    dilations,
    group: channels,
    output_padding: outputPadding,
  });
}

/** How many inputs each output of an average pool is the mean of; [1, 1, …output size]. */
function windowSizes(c: RuleContext, { kernel, strides, pads, dilations }: Window): TensorData {
  const inputSize = c.shape(c.input(0)).slice(2);
  const outputSize = c.shape(c.output()).slice(2);
  const includePads = c.int('count_include_pad', 0) === 1;
  const perAxis = kernel.map((size, axis) =>
    Array.from({ length: outputSize[axis]! }, (_, out) => {
      if (includePads) return size;
      let inside = 0;
      for (let tap = 0; tap < size; tap++) {
        const position = out * strides[axis]! - pads[axis]! + tap * dilations[axis]!;
        if (position >= 0 && position < inputSize[axis]!) inside++;
      }
      return inside;
    }),
  );
  const counts = perAxis.reduce<number[]>(
    (product, sizes) => product.flatMap((a) => sizes.map((b) => a * b)),
    [1],
  );
  const elementType = c.elementType(c.output());
  const data = elementType === 'float64' ? Float64Array.from(counts) : Float32Array.from(counts);
  return { elementType, shape: [1, 1, ...outputSize], data };
}

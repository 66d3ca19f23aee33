/** Gradients of pooling. */
import type { TensorData } from '../../onnx/index.ts';
import type { GradientRule, RuleContext } from '../rule.ts';
import { outputPadding, type Windows, windowsOf } from './window.ts';

export const poolingRules: Record<string, GradientRule> = {
  MaxPool: (c) => {
    if (c.int('storage_order', 0) !== 0) {
      throw c.unsupported('its indices count by columns; only storage_order 0 has a rule');
    }
    const windows = windowsOf(c, c.intList('kernel_shape')!);
    const { kernel, strides, pads, dilations } = windows;
    const shape = c.shape(c.input(0));
    if (c.abilities.device === 'gpu') return [comparedGradient(c, windows)];
    // The forward node knows where each maximum stood: ask it for its second output.
    const indices = (c.node.outputs[1] ||= c.graph.unique(`${c.output()}/indices`));
    const apart =
      kernel.every((size, i) => strides[i]! >= size && dilations[i] === 1) &&
      pads.every((pad) => pad === 0) &&
      outputPadding(windows).every((size) => size >= 0);
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
    const windows = windowsOf(c, c.intList('kernel_shape')!);
    const automatic = c.string('auto_pad', 'NOTSET').startsWith('SAME');
    if (automatic && windows.strides.some((stride, i) => stride > windows.kernel[i]!)) {
      // ONNX Runtime pads by a negative number there, and shifts the windows.
      throw c.unsupported('its windows leave gaps, which auto_pad does not fit; give pads as numbers');
    }
    const share = c.add('Div', [c.gradient, c.graph.constant(windowSizes(c, windows), 'window-sizes')]);
    return [spread(c, share, windows)];
  },
  GlobalAveragePool: (c) => {
    const shape = c.shape(c.input(0));
    const positions = shape.slice(2).reduce((product, size) => product * size, 1);
    return [c.expand(c.add('Div', [c.gradient, c.scalar(positions)]), shape)];
  },
  GlobalMaxPool: (c) => {
    // Positions that tie for the maximum share its gradient.
    const axes = c.ints(
      c
        .shape(c.input(0))
        .slice(2)
        .map((_, i) => i + 2),
    );
    const mask = c.add('CastLike', [c.add('Equal', [c.input(0), c.output()]), c.input(0)]);
    const ties = c.add('ReduceSum', [mask, axes], { keepdims: 1 });
    return [c.add('Mul', [mask, c.add('Div', [c.gradient, ties])])];
  },
};

/** Without indices: the inputs of a window that equal its maximum share its gradient. Windows tile the input. */
function comparedGradient(c: RuleContext, { kernel, strides, inputSize, outputSize }: Windows): string {
  if (inputSize.some((size, i) => strides[i] !== kernel[i] || size !== outputSize[i]! * kernel[i]!)) {
    throw c.unsupported(
      'its windows overlap or leave gaps, and this device has no max pooling that says where the maxima stand; ' +
        "train on another one (device: 'wasm' in a browser)",
    );
  }
  const [batch, channels] = c.shape(c.input(0)) as [number, number];
  const windows = [batch, channels, ...outputSize.flatMap((size, i) => [size, kernel[i]!])];
  const single = [batch, channels, ...outputSize.flatMap((size) => [size, 1])];
  const inside = c.ints(kernel.map((_, i) => 3 + 2 * i));
  const equal = c.add('Equal', [c.reshape(c.input(0), windows), c.reshape(c.output(), single)]);
  const mask = c.add('CastLike', [equal, c.output()]);
  const ties = c.add('ReduceSum', [mask, inside], { keepdims: 1 });
  const share = c.add('Div', [c.reshape(c.gradient, single), ties]);
  return c.reshape(c.add('Mul', [mask, share]), c.shape(c.input(0)));
}

/** Adds each output's gradient to every input in its window: a transposed convolution with ones, a channel apart. */
function spread(c: RuleContext, gradient: string, windows: Windows): string {
  const { kernel, strides, dilations, pads } = windows;
  const channels = c.shape(c.input(0))[1]!;
  const ones = c.expand(c.scalar(1), [channels, 1, ...kernel]);
  // With ceil_mode the last window may reach beyond the padded input: what falls there is cut off like padding.
  const padding = outputPadding(windows);
  const cut = pads.map((pad, i) => pad + (i < kernel.length ? 0 : Math.max(0, -padding[i - kernel.length]!)));
  return c.add('ConvTranspose', [gradient, ones], {
    kernel_shape: kernel,
    strides,
    pads: cut,
    dilations,
    group: channels,
    output_padding: padding.map((size) => Math.max(0, size)),
  });
}

/** How many inputs each output of an average pool is the mean of; [1, 1, …output size]. */
function windowSizes(c: RuleContext, windows: Windows): TensorData {
  const { kernel, strides, pads, dilations, inputSize, outputSize } = windows;
  const includePads = c.int('count_include_pad', 0) === 1;
  const perAxis = kernel.map((size, axis) =>
    Array.from({ length: outputSize[axis]! }, (_, out) => {
      const [from, to] = includePads
        ? [-pads[axis]!, inputSize[axis]! + pads[axis + kernel.length]!]
        : [0, inputSize[axis]!];
      let inside = 0;
      for (let tap = 0; tap < size; tap++) {
        const position = out * strides[axis]! - pads[axis]! + tap * dilations[axis]!;
        if (position >= from && position < to) inside++;
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

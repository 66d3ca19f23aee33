/**
 * Gradients of convolutions.
 *
 * With respect to the input: a convolution of the output's gradient with the flipped kernel (stride 1), a
 * transposed convolution, or, for small images, one matrix product whose columns are added up where they came from.
 * With respect to the kernel: the input's patches, laid out as columns by a convolution with a one-hot kernel,
 * times the output's gradient; or, for small images with few channels, the input convolved with that gradient. On the
 * CPU these run at the speed of matrix products.
 */
import type { TensorData } from '../../onnx/index.ts';
import {
  blockedConvolution,
  blockedFlippedKernel,
  blockedKernelGradient,
  fitsBlocks,
  type KernelShape,
  type Place,
  toBlocked,
} from '../blocked.ts';
import type { GradientRule, RuleContext } from '../rule.ts';
import { outputPadding, type Windows, windowsOf } from './window.ts';

interface Geometry extends Windows {
  batch: number;
  inputChannels: number;
  outputChannels: number;
  group: number;
}

export const convolutionRules: Record<string, GradientRule> = {
  Conv: (c) => {
    const geometry = convGeometry(c);
    // Both gradients look at it in this form.
    let blocked: string | undefined;
    const blockedGradient = () => (blocked ??= toBlocked(placeOf(c), c.gradient));
    return [
      c.needs(0) ? inputGradient(c, geometry, blockedGradient) : undefined,
      c.needs(1) ? kernelGradient(c, geometry, blockedGradient) : undefined,
      c.needs(2) ? biasGradient(c, geometry) : undefined,
    ];
  },
};

function placeOf(c: RuleContext): Place {
  return { graph: c.graph, name: `grad/${c.node.name}` };
}

/** Whether ONNX Runtime's blocked layout can hold so many channels of this convolution's images. */
function blocks(c: RuleContext, { kernel, group }: Geometry, ...channels: readonly number[]): boolean {
  const plain = kernel.length === 2 && group === 1 && c.elementType(c.output()) === 'float32';
  return plain && fitsBlocks(c.abilities.block, ...channels);
}

function convGeometry(c: RuleContext): Geometry {
  const [batch, inputChannels] = c.shape(c.input(0)) as [number, number];
  const [outputChannels, , ...kernel] = c.shape(c.input(1)) as [number, number, ...number[]];
  return { batch, inputChannels, outputChannels, group: c.int('group', 1), ...windowsOf(c, kernel) };
}

/** Below this many output positions, one product and a scatter beat a convolution that is mostly padding. */
const FEW_POSITIONS = 64;

function inputGradient(c: RuleContext, geometry: Geometry, blockedGradient: () => string): string {
  const window = flippedWindow(geometry);
  const { inputChannels, outputChannels, kernel, dilations } = geometry;
  if (window && blocks(c, geometry, inputChannels, outputChannels)) {
    const place = placeOf(c);
    const shape = c.shape(c.input(1)) as unknown as KernelShape;
    const flipped = blockedFlippedKernel(place, c.input(1), shape, c.abilities.block);
    const attributes = { kernel_shape: kernel, dilations, pads: window };
    return blockedConvolution(place, [blockedGradient(), flipped], inputChannels, attributes);
  }
  const positions = geometry.outputSize.reduce((product, size) => product * size, 1);
  // ONNX Runtime's Col2Im counts dilated windows wrongly in any but two dimensions.
  const countable = geometry.kernel.length === 2 || geometry.dilations.every((dilation) => dilation === 1);
  const scatters = geometry.group === 1 && positions <= FEW_POSITIONS && countable;
  if (scatters && c.elementType(c.output()) === 'float32') {
    return scatteredProduct(c, geometry, positions);
  }
  return convolvedGradient(c, geometry);
}

/** Each output position's share for every tap of its window, [N, C·taps, positions], added up where it belongs. */
function scatteredProduct(c: RuleContext, geometry: Geometry, positions: number): string {
  const { batch, inputChannels, outputChannels, kernel, strides, dilations, pads, inputSize } = geometry;
  const taps = kernel.reduce((product, size) => product * size, 1);
  const weights = c.reshape(c.input(1), [outputChannels, inputChannels * taps]);
  const gradient = c.reshape(c.gradient, [batch, outputChannels, positions]);
  const shares = c.add('MatMul', [c.add('Transpose', [weights], { perm: [1, 0] }), gradient]);
  return c.add('Col2Im', [shares, c.ints(inputSize), c.ints(kernel)], { strides, dilations, pads });
}

function convolvedGradient(c: RuleContext, geometry: Geometry): string {
  const { kernel, strides, dilations, pads, group } = geometry;
  const window = flippedWindow(geometry);
  if (window) {
    return c.add('Conv', [c.gradient, flippedKernel(c, geometry)], {
      kernel_shape: kernel,
      dilations,
      group,
      pads: window,
    });
  }
  return c.add('ConvTranspose', [c.gradient, c.input(1)], {
    kernel_shape: kernel,
    strides,
    dilations,
    group,
    pads,
    output_padding: outputPadding(geometry),
  });
}

/** The pads with which the flipped kernel moves over the output's gradient; undefined where it does not move by 1. */
function flippedWindow({ kernel, strides, dilations, pads, inputSize, outputSize }: Geometry) {
  const reach = kernel.map((size, i) => dilations[i]! * (size - 1));
  const begins = reach.map((r, i) => r - pads[i]!);
  // What the forward pass never looked at, at the far end, still gets its (zero) gradient.
  const ends = inputSize.map((size, i) => size - 1 - (outputSize[i]! - 1) * strides[i]! + pads[i]!);
  const window = [...begins, ...ends];
  const plain = strides.every((stride) => stride === 1) && window.every((pad) => pad >= 0);
  return plain ? window : undefined;
}

/** [K, C/group, …] → [C, K/group, …], each kernel turned end to end. */
function flippedKernel(c: RuleContext, { kernel, group, inputChannels, outputChannels }: Geometry): string {
  const axes = kernel.map((_, i) => i + 2);
  const pointwise = kernel.every((size) => size === 1);
  const flipped = pointwise
    ? c.input(1)
    : c.add('Slice', [
        c.input(1),
        c.ints(axes.map(() => -1)),
        // One before the first element, counted from the end, is out of reach for every kernel.
        c.ints(axes.map(() => -(2 ** 31))),
        c.ints(axes),
        c.ints(axes.map(() => -1)),
      ]);
  if (group === 1) return c.add('Transpose', [flipped], { perm: [1, 0, ...axes] });
  const [perGroupIn, perGroupOut] = [inputChannels / group, outputChannels / group];
  const split = c.reshape(flipped, [group, perGroupOut, perGroupIn, ...kernel]);
  const swapped = c.add('Transpose', [split], { perm: [0, 2, 1, ...axes.map((axis) => axis + 1)] });
  return c.reshape(swapped, [inputChannels, perGroupOut, ...kernel]);
}

/** Up to this many input channels, small images are correlated directly with the gradient. */
const FEW_CHANNELS = 16;

function kernelGradient(c: RuleContext, geometry: Geometry, blockedGradient: () => string): string {
  const { batch, group, inputChannels, outputChannels, outputSize, kernel, strides } = geometry;
  const pointwise = kernel.every((size) => size === 1);
  if (!pointwise && blocks(c, geometry, batch, outputChannels)) {
    return blockedKernelGradient(placeOf(c), {
      ...geometry,
      x: c.input(0),
      inputShape: c.shape(c.input(0)),
      gradient: blockedGradient(),
      kernel: c.shape(c.input(1)) as unknown as KernelShape,
      block: c.abilities.block,
    });
  }
  const positions = outputSize.reduce((product, size) => product * size, 1);
  const small =
    c.abilities.device === 'cpu' &&
    group === 1 &&
    inputChannels <= FEW_CHANNELS &&
    positions <= FEW_POSITIONS;
  return small && strides.every((stride) => stride === 1)
    ? correlation(c, geometry)
    : patchProduct(c, geometry);
}

/** The input convolved with the gradient as if it were a kernel, examples and channels having changed places. */
function correlation(c: RuleContext, { outputSize, dilations, pads, kernel }: Geometry): string {
  const perm = [1, 0, ...kernel.map((_, i) => i + 2)];
  const input = c.add('Transpose', [c.input(0)], { perm });
  const gradient = c.add('Transpose', [c.gradient], { perm });
  const swapped = c.add('Conv', [input, gradient], { kernel_shape: outputSize, strides: dilations, pads });
  return c.add('Transpose', [swapped], { perm });
}

function patchProduct(c: RuleContext, geometry: Geometry): string {
  const { batch, inputChannels, outputChannels, group, outputSize, kernel, strides, pads } = geometry;
  const taps = kernel.reduce((product, size) => product * size, 1);
  const positions = outputSize.reduce((product, size) => product * size, 1);
  const trivial = taps === 1 && strides.every((stride) => stride === 1) && pads.every((pad) => pad === 0);
  const columns = trivial ? c.input(0) : patches(c, geometry);
  // [N, group, C/group · taps, positions] against [N, group, K/group, positions].
  const [perGroupIn, perGroupOut] = [inputChannels / group, outputChannels / group];
  const lead = group === 1 ? [batch] : [batch, group];
  const inputs = c.reshape(columns, [...lead, perGroupIn * taps, positions]);
  const gradient = c.reshape(c.gradient, [...lead, perGroupOut, positions]);
  const perm = group === 1 ? [0, 2, 1] : [0, 1, 3, 2];
  const products = c.add('MatMul', [gradient, c.add('Transpose', [inputs], { perm })]);
  const summed = c.add('ReduceSum', [products, c.ints([0])], { keepdims: 0 });
  return c.reshape(summed, [outputChannels, perGroupIn, ...kernel]);
}

/** Every window of the input, tap by tap: [N, C · taps, …output size]. */
function patches(c: RuleContext, geometry: Geometry): string {
  const { inputChannels, kernel, strides, dilations, pads } = geometry;
  // The GPU's convolutions (ONNX Runtime 1.30) now and then get grouped ones wrong.
  if (c.abilities.device === 'gpu') return slicedPatches(c, geometry);
  const oneHot = c.graph.constant(oneHotKernel(c, inputChannels, kernel), 'one-hot');
  return c.add('Conv', [c.input(0), oneHot], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads,
    group: inputChannels,
  });
}

/** The same, a slice of the padded input for each tap. */
function slicedPatches(c: RuleContext, geometry: Geometry): string {
  const { batch, inputChannels, kernel, strides, dilations, pads, outputSize } = geometry;
  const dims = kernel.length;
  const padded = c.add('Pad', [
    c.input(0),
    c.ints([0, 0, ...pads.slice(0, dims), 0, 0, ...pads.slice(dims)]),
  ]);
  const [axes, steps] = [c.ints(kernel.map((_, i) => i + 2)), c.ints(strides)];
  const taps = kernel.reduce<number[][]>(
    (each, size) => each.flatMap((tap) => Array.from({ length: size }, (_, i) => [...tap, i])),
    [[]],
  );
  const slices = taps.map((tap) => {
    const starts = tap.map((at, i) => at * dilations[i]!);
    const ends = starts.map((start, i) => start + (outputSize[i]! - 1) * strides[i]! + 1);
    const slice = c.add('Slice', [padded, c.ints(starts), c.ints(ends), axes, steps]);
    return c.reshape(slice, [batch, inputChannels, 1, -1]);
  });
  return c.add('Concat', slices, { axis: 2 });
}

/** A kernel that copies each tap of each channel's window into an output channel of its own. */
function oneHotKernel(c: RuleContext, channels: number, kernel: readonly number[]): TensorData {
  const taps = kernel.reduce((product, size) => product * size, 1);
  const elementType = c.elementType(c.input(0));
  const data =
    elementType === 'float64'
      ? new Float64Array(channels * taps * taps)
      : new Float32Array(channels * taps * taps);
  for (let channel = 0; channel < channels; channel++) {
    for (let tap = 0; tap < taps; tap++) data[(channel * taps + tap) * taps + tap] = 1;
  }
  return { elementType, shape: [channels * taps, 1, ...kernel], data };
}

function biasGradient(c: RuleContext, { kernel }: Geometry): string {
  return c.add('ReduceSum', [c.gradient, c.ints([0, ...kernel.map((_, i) => i + 2)])], { keepdims: 0 });
}

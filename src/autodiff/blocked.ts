/**
 * Convolutions of two-dimensional images in ONNX Runtime's blocked layout: channels in blocks as wide as the
 * processor's vectors, a block's channels innermost, [N, C/b, H, W, b]. Its kernels (domain `com.microsoft.nchwc`) run
 * near the processor's peak where those of the plain layout reach half of it. Blocked values keep the shape
 * [N, C, H, W] in ONNX Runtime's eyes; only their order in memory differs.
 */
import type { Attribute, Graph } from '../onnx/index.ts';

export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** Where nodes go: a graph, and what the nodes are called. */
export interface Place {
  graph: Graph;
  name: string;
}

/** The shape of a kernel, [K, C, height, width]. */
export type KernelShape = readonly [outputs: number, inputs: number, height: number, width: number];

/** Whether a convolution between so many channels has a blocked form; with blocks of 1 none has. */
export function fitsBlocks(block: number, ...channels: readonly number[]): boolean {
  return block > 1 && channels.every((count) => count % block === 0);
}

export function toBlocked(place: Place, x: string): string {
  return blockedOp(place, 'ReorderInput', [x]);
}

/** A convolution of a blocked image with a blocked kernel, back in plain layout. */
export function blockedConvolution(
  place: Place,
  inputs: readonly (string | undefined)[],
  channels: number,
  attributes: Record<string, Attribute>,
): string {
  const blocked = blockedOp(place, 'Conv', inputs, attributes);
  return blockedOp(place, 'ReorderOutput', [blocked], { channels });
}

/** A kernel [K, C, h, w] as [K/b, C/b, h, w, b of C, b of K]. */
export function blockedKernel(
  place: Place,
  kernel: string,
  [outputs, inputs, height, width]: KernelShape,
  block: number,
): string {
  const [rows, columns, taps] = [outputs / block, inputs / block, height * width];
  // Two moves of one axis each: ONNX Runtime has fast paths for those.
  const split = reshape(place, kernel, [rows, block, columns, block * taps]);
  const outputsInside = transpose(place, split, [0, 2, 3, 1]);
  const perBlock = reshape(place, outputsInside, [rows * columns, block, taps, block]);
  return reshape(place, transpose(place, perBlock, [0, 2, 1, 3]), [outputs, inputs, height, width]);
}

/** A kernel [K, C, h, w] turned end to end and with its channels swapped, [C/b, K/b, h, w, b of K, b of C]. */
export function blockedFlippedKernel(
  place: Place,
  kernel: string,
  [outputs, inputs, height, width]: KernelShape,
  block: number,
): string {
  const taps = height * width;
  const split = reshape(place, kernel, [outputs / block, block, inputs / block, block, taps]);
  const swapped = reshape(place, transpose(place, split, [2, 0, 4, 1, 3]), [-1, taps, block * block]);
  // Both axes turned are one axis of all taps turned. −2³¹ is before the first, counted from the end.
  const [last, beforeFirst, axis] = [-1, -(2 ** 31), 1].map((value) => place.graph.ints([value]));
  const flipped = taps === 1 ? swapped : add(place, 'Slice', [swapped, last!, beforeFirst!, axis!, last!]);
  return reshape(place, flipped, [inputs, outputs, height, width]);
}

export interface KernelGradientOptions {
  /** The convolution's input, plain, [N, C, H, W]. */
  x: string;
  inputShape: readonly number[];
  /** The gradient of its output, blocked, [N, K, h, w]. */
  gradient: string;
  outputSize: readonly number[];
  kernel: KernelShape;
  strides: readonly number[];
  dilations: readonly number[];
  /** Begins, then ends. */
  pads: readonly number[];
  block: number;
}

/** A gradient that serves as a kernel is read again for every row of the result: this much of it stays in the cache. */
const KERNEL_BYTES = 2 ** 24;

/**
 * The gradient of a kernel: the input convolved with the output's gradient as if that were the kernel, where
 * examples and channels have changed places. N and K are multiples of the block.
 *
 * @returns [K, C, height, width]
 */
export function blockedKernelGradient(place: Place, options: KernelGradientOptions): string {
  const { inputShape, outputSize, kernel, block } = options;
  const batch = inputShape[0]!;
  const bytes = 4 * kernel[0] * outputSize[0]! * outputSize[1]! * block;
  const chunk = block * Math.max(1, Math.floor(KERNEL_BYTES / bytes));
  const sizes: number[] = [];
  for (let start = 0; start < batch; start += chunk) sizes.push(Math.min(chunk, batch - start));
  const parts = (value: string) =>
    sizes.length === 1
      ? [value]
      : place.graph.addMany(
          'Split',
          [value, place.graph.ints(sizes)],
          sizes.length,
          { axis: 0 },
          { name: `${place.name}/Split` },
        );
  const [images, gradients] = [parts(options.x), parts(options.gradient)];
  const sums = sizes.map((size, i) => chunkGradient(place, options, images[i]!, gradients[i]!, size));
  const total = sums.length === 1 ? sums[0]! : add(place, 'Sum', sums);
  const plain = blockedOp(place, 'ReorderOutput', [total], { channels: kernel[0] });
  return transpose(place, plain, [1, 0, 2, 3]);
}

/** The part of some examples, blocked, [C, K, height, width]. */
function chunkGradient(
  place: Place,
  { inputShape, outputSize, kernel, strides, dilations, pads, block }: KernelGradientOptions,
  x: string,
  gradient: string,
  batch: number,
): string {
  const [, channels, height, width] = inputShape as KernelShape;
  const [outputs, , ...window] = kernel;
  // Padded by hand: the blocked kernels are slow where windows leave the image, and here all would.
  const ends = window.map((size, i) => {
    const reach = (outputSize[i]! - 1) * strides[i]! + (size - 1) * dilations[i]! + 1;
    return reach - inputShape[i + 2]! - pads[i]!;
  });
  const padded = [height + pads[0]! + ends[0]!, width + pads[1]! + ends[1]!];
  const examplesInside = toBlocked(place, transpose(place, x, [1, 0, 2, 3]));
  const rows = reshape(place, examplesInside, [(channels * batch) / block, height, width * block]);
  const margins = [0, pads[0]!, pads[1]! * block, 0, ends[0]!, ends[1]! * block];
  const wide = margins.every((margin) => margin === 0)
    ? rows
    : add(place, 'Pad', [rows, place.graph.ints(margins)]);
  const image = reshape(place, wide, [channels, batch, ...padded]);

  const positions = outputSize[0]! * outputSize[1]!;
  const split = reshape(place, gradient, [batch / block, block, outputs / block, positions, block]);
  const asKernel = reshape(place, transpose(place, split, [2, 0, 3, 1, 4]), [outputs, batch, ...outputSize]);
  return blockedOp(place, 'Conv', [image, asKernel], {
    kernel_shape: outputSize,
    strides: dilations,
    dilations: strides,
    pads: [0, 0, 0, 0],
  });
}

function add(
  { graph, name }: Place,
  op: string,
  inputs: readonly (string | undefined)[],
  attributes: Record<string, Attribute> = {},
): string {
  return graph.add(op, inputs, attributes, { name: `${name}/${op}` });
}

function blockedOp(
  { graph, name }: Place,
  op: string,
  inputs: readonly (string | undefined)[],
  attributes: Record<string, Attribute> = {},
): string {
  return graph.add(op, inputs, attributes, { name: `${name}/blocked/${op}`, domain: BLOCKED_DOMAIN });
}

function reshape(place: Place, value: string, shape: readonly number[]): string {
  return add(place, 'Reshape', [value, place.graph.ints(shape)]);
}

function transpose(place: Place, value: string, perm: readonly number[]): string {
  return add(place, 'Transpose', [value], { perm });
}

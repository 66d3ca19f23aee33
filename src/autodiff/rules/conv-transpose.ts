/**
 * Gradients of transposed convolutions. A transposed convolution is what a convolution does to gradients of its input;
 * so its own gradients are that convolution (with respect to the input) and that convolution's gradient, in which the
 * input and the output's gradient have changed places (with respect to the kernel).
 */
import type { TensorType } from '../../onnx/index.ts';
import { type GradientRule, RuleContext } from '../rule.ts';
import { convolutionRules } from './convolution.ts';

/** The convolution that leads back, and the part of the output that it looks at. */
interface Backward {
  /** The output's gradient, without what no input reached. */
  gradient: string;
  gradientShape: readonly number[];
  attributes: Record<string, number | readonly number[]>;
}

export const convTransposeRules: Record<string, GradientRule> = {
  ConvTranspose: (c) => {
    const back = c.needs(0) || c.needs(1) ? backward(c) : undefined;
    return [
      c.needs(0) ? c.add('Conv', [back!.gradient, c.input(1)], back!.attributes) : undefined,
      c.needs(1) ? kernelGradient(c, back!) : undefined,
      c.needs(2) ? c.add('ReduceSum', [c.gradient, c.ints(allButChannels(c))], { keepdims: 0 }) : undefined,
    ];
  },
};

function allButChannels(c: RuleContext): number[] {
  return c.shape(c.output()).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

function backward(c: RuleContext): Backward {
  const kernel = c.shape(c.input(1)).slice(2);
  const [inputSize, outputShape] = [c.shape(c.input(0)).slice(2), c.shape(c.output())];
  const outputSize = outputShape.slice(2);
  const ones = kernel.map(() => 1);
  const strides = c.intList('strides') ?? ones;
  const dilations = c.intList('dilations') ?? ones;
  /** How many values the inputs reach, before any are cut off. */
  const whole = inputSize.map((size, i) => (size - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1);
  const begins = begin(c, whole);
  const reached = whole.map((size, i) => size - begins[i]!);
  const ends = reached.map((size, i) => Math.max(0, size - outputSize[i]!));
  const seen = reached.map((size, i) => Math.min(size, outputSize[i]!));
  const attributes = {
    kernel_shape: kernel,
    strides,
    dilations,
    group: c.int('group', 1),
    pads: [...begins, ...ends],
  };
  if (seen.every((size, i) => size === outputSize[i]))
    return { gradient: c.gradient, gradientShape: outputShape, attributes };
  // Padding of the output lies behind everything that inputs reach.
  const axes = seen.map((_, i) => i + 2);
  const gradient = c.add('Slice', [c.gradient, c.ints(axes.map(() => 0)), c.ints(seen), c.ints(axes)]);
  return { gradient, gradientShape: [...outputShape.slice(0, 2), ...seen], attributes };
}

/** How many values are cut off in front: as the pads say, or as ONNX spreads what is too much for the output's size. */
function begin(c: RuleContext, whole: readonly number[]): readonly number[] {
  const automatic = c.string('auto_pad', 'NOTSET');
  const sized = c.intList('output_shape') !== undefined;
  if (!sized && automatic === 'VALID') return whole.map(() => 0);
  if (!sized && automatic === 'NOTSET')
    return (c.intList('pads') ?? whole.map(() => 0)).slice(0, whole.length);
  const [outputSize, extra] = [c.shape(c.output()).slice(2), c.intList('output_padding')];
  return whole.map((size, i) => {
    const total = Math.max(0, size + (extra?.[i] ?? 0) - outputSize[i]!);
    return automatic === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2);
  });
}

/** By the rule of the convolution from the output's gradient to the input. */
function kernelGradient(c: RuleContext, { gradient, gradientShape, attributes }: Backward): string {
  const [x, kernel] = [c.input(0), c.input(1)];
  if (fromPoints(c, attributes)) {
    // Every window is the whole output: one product over the batch.
    const [batch, inputs] = c.shape(x) as [number, number];
    const points = c.add('Transpose', [c.reshape(x, [batch, inputs])], { perm: [1, 0] });
    return c.reshape(c.add('MatMul', [points, c.reshape(gradient, [batch, -1])]), c.shape(kernel));
  }
  const elementType = c.elementType(x);
  const typed = (shape: readonly number[]): TensorType => ({ elementType, shape });
  const types = new Map([
    [gradient, typed(gradientShape)],
    [kernel, typed(c.shape(kernel))],
    [x, typed(c.shape(x))],
  ]);
  const node = { ...c.node, op: 'Conv', inputs: [gradient, kernel], outputs: [x], attributes };
  const convolution = new RuleContext(node, c.graph, [x], types, new Set([kernel]), c.abilities);
  return convolutionRules.Conv!(convolution)[1]!;
}

function fromPoints(c: RuleContext, { group, pads }: Backward['attributes']): boolean {
  const [image, window, output] = [c.input(0), c.input(1), c.output()].map((name) => c.shape(name).slice(2));
  const uncut = (pads as readonly number[]).every((pad) => pad === 0);
  return group === 1 && uncut && image!.every((side) => side === 1) && String(window) === String(output);
}

/**
 * Layers that emit ONNX nodes. Each names its parameters as PyTorch does (`conv1.weight`, `bn1.running_mean`), and
 * starts them as PyTorch does, so that weights and results can be compared one to one.
 */
import { float, float32, type Graph } from '../onnx/index.ts';
import type { Random } from '../random.ts';

/** Where layers are added: a graph, and the generator that the parameters start from. */
export interface LayerScope {
  graph: Graph;
  random: Random;
}

/** U(−bound, bound), `shape` many. */
export function uniform(random: Random, shape: readonly number[], bound: number) {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return float32(
    Float32Array.from({ length: size }, () => (2 * random.uniform() - 1) * bound),
    shape,
  );
}

/** N(0, deviation²), `shape` many. */
export function normal(random: Random, shape: readonly number[], deviation: number) {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return float32(
    Float32Array.from({ length: size }, () => random.normal() * deviation),
    shape,
  );
}

/** How a kernel starts: PyTorch's default U(±1/√fan_in), or He's N(0, 2/fan_in) or N(0, 2/fan_out). */
export type KernelStart = 'pytorch' | 'he-fan-in' | 'he-fan-out';

export interface Conv2dOptions {
  name: string;
  in: number;
  out: number;
  kernel: number;
  stride?: number;
  padding?: number;
  bias?: boolean;
  start?: KernelStart;
}

/** 2-D convolution, [N, in, H, W] → [N, out, H', W']. */
export function conv2d({ graph, random }: LayerScope, x: string, options: Conv2dOptions): string {
  const { name, in: inputs, out, kernel, stride = 1, padding = 0, bias = true, start = 'pytorch' } = options;
  const shape = [out, inputs, kernel, kernel];
  const bound = 1 / Math.sqrt(inputs * kernel * kernel);
  const fan = (start === 'he-fan-in' ? inputs : out) * kernel * kernel;
  const weight = graph.addInitializer(
    `${name}.weight`,
    start === 'pytorch' ? uniform(random, shape, bound) : normal(random, shape, Math.sqrt(2 / fan)),
  );
  const parameters = bias
    ? [weight, graph.addInitializer(`${name}.bias`, uniform(random, [out], bound))]
    : [weight];
  return graph.add(
    'Conv',
    [x, ...parameters],
    { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [padding, padding, padding, padding] },
    { name },
  );
}

export interface LinearOptions {
  name: string;
  in: number;
  out: number;
  start?: Exclude<KernelStart, 'he-fan-out'>;
  /** How the bias starts: U(±1/√in), as PyTorch's, or at zero. */
  biasStart?: 'pytorch' | 'zero';
}

/** Fully connected layer, [N, in] → [N, out]. */
export function linear({ graph, random }: LayerScope, x: string, options: LinearOptions): string {
  const { name, in: inputs, out, start = 'pytorch', biasStart = 'pytorch' } = options;
  const bound = 1 / Math.sqrt(inputs);
  const weight = graph.addInitializer(
    `${name}.weight`,
    start === 'pytorch'
      ? uniform(random, [out, inputs], bound)
      : normal(random, [out, inputs], Math.sqrt(2 / inputs)),
  );
  const bias = graph.addInitializer(
    `${name}.bias`,
    biasStart === 'zero' ? float32(new Float32Array(out), [out]) : uniform(random, [out], bound),
  );
  return graph.add('Gemm', [x, weight, bias], { transB: 1 }, { name });
}

/** Batch normalization over channels, with PyTorch's ε = 1e-5 and its running-average rate of 0.1. */
export function batchNorm(
  { graph }: LayerScope,
  x: string,
  { name, channels }: { name: string; channels: number },
): string {
  const vector = (value: number) => float32(new Float32Array(channels).fill(value), [channels]);
  const parameters = [
    graph.addInitializer(`${name}.weight`, vector(1)),
    graph.addInitializer(`${name}.bias`, vector(0)),
    graph.addInitializer(`${name}.running_mean`, vector(0)),
    graph.addInitializer(`${name}.running_var`, vector(1)),
  ];
  // ONNX counts momentum as the share that the old average keeps.
  return graph.add(
    'BatchNormalization',
    [x, ...parameters],
    { epsilon: float(1e-5), momentum: float(0.9) },
    { name },
  );
}

export function relu({ graph }: LayerScope, x: string): string {
  return graph.add('Relu', [x]);
}

/** The sigmoid approximation of GELU that the paper's MNIST and AllConv networks use: x · σ(1.702 x). */
export function quickGelu({ graph }: LayerScope, x: string): string {
  const sigmoid = graph.add('Sigmoid', [graph.add('Mul', [x, graph.scalar(1.702)])]);
  return graph.add('Mul', [x, sigmoid]);
}

/** Maxima of size × size windows, [N, C, H, W] → [N, C, H', W']; windows stand apart unless a stride is given. */
export function maxPool2d(
  { graph }: LayerScope,
  x: string,
  size: number,
  { stride = size, padding = 0 }: { stride?: number; padding?: number } = {},
): string {
  return graph.add('MaxPool', [x], {
    kernel_shape: [size, size],
    strides: [stride, stride],
    ...(padding > 0 ? { pads: [padding, padding, padding, padding] } : {}),
  });
}

/** The mean over all positions, flattened: [N, C, H, W] → [N, C]. */
export function globalAveragePool({ graph }: LayerScope, x: string): string {
  return graph.add('Flatten', [graph.add('GlobalAveragePool', [x])], { axis: 1 });
}

/** The key under which a dropout node says what it drops together; read when the node is made to train. */
export const DROPOUT_UNIT = 'dropout.unit';

/**
 * Dropout. In the model as saved it does nothing; training gives it a mask.
 *
 * @param unit what is dropped as one: single `'values'`, or whole `'channels'` (PyTorch's Dropout2d)
 */
export function dropout(
  { graph }: LayerScope,
  x: string,
  { name, ratio = 0.5, unit = 'values' }: { name: string; ratio?: number; unit?: 'values' | 'channels' },
): string {
  return graph.add('Dropout', [x, graph.scalar(ratio)], {}, { name, metadata: { [DROPOUT_UNIT]: unit } });
}

/** Whether a parameter's name is one of the running statistics of {@link batchNorm}, which gradients do not train. */
export function isRunningStatistic(name: string): boolean {
  return name.endsWith('.running_mean') || name.endsWith('.running_var');
}

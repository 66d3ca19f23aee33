/** Weights in eight bits: a quarter of the file, computed in single precision. */
import { OutlierExposureError } from '../errors.ts';
import { float32, type Graph, inputsOf, type Model, type TensorData } from '../onnx/index.ts';
import { type Shrunk, shrink } from './shrink.ts';

export interface Int8Options {
  /**
   * What shares a scale: every output channel of its own, which loses less (the default), or the whole tensor.
   */
  scales?: 'channel' | 'tensor' | undefined;
}

/** Smaller tensors are not worth a node, and vectors (biases, normalization) are worth their precision. */
const LEAST_VALUES = 256;
/** Symmetric: −128 is not used, so that w and −w stay opposites. */
const STEPS = 127;
/** `DequantizeLinear` is there from the one on, its axis from the other. */
const OPSETS = { tensor: 10, channel: 13 } as const;

/**
 * Stores float32 matrices and kernels as int8: q = round(w / s), s = max|w| / 127 over a channel or the tensor, restored as
 * s·q by `DequantizeLinear`. A weight changes by at most s / 2. Activations stay in float32, so that nothing has to be
 * calibrated.
 *
 * Tensors with one dimension or fewer than 256 values, and those with values that are not finite, stay as they are.
 *
 * @throws OutlierExposureError `unsupported` when the model's operator set is too old: 10 for tensors, 13 for channels
 */
export function withInt8Weights(model: Model, { scales = 'channel' }: Int8Options = {}): Shrunk {
  const opset = model.opsets.get('') ?? 0;
  if (opset < OPSETS[scales]) {
    throw new OutlierExposureError(
      'unsupported',
      `The model is written in ONNX's operator set ${opset}, but weights in int8 with a scale for each ${scales} need ${OPSETS[scales]}: export it in a newer one.`,
    );
  }
  const axes = channelAxes(model.graph);
  return shrink(model, (name, tensor, graph) => {
    const values = tensor.data as Float32Array;
    const { shape } = tensor;
    if (shape.length < 2 || values.length < LEAST_VALUES || !values.every(Number.isFinite)) return undefined;
    const axis = scales === 'channel' ? axes.get(name) : undefined;
    const { quantized, scale } = quantize(tensor, axis);
    return {
      op: 'DequantizeLinear',
      inputs: [graph.constant(quantized, `${name}.int8`), graph.constant(scale, `${name}.scale`)],
      attributes: axis === undefined ? {} : { axis },
    };
  });
}

/** @param axis of the channels; undefined takes one scale for all */
function quantize(
  { data, shape }: TensorData,
  axis: number | undefined,
): { quantized: TensorData; scale: TensorData } {
  const values = data as Float32Array;
  const channels = axis === undefined ? 1 : shape[axis]!;
  const inner = axis === undefined ? values.length : shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const channelOf = (i: number) => Math.floor(i / inner) % channels;
  const largest = new Float32Array(channels);
  for (const [i, value] of values.entries())
    largest[channelOf(i)] = Math.max(largest[channelOf(i)]!, Math.abs(value));
  // A channel of zeros has any scale.
  const scales = largest.map((most) => (most > 0 ? most / STEPS : 1));
  const quantized = Int8Array.from(values, (value, i) => {
    const steps = Math.round(value / scales[channelOf(i)]!);
    return Math.max(-STEPS, Math.min(STEPS, steps));
  });
  return {
    quantized: { elementType: 'int8', shape, data: quantized },
    scale: float32(scales, axis === undefined ? [] : [channels]),
  };
}

/** Along which dimension a weight's output channels lie, by what takes it; where two take it differently, it has none. */
function channelAxes(graph: Graph): Map<string, number> {
  const axes = new Map<string, number>();
  const unclear = new Set<string>();
  for (const node of graph.nodes) {
    for (const name of inputsOf(node)) {
      const tensor = graph.initializers.get(name);
      if (!tensor) continue;
      const axis = axisOf(
        node.op,
        node.inputs.indexOf(name),
        tensor.shape.length,
        node.attributes.transB === 1,
      );
      // Others take weights as they come: any scales will do for them.
      if (axis === undefined) continue;
      if (axes.has(name) && axes.get(name) !== axis) unclear.add(name);
      else axes.set(name, axis);
    }
  }
  for (const name of unclear) axes.delete(name);
  return axes;
}

function axisOf(op: string, input: number, rank: number, transposed: boolean): number | undefined {
  if (op === 'Gather') return input === 0 ? 0 : undefined;
  if (input < 1) return undefined;
  switch (op) {
    case 'Conv':
      return 0;
    case 'ConvTranspose':
      return 1;
    case 'Gemm':
      return transposed ? 0 : 1;
    case 'MatMul':
      return rank - 1;
    case 'GRU':
    case 'LSTM':
    case 'RNN':
      // [directions, gates · hidden, …]
      return 1;
    default:
      return undefined;
  }
}

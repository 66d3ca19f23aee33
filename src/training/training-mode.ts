/** Turns a model that predicts into one that trains: dropout drops, and batch normalization uses the batch. */
import { OutlierExposureError } from '../errors.ts';
import { DROPOUT_UNIT } from '../nn/index.ts';
import {
  type Attribute,
  dataTypeOf,
  FloatAttribute,
  float,
  float32,
  type Graph,
  type Node,
  staticShape,
  type TensorData,
  type TensorType,
} from '../onnx/index.ts';
import { hashSeed, Random } from '../random.ts';

/** The scalar input from which all dropout masks of a step are made. */
export const DROPOUT_SEED = 'dropout.seed';

export interface RunningStatistic {
  /** The initializer that holds the average. */
  name: string;
  /** The value of the average after the step. */
  next: string;
}

/**
 * What batch normalization takes its means and variances from while training: the whole stacked batch, as the paper's
 * code does (`'stacked'`); its in-distribution part alone, for inliers and outliers alike (`'inliers'`); or the running
 * averages, which then stay as they are (`'frozen'`).
 */
export type BatchStatistics = 'stacked' | 'inliers' | 'frozen';

export interface TrainingModeOptions {
  /** Default `'stacked'`. */
  normalization?: BatchStatistics | undefined;
  /** How many examples of the batch, counted from its start, are in-distribution. Default all. */
  inliers?: number | undefined;
}

/**
 * Rewrites the graph in place.
 *
 * @param types of the graph's values, with the batch size bound
 * @returns the running statistics, which a step moves unless they are frozen
 */
export function trainingMode(
  graph: Graph,
  types: ReadonlyMap<string, TensorType>,
  { normalization = 'stacked', inliers }: TrainingModeOptions = {},
): RunningStatistic[] {
  const statistics: RunningStatistic[] = [];
  const nodes = graph.nodes;
  graph.nodes = [];
  for (const node of nodes) {
    if (node.op === 'Dropout' && node.domain === '') emitDropout(graph, node, types);
    else if (node.op !== 'BatchNormalization') graph.nodes.push(node);
    else if (normalization === 'frozen') {
      graph.nodes.push(node);
      statistics.push(...node.inputs.slice(3).map((name) => ({ name, next: name })));
    } else {
      const shape = staticShape(types.get(node.inputs[0]!))!;
      const part = normalization === 'inliers' ? (inliers ?? shape[0]!) : shape[0]!;
      statistics.push(
        ...(part < shape[0]!
          ? normalizeByInliers(graph, node, [part, ...shape.slice(1)], statistics.length)
          : useBatchStatistics(graph, node, shape, statistics.length)),
      );
    }
  }
  return statistics;
}

/**
 * Multiplies by a mask of 0 and 1 / (1 − ratio). An element is kept by the product of its own random number and an odd
 * factor of the step and the node (multiplicative hashing, modulo 2³²), so that a step can be repeated on any device.
 */
function emitDropout(graph: Graph, node: Node, types: ReadonlyMap<string, TensorType>): void {
  const x = node.inputs[0]!;
  const ratio = ratioOf(graph, node);
  const [batch, channels, ...rest] = staticShape(types.get(x))!;
  const byChannel = node.metadata?.[DROPOUT_UNIT] === 'channels';
  const shape = [
    batch!,
    ...(channels === undefined ? [] : [channels]),
    ...rest.map((size) => (byChannel ? 1 : size)),
  ];
  if (!graph.inputs.has(DROPOUT_SEED)) graph.addInput(DROPOUT_SEED, 'uint32', []);
  // Not the node's name, which files may leave empty: nodes of one name would drop alike.
  const key = node.outputs[0]!;
  const named = { name: `${key}/mask` };
  const op: Emit = (type, a, b, attributes = {}) => graph.add(type, [a, b], attributes, named);
  const number = (value: number) => graph.scalar(value >>> 0, 'uint32');
  const mixed = hash(op, number, op('BitwiseXor', DROPOUT_SEED, number(hashSeed(0, key))));
  const cast = (value: string, to: 'int32' | 'float32') =>
    graph.add('Cast', [value], { to: dataTypeOf(to) }, named);
  const factor = cast(op('BitwiseOr', mixed, number(1)), 'int32');
  // Uniform from −2³¹ on; the step to 1 stands where the ratio ends. ONNX Runtime turns int32 into float32 fast, but
  // not bool.
  const hashed = cast(op('Mul', randomNumbers(graph, shape), factor), 'float32');
  const threshold = Math.fround((ratio - 0.5) * 2 ** 32);
  const kept = graph.add('HardSigmoid', [hashed], { alpha: float(1), beta: float(-threshold) }, named);
  const scaled = op('Mul', kept, graph.scalar(1 / (1 - ratio)));
  graph.nodes.push({
    op: 'Mul',
    domain: '',
    name: node.name,
    inputs: [x, scaled],
    outputs: [node.outputs[0]!],
    attributes: {},
  });
}

type Emit = (type: string, a: string, b: string, attributes?: Record<string, Attribute>) => string;

/** MurmurHash3's finalizer, of one number. */
function hash(op: Emit, number: (value: number) => string, value: string): string {
  const shifted = (x: string, bits: number) =>
    op('BitwiseXor', x, op('BitShift', x, number(bits), { direction: 'RIGHT' }));
  let mixed = op('Mul', shifted(value, 16), number(0x85ebca6b));
  mixed = op('Mul', shifted(mixed, 13), number(0xc2b2ae35));
  return shifted(mixed, 16);
}

/** A random number for each element, never 0; all masks of one shape start from the same. */
function randomNumbers(graph: Graph, shape: readonly number[]): string {
  const name = `dropout/numbers/${shape.join('x')}`;
  if (!graph.initializers.has(name)) {
    const count = shape.reduce((product, size) => product * size, 1);
    const random = Random.from(0, 'dropout', ...shape);
    const data = Int32Array.from({ length: count }, () => random.int32() || 1);
    graph.addInitializer(name, { elementType: 'int32', shape, data });
  }
  return name;
}

/** The share that is dropped; 0.5 where the node leaves it out, as ONNX has it. */
function ratioOf(graph: Graph, node: Node): number {
  const name = node.inputs[1];
  if (!name) return 0.5;
  const { value, value_float } =
    graph.nodes.find(({ op, outputs }) => op === 'Constant' && outputs[0] === name)?.attributes ?? {};
  const tensor = graph.initializers.get(name) ?? (value as TensorData | undefined);
  const ratio = value_float instanceof FloatAttribute ? value_float.value : Number(tensor?.data[0]);
  if (ratio >= 0 && ratio < 1) return ratio;
  throw new OutlierExposureError(
    'unsupported',
    Number.isNaN(ratio)
      ? `The dropout ratio "${name}" of ${node.outputs[0]} is computed by the graph; make it a constant.`
      : `The dropout ratio of ${node.outputs[0]} is ${ratio}, but it must be at least 0 and below 1.`,
  );
}

/**
 * The first examples are normalized by their own statistics, and the others by the same ones, as they will be when the
 * model is used: there, too, the averages come from in-distribution examples.
 *
 * @param shape of the first examples
 */
function normalizeByInliers(
  graph: Graph,
  node: Node,
  shape: readonly number[],
  before: number,
): RunningStatistic[] {
  const [x, scale, bias] = node.inputs as [string, string, string];
  const output = node.outputs[0]!;
  const end = graph.ints([Number.MAX_SAFE_INTEGER]);
  const [start, border, axis] = [graph.ints([0]), graph.ints([shape[0]!]), graph.ints([0])];
  const inliers = graph.add('Slice', [x, start, border, axis], {}, { name: `${output}/inliers` });
  const outliers = graph.add('Slice', [x, border, end, axis], {}, { name: `${output}/outliers` });
  const own = graph.unique(`${output}/inliers-normalized`);
  const inlierNode: Node = {
    ...node,
    name: own,
    inputs: [inliers, ...node.inputs.slice(1)],
    outputs: [own],
  };
  const statistics = useBatchStatistics(graph, inlierNode, shape, before);
  const [, mean, variance] = inlierNode.outputs as [string, string, string];
  const { epsilon } = node.attributes;
  const others = graph.add(
    'BatchNormalization',
    [outliers, scale, bias, mean, variance],
    epsilon === undefined ? {} : { epsilon },
    { name: `${output}/outliers-normalized` },
  );
  graph.nodes.push({
    op: 'Concat',
    domain: '',
    name: node.name,
    inputs: [own, others],
    outputs: [output],
    attributes: { axis: 0 },
  });
  return statistics;
}

/**
 * Adds the node. With momentum 0 the operator's second and third outputs are the batch's own mean and variance; the running
 * averages are kept apart, with the unbiased variance, as PyTorch does.
 *
 * @param shape of the node's input
 * @param before how many statistics other nodes have
 */
function useBatchStatistics(
  graph: Graph,
  node: Node,
  shape: readonly number[],
  before: number,
): RunningStatistic[] {
  graph.nodes.push(node);
  const count = shape.reduce((product, size) => product * size, 1) / shape[1]!;
  const momentum = node.attributes.momentum instanceof FloatAttribute ? node.attributes.momentum.value : 0.9;
  const mean = graph.unique(`${node.name}/mean`);
  const variance = graph.unique(`${node.name}/variance`);
  const [runningMean, runningVariance] = node.inputs.slice(3) as [string, string];
  // ONNX Runtime writes the batch's statistics over the operator's own inputs, before their averages are read: it
  // gets others, which momentum 0 ignores. They equal neither each other nor any other constant: ONNX Runtime
  // stores small constants that are equal once, and would write all statistics to one place.
  const ignored = ['mean', 'variance'].map((name, i) => {
    const values = new Float32Array(shape[1]!).fill(Math.PI * (1 + before + i));
    return graph.constant(float32(values, [shape[1]!]), `${node.name}/ignored-${name}`);
  });
  node.inputs = [...node.inputs.slice(0, 3), ...ignored];
  node.outputs = [node.outputs[0]!, mean, variance];
  node.attributes = { ...node.attributes, training_mode: 1, momentum: float(0) };
  const blend = (running: string, batch: string, correction: number): RunningStatistic => ({
    name: running,
    next: graph.add('Add', [
      graph.add('Mul', [running, graph.scalar(momentum)]),
      graph.add('Mul', [batch, graph.scalar((1 - momentum) * correction)]),
    ]),
  });
  return [blend(runningMean, mean, 1), blend(runningVariance, variance, count / Math.max(1, count - 1))];
}

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
 * Rewrites the graph in place.
 *
 * @param types of the graph's values, with the batch size bound
 * @returns the running statistics that a step moves
 */
export function trainingMode(graph: Graph, types: ReadonlyMap<string, TensorType>): RunningStatistic[] {
  const statistics: RunningStatistic[] = [];
  const nodes = graph.nodes;
  graph.nodes = [];
  for (const node of nodes) {
    if (node.op === 'Dropout' && node.domain === '') emitDropout(graph, node, types);
    else {
      graph.nodes.push(node);
      if (node.op === 'BatchNormalization')
        statistics.push(...useBatchStatistics(graph, node, types, statistics.length));
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
  const odd = op(
    'BitwiseOr',
    hash(op, number, op('BitwiseXor', DROPOUT_SEED, number(hashSeed(0, key)))),
    number(1),
  );
  const hashed = op('Mul', randomNumbers(graph, shape), odd);
  const kept = op('GreaterOrEqual', hashed, number(Math.round(ratio * 2 ** 32)));
  const scaled = op(
    'Mul',
    graph.add('Cast', [kept], { to: dataTypeOf('float32') }, named),
    graph.scalar(1 / (1 - ratio)),
  );
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
    const data = Uint32Array.from({ length: count }, () => random.int32() || 1);
    graph.addInitializer(name, { elementType: 'uint32', shape, data });
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
 * With momentum 0 the operator's second and third outputs are the batch's own mean and variance; the running
 * averages are kept apart, with the unbiased variance, as PyTorch does.
 *
 * @param before how many statistics other nodes have
 */
function useBatchStatistics(
  graph: Graph,
  node: Node,
  types: ReadonlyMap<string, TensorType>,
  before: number,
): RunningStatistic[] {
  const shape = staticShape(types.get(node.inputs[0]!))!;
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

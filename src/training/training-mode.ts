/** Turns a model that predicts into one that trains: dropout drops, and batch normalization uses the batch. */

import { movesStatistics, type Trainable } from '../classifier/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { DROPOUT_UNIT, randomMask } from '../nn/index.ts';
import {
  FloatAttribute,
  float,
  float32,
  type Graph,
  type Node,
  staticShape,
  type TensorData,
  type TensorType,
} from '../onnx/index.ts';

/** The scalar input from which all random masks of a step are made: dropout's, and those of objectives. */
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
  /** Which initializers may change; averages that may not are frozen. Default all. */
  trainable?: Trainable | undefined;
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
  { normalization = 'stacked', inliers, trainable }: TrainingModeOptions = {},
): RunningStatistic[] {
  const statistics: RunningStatistic[] = [];
  const nodes = graph.nodes;
  graph.nodes = [];
  for (const node of nodes) {
    if (node.op === 'Dropout' && node.domain === '') emitDropout(graph, node, types);
    else if (node.op !== 'BatchNormalization') graph.nodes.push(node);
    else if (normalization === 'frozen' || !movesStatistics(node, trainable)) {
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

/** The name of the scalar input that all masks of a step are made from; added where the graph lacks it. */
export function stepSeed(graph: Graph): string {
  if (!graph.inputs.has(DROPOUT_SEED)) graph.addInput(DROPOUT_SEED, 'uint32', []);
  return DROPOUT_SEED;
}

/** Multiplies by a mask of 0 and 1 / (1 − ratio), which is made in the graph from the step's seed. */
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
  // Not the node's name, which files may leave empty: nodes of one name would drop alike.
  const key = node.outputs[0]!;
  const kept = randomMask(graph, { seed: stepSeed(graph), key, shape, ratio });
  const factors = graph.scalar(1 / (1 - ratio));
  const scaled = graph.add('Mul', [kept, factors], {}, { name: `${key}/mask` });
  graph.nodes.push({
    op: 'Mul',
    domain: '',
    name: node.name,
    inputs: [x, scaled],
    outputs: [node.outputs[0]!],
    attributes: {},
  });
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

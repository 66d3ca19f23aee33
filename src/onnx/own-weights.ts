/** Weights where training finds them: in initializers, one for each place that uses them. */
import { OutlierExposureError } from '../errors.ts';
import type { Graph, Model, Node } from './graph.ts';
import type { TensorData } from './tensor.ts';
import { isHalf, narrowed } from './upgrade/halves.ts';

/** The inputs of an operator that are weights, by place. */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [1, 2, 3, 4],
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gather: [0],
  Gemm: [0, 1, 2],
  GroupNormalization: [1, 2],
  GRU: [1, 2, 3],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  LSTM: [1, 2, 3],
  MatMul: [0, 1],
  PRelu: [1],
  RNN: [1, 2, 3],
};

/**
 * The same model with weights that exporters hid made initializers: those in `Constant` nodes, and those that `Identity`
 * nodes or several batch normalizations share because they happened to be equal. Names of values stay. A model without
 * any is returned as it is.
 */
export function withOwnWeights(model: Model): Model {
  const graph = model.graph.clone();
  const changes = liftConstants(graph) + separateEqual(graph) + separateStatistics(graph);
  return changes > 0 ? { ...model, graph } : model;
}

/**
 * The model with other values of its initializers, in the precision that they have in it.
 *
 * @param values by name, of the shapes that the model has; initializers without one keep theirs
 */
export function withWeights(model: Model, values: ReadonlyMap<string, TensorData>): Model {
  const own = withOwnWeights(model);
  const graph = own.graph.clone();
  for (const [name, value] of values) {
    const stored = graph.initializers.get(name);
    if (!stored) throw new OutlierExposureError('not-found', `The model has no initializer named "${name}".`);
    graph.initializers.set(name, inPrecisionOf(stored, value, name));
  }
  return { ...own, graph, metadata: new Map(model.metadata), opsets: new Map(model.opsets) };
}

function inPrecisionOf({ elementType }: TensorData, value: TensorData, name: string): TensorData {
  if (!isHalf(elementType) || value.elementType !== 'float32') return value;
  const half = narrowed(value, elementType);
  const infinite = elementType === 'float16' ? 0x7c00 : 0x7f80;
  const lost = (half.data as Uint16Array).some((bits) => (bits & infinite) === infinite);
  if (!lost) return half;
  throw new OutlierExposureError(
    'diverged',
    `"${name}" holds values beyond what ${elementType} can, which the model stores it in: lower the learning rate, or store the model in float32.`,
  );
}

/** Tensors of more than one number that Constant nodes hold for places of weights. */
function liftConstants(graph: Graph): number {
  const producers = graph.producers();
  const wanted = new Set<Node>();
  const look = (value: string) => {
    const node = producers.get(value);
    if (node?.op !== 'Constant' || node.domain !== '') return;
    const { value: held } = node.attributes;
    if (held && typeof held === 'object' && 'elementType' in held && isWeight(held)) wanted.add(node);
  };
  for (const node of graph.nodes) {
    if (node.domain !== '') continue;
    for (const place of WEIGHTS[node.op] ?? []) look(node.inputs[place] ?? '');
    // A bias added behind a product.
    if (node.op === 'Add' && node.inputs.some((input) => producers.get(input)?.op === 'MatMul'))
      node.inputs.forEach(look);
  }
  for (const node of wanted) graph.initializers.set(node.outputs[0]!, node.attributes.value as TensorData);
  graph.nodes = graph.nodes.filter((node) => !wanted.has(node));
  return wanted.size;
}

function isWeight({ elementType, shape }: TensorData): boolean {
  return shape.length > 0 && /^(float32|float16|bfloat16)$/.test(elementType);
}

/**
 * Vectors that an Identity passes on from another initializer: exporters store equal ones once, such as biases that
 * begin with zeros. Equal matrices are the same on purpose, and stay one.
 */
function separateEqual(graph: Graph): number {
  const before = graph.nodes.length;
  graph.nodes = graph.nodes.filter(({ op, domain, inputs, outputs }) => {
    const stored = op === 'Identity' && domain === '' ? graph.initializers.get(inputs[0]!) : undefined;
    if (!stored || !isWeight(stored) || stored.shape.length > 1 || graph.outputs.has(outputs[0]!))
      return true;
    graph.initializers.set(outputs[0]!, stored);
    return false;
  });
  return before - graph.nodes.length;
}

/** Running means and variances, which each batch normalization moves by itself. */
function separateStatistics(graph: Graph): number {
  const used = new Set<string>();
  let changes = 0;
  for (const node of graph.nodes) {
    if (node.op !== 'BatchNormalization' || node.domain !== '') continue;
    for (const place of [3, 4]) {
      const name = node.inputs[place] ?? '';
      const stored = graph.initializers.get(name);
      if (!stored) continue;
      if (used.has(name)) {
        node.inputs[place] = graph.constant(stored, name);
        changes++;
      }
      used.add(node.inputs[place]!);
    }
  }
  return changes;
}

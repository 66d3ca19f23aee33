/** The last linear layer of a classifier, and the features that go into it. */
import { nearestName, OutlierExposureError } from '../errors.ts';
import { type Graph, type Model, type Node, sizeOf, type TensorData } from '../onnx/index.ts';
import { type Ends, endsOf } from './ends.ts';

/** The last linear layer: logits = W·z + b. */
export interface Head {
  /** W, [classes, width], row-major. */
  weights: Float32Array;
  /** b, [classes]. */
  bias: Float32Array;
  classes: number;
  width: number;
}

export interface Parts extends Ends {
  /** The name of the value that holds the penultimate features z, [batch, width]; undefined where none was found. */
  features: string | undefined;
  /** Undefined where the logits are no linear layer's, or the features were named by the user and are not its input. */
  head: Head | undefined;
  /** Whether layers drop units out in training; undefined where none does. */
  dropout: true | undefined;
}

/** What passes values on, as far as a layer's input and output go. */
const TRANSPARENT = new Set(['Identity', 'Dropout']);

/**
 * Finds the parts of a classifier that detectors look into: a last Gemm, or a MatMul with or without an Add, whose
 * weights are constants.
 *
 * @param features the name of the value to take for features, where the one found is not wanted
 * @throws OutlierExposureError `not-found` when no value has that name
 */
export function partsOf(model: Model, { features }: { features?: string | undefined } = {}): Parts {
  const { graph } = model;
  const ends = endsOf(graph);
  const layer = lastLinearLayer(graph, ends.logits);
  const dropout = graph.nodes.some(({ op }) => op === 'Dropout') || undefined;
  if (features === undefined) return { ...ends, features: layer?.input, head: layer?.head, dropout };
  const known = namesOfValues(graph);
  if (!known.includes(features)) {
    const near = nearestName(features, known);
    throw new OutlierExposureError(
      'not-found',
      `The model has no value "${features}" to take for features${near ? `; did you mean "${near}"?` : '.'} ${
        layer
          ? `The last linear layer's input is "${layer.input}".`
          : 'It has no last linear layer to find one by.'
      }`,
    );
  }
  return { ...ends, features, head: layer?.input === features ? layer.head : undefined, dropout };
}

interface LinearLayer {
  input: string;
  head: Head;
}

function lastLinearLayer(graph: Graph, logits: string): LinearLayer | undefined {
  const producers = graph.producers();
  const behind = (value: string): Node | undefined => {
    let node = producers.get(value);
    while (node && TRANSPARENT.has(node.op)) node = producers.get(node.inputs[0]!);
    return node;
  };
  const constant = (value: string | undefined): TensorData | undefined => {
    if (!value) return undefined;
    const stored = graph.initializers.get(value);
    if (stored) return stored;
    const node = producers.get(value);
    if (node?.op === 'Identity') return constant(node.inputs[0]);
    const held = node?.op === 'Constant' ? node.attributes.value : undefined;
    return held && typeof held === 'object' && 'elementType' in held ? held : undefined;
  };
  /** Weights in either order; `transposed` where they stand as [classes, width]. */
  const weightsOf = (
    value: string,
    transposed: boolean,
  ): { tensor: TensorData; transposed: boolean } | undefined => {
    const tensor = constant(value);
    if (tensor) return { tensor, transposed };
    const node = producers.get(value);
    return node?.op === 'Transpose' ? weightsOf(node.inputs[0]!, !transposed) : undefined;
  };
  let node = behind(logits);
  let bias: TensorData | undefined;
  if (node?.op === 'Add') {
    const [a, b] = node.inputs as [string, string];
    const [value, added] = constant(b) ? [a, b] : [b, a];
    bias = constant(added);
    node = bias && behind(value);
    if (node?.op !== 'MatMul') return undefined;
  }
  if (node?.op === 'Gemm') {
    const { alpha, beta, transA } = node.attributes;
    const one = (attribute: unknown) =>
      attribute === undefined || (attribute as { value?: number }).value === 1;
    if (transA || !one(alpha) || !one(beta)) return undefined;
    bias = constant(node.inputs[2]);
    if (node.inputs[2] && !bias) return undefined;
  } else if (node?.op !== 'MatMul') return undefined;
  const weights = weightsOf(node.inputs[1]!, node.op === 'Gemm' && node.attributes.transB === 1);
  const head = weights && headOf(weights.tensor, weights.transposed, bias);
  return head && { input: node.inputs[0]!, head };
}

function headOf(
  { elementType, shape, data }: TensorData,
  transposed: boolean,
  bias?: TensorData,
): Head | undefined {
  if (elementType !== 'float32' || shape.length !== 2) return undefined;
  const [rows, columns] = shape as [number, number];
  const [classes, width] = transposed ? [rows, columns] : [columns, rows];
  const values = data as Float32Array;
  const weights = transposed ? values : new Float32Array(values.length);
  if (!transposed) {
    for (let d = 0; d < width; d++)
      for (let k = 0; k < classes; k++) weights[k * width + d] = values[d * classes + k]!;
  }
  if (!bias) return { weights, bias: new Float32Array(classes), classes, width };
  if (bias.elementType !== 'float32' || sizeOf(bias.shape) !== classes) return undefined;
  return { weights, bias: bias.data as Float32Array, classes, width };
}

function namesOfValues({ inputs, nodes }: Graph): string[] {
  return [...inputs.keys(), ...nodes.flatMap(({ outputs }) => outputs)];
}

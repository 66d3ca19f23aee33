/** Rewrites transposed convolutions into matrix products, which ONNX Runtime spreads over a whole batch and all threads. */
import { type Graph, type Node, staticShape, type TensorType } from '../../onnx/index.ts';

/** Shapes of a transposed convolution that has a product: float32, two-dimensional, without groups or a bias. */
interface Shapes {
  x: readonly number[];
  kernel: readonly number[];
  y: readonly number[];
}

/**
 * Rewrites in place: each input position's share of its window, [N, K·taps, positions], is one product; then the shares
 * are added up where they belong. From one position nothing is left to add. Values keep their names.
 *
 * @param types of the graph's values; nodes with values that have none stay as they are
 */
export function transposedProducts(graph: Graph, types: ReadonlyMap<string, TensorType>): void {
  const nodes = graph.nodes;
  graph.nodes = [];
  for (const node of nodes) {
    const shapes = shapesOf(node, types);
    if (shapes) emitProduct(graph, node, shapes);
    else graph.nodes.push(node);
  }
}

function shapesOf(
  { op, domain, inputs, outputs, attributes }: Node,
  types: ReadonlyMap<string, TensorType>,
): Shapes | undefined {
  const { group = 1, auto_pad = 'NOTSET', output_padding = [0, 0], output_shape } = attributes;
  const plain = op === 'ConvTranspose' && domain === '' && group === 1 && auto_pad === 'NOTSET';
  const unpadded = output_shape === undefined && String(output_padding) === '0,0';
  if (!plain || !unpadded || (inputs[2] ?? '') !== '') return undefined;
  const [x, kernel, y] = [inputs[0]!, inputs[1]!, outputs[0]!].map((name) => staticShape(types.get(name)));
  const float = types.get(inputs[0]!)?.elementType === 'float32';
  return float && x?.length === 4 && kernel && y ? { x, kernel, y } : undefined;
}

function emitProduct(graph: Graph, node: Node, { x, kernel, y }: Shapes): void {
  const [batch, channels, ...image] = x as [number, number, number, number];
  const [, outputs, ...window] = kernel as [number, number, number, number];
  const add = (op: string, inputs: string[], attributes = {}) =>
    graph.add(op, inputs, attributes, { name: `${node.name}/${op}` });
  const reshape = (value: string, shape: readonly number[]) => add('Reshape', [value, graph.ints(shape)]);
  const rows = outputs * window[0]! * window[1]!;
  const weights = reshape(node.inputs[1]!, [channels, rows]);
  const { strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1] } = node.attributes;
  const whole = image.every((side) => side === 1) && String(y.slice(2)) === String(window);
  if (whole) reshape(add('MatMul', [reshape(node.inputs[0]!, [batch, channels]), weights]), y);
  else {
    const columns = reshape(node.inputs[0]!, [batch, channels, image[0]! * image[1]!]);
    const shares = add('MatMul', [add('Transpose', [weights], { perm: [1, 0] }), columns]);
    add('Col2Im', [shares, graph.ints(y.slice(2)), graph.ints(window)], { strides, pads, dilations });
  }
  graph.nodes.at(-1)!.outputs = [...node.outputs];
}

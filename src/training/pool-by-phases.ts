/**
 * Rewrites "convolution, then 2×2 max pooling" into an equal that trains faster on small inputs.
 *
 * The four values that a pooling window compares come from four convolutions with stride 2, whose kernels are the
 * original one shifted by a pixel; together they are one convolution with a kernel one pixel larger and four times
 * the channels. The maximum is then taken between whole tensors, its gradient needs no positions, and the
 * patches for the kernel's gradient shrink to a third. The kernel grows by a factor that only few input channels
 * (images) pay back.
 */
import { type Graph, type Node, staticShape, type TensorType } from '../onnx/index.ts';

const FEW_CHANNELS = 4;
const PHASES = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

/** Rewrites every such pair in place, before parameters become inputs. @param types of the graph's values */
export function poolByPhases(graph: Graph, types: ReadonlyMap<string, TensorType>): void {
  const uses = new Map<string, number>();
  for (const node of graph.nodes)
    for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  const producers = graph.producers();
  const nodes = graph.nodes;
  graph.nodes = [];
  const merged = new Set<Node>();
  for (const pool of nodes) {
    const conv = producers.get(pool.inputs[0] ?? '');
    if (
      conv &&
      poolsPairs(pool) &&
      isPlainConv(conv, types) &&
      uses.get(conv.outputs[0]!) === 1 &&
      !graph.outputs.has(conv.outputs[0]!)
    ) {
      merged.add(conv);
      emitPhases(graph, conv, pool, types);
    } else graph.nodes.push(pool);
  }
  graph.nodes = graph.nodes.filter((node) => !merged.has(node));
}

function poolsPairs({ op, attributes, outputs }: Node): boolean {
  const { kernel_shape, strides, pads, dilations, ceil_mode = 0, auto_pad = 'NOTSET' } = attributes;
  const are = (value: unknown, wanted: number) =>
    Array.isArray(value) && value.every((item) => item === wanted);
  return (
    op === 'MaxPool' &&
    (outputs[1] ?? '') === '' &&
    are(kernel_shape, 2) &&
    (kernel_shape as number[]).length === 2 &&
    are(strides, 2) &&
    (pads === undefined || are(pads, 0)) &&
    (dilations === undefined || are(dilations, 1)) &&
    ceil_mode === 0 &&
    auto_pad === 'NOTSET'
  );
}

function isPlainConv(node: Node, types: ReadonlyMap<string, TensorType>): boolean {
  const { group = 1, strides, dilations, auto_pad = 'NOTSET' } = node.attributes;
  const ones = (value: unknown) =>
    value === undefined || (Array.isArray(value) && value.every((item) => item === 1));
  if (node.op !== 'Conv' || group !== 1 || !ones(strides) || !ones(dilations) || auto_pad !== 'NOTSET')
    return false;
  const input = staticShape(types.get(node.inputs[0]!));
  const output = staticShape(types.get(node.outputs[0]!));
  return (
    input !== undefined &&
    input[1]! <= FEW_CHANNELS &&
    output?.slice(2).every((size) => size % 2 === 0) === true
  );
}

function emitPhases(graph: Graph, conv: Node, pool: Node, types: ReadonlyMap<string, TensorType>): void {
  const [x, kernel, bias] = conv.inputs as [string, string, string | undefined];
  const [outputs, , height, width] = staticShape(types.get(kernel)) as [number, number, number, number];
  const add: Graph['add'] = (op, inputs, attributes) =>
    graph.add(op, inputs, attributes, { name: `${conv.name}/phases` });
  // Moving the kernel by a pixel inside a larger one moves what it looks at by a pixel.
  const kernels = PHASES.map(([down, right]) =>
    add('Pad', [kernel, graph.ints([0, 0, down, right, 0, 0, 1 - down, 1 - right])]),
  );
  const inputs = [x, add('Concat', kernels, { axis: 0 })];
  if (bias) inputs.push(add('Concat', [bias, bias, bias, bias], { axis: 0 }));
  const phases = add('Conv', inputs, {
    kernel_shape: [height + 1, width + 1],
    strides: [2, 2],
    pads: (conv.attributes.pads as number[] | undefined) ?? [0, 0, 0, 0],
  });
  const sizes = graph.ints(PHASES.map(() => outputs));
  const [a, b, c, d] = graph.addMany(
    'Split',
    [phases, sizes],
    4,
    { axis: 1 },
    { name: `${conv.name}/phase` },
  ) as [string, string, string, string];
  const top = add('Max', [a, b]);
  const bottom = add('Max', [c, d]);
  graph.nodes.push({
    ...pool,
    op: 'Max',
    inputs: [top, bottom],
    outputs: [pool.outputs[0]!],
    attributes: {},
  });
}

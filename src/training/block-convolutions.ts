/** Rewrites convolutions into ONNX Runtime's blocked layout, which trains faster on the processors that have it. */
import {
  blockedConvolution,
  blockedKernel,
  fitsBlocks,
  type KernelShape,
  toBlocked,
} from '../autodiff/blocked.ts';
import { type Graph, type Node, staticShape, type TensorType } from '../onnx/index.ts';

/**
 * Rewrites in place every plain two-dimensional convolution whose channels come in whole blocks. Values keep their
 * names and their layout.
 *
 * @param types of the graph's values; convolutions whose inputs have none stay as they are
 * @param block of the runtime's abilities
 */
export function blockConvolutions(graph: Graph, types: ReadonlyMap<string, TensorType>, block: number): void {
  const nodes = graph.nodes;
  graph.nodes = [];
  for (const node of nodes) {
    const kernel = blockableKernel(node, types, block);
    if (kernel) emitBlocked(graph, node, kernel, block);
    else graph.nodes.push(node);
  }
}

function blockableKernel(
  { op, domain, inputs, attributes }: Node,
  types: ReadonlyMap<string, TensorType>,
  block: number,
): KernelShape | undefined {
  const type = types.get(inputs[1] ?? '');
  const kernel = staticShape(type);
  const { group = 1, auto_pad = 'NOTSET' } = attributes;
  const plain = op === 'Conv' && domain === '' && group === 1 && auto_pad === 'NOTSET';
  return plain &&
    type?.elementType === 'float32' &&
    kernel?.length === 4 &&
    fitsBlocks(block, kernel[0]!, kernel[1]!)
    ? (kernel as unknown as KernelShape)
    : undefined;
}

function emitBlocked(graph: Graph, node: Node, kernel: KernelShape, block: number): void {
  const place = { graph, name: node.name || node.outputs[0]! };
  const [x, weight, bias] = node.inputs as [string, string, string | undefined];
  const inputs = [toBlocked(place, x), blockedKernel(place, weight, kernel, block), bias];
  const { group: _one, ...attributes } = node.attributes;
  const output = blockedConvolution(place, inputs, kernel[0], {
    ...attributes,
    kernel_shape: kernel.slice(2),
  });
  const last = graph.nodes.at(-1)!;
  last.outputs = last.outputs.map((name) => (name === output ? node.outputs[0]! : name));
}

/** Softmax, LogSoftmax and Hardmax (13): they normalized over all axes from one on; now they do over one. */
import type { Node } from '../graph.ts';
import { nodeOf, type Rewrite, type RewriteContext } from './rewrite.ts';

export const softmaxOverOneAxis: Rewrite = (node, context) => {
  const axis = (node.attributes.axis as number | undefined) ?? 1;
  const single = { ...node.attributes, axis: -1 };
  if (axis === -1 || (axis === 1 && isMatrix(node.inputs[0]!, context))) {
    node.attributes = single;
    return undefined;
  }
  const [input, output] = [node.inputs[0]!, node.outputs[0]!];
  const [flat, normalized, shape] = ['flat', 'normalized', 'shape'].map((part) =>
    context.root.unique(`${output}/${part}`),
  ) as [string, string, string];
  return [
    nodeOf('Flatten', [input], flat, { axis }),
    { ...node, inputs: [flat], outputs: [normalized], attributes: single },
    nodeOf('Shape', [input], shape),
    nodeOf('Reshape', [normalized, shape], output),
  ];
};

const PASSES_ON = new Set(['Identity', 'Dropout', 'Relu']);

/** Whether a value is known to have two dimensions, so that the last axis is all there is from axis 1 on. */
function isMatrix(value: string, { producer }: RewriteContext): boolean {
  let node: Node | undefined = producer(value);
  while (node && PASSES_ON.has(node.op)) node = producer(node.inputs[0]!);
  return node?.op === 'Gemm' || node?.op === 'Flatten';
}

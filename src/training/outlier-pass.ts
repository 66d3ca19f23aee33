/** The model a second time inside a training step, with the same weights, for outliers of other sizes. */
import { OutlierExposureError } from '../errors.ts';
import { Graph } from '../onnx/index.ts';

/** What the names of all values of the second pass begin with. */
const OUTLIERS = 'outliers/';

/**
 * Adds each node once more, on another input and with other outputs; initializers are shared, so that gradients of both
 * passes add up in them.
 *
 * @param graph of the model alone
 * @returns the name of the input, whose type is left to be said, of the logits, and of the branch where one was named
 * @throws OutlierExposureError `unsupported` for batch normalization, which would have two batches to average over, and
 *   for nodes with graphs inside
 */
export function addOutlierPass(
  graph: Graph,
  { pixels, logits, branch }: { pixels: string; logits: string; branch?: string | undefined },
): { input: string; logits: string; branch?: string } {
  const names = new Map([[pixels, graph.unique(`${OUTLIERS}${pixels}`)]]);
  for (const node of graph.nodes)
    for (const output of node.outputs) if (output) names.set(output, graph.unique(`${OUTLIERS}${output}`));
  const rename = (name: string) => names.get(name) ?? name;
  for (const node of [...graph.nodes]) {
    const nested = Object.values(node.attributes).some((value) => value instanceof Graph);
    if (nested || node.op === 'BatchNormalization') {
      throw new OutlierExposureError(
        'unsupported',
        `A model of texts cannot be exposed to outliers with ${nested ? 'a graph inside of' : 'batch normalization in'} a node (${node.op} "${node.name}"): export it without.`,
      );
    }
    graph.nodes.push({
      ...node,
      name: node.name && `${OUTLIERS}${node.name}`,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    });
  }
  return {
    input: rename(pixels),
    logits: rename(logits),
    ...(branch === undefined ? {} : { branch: rename(branch) }),
  };
}

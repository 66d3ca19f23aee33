/** Models that end in probabilities, or tell more than logits, seen as models that end in logits. */
import type { Model, Node } from '../onnx/index.ts';
import { isBranch, outputsBesideBranches } from './ends.ts';

/** What passes values on as they are. */
const TRANSPARENT = new Set(['Identity', 'Dropout']);

/**
 * The model with the input of a last Softmax as its output: detectors and objectives take logits, and softmax(softmax(z))
 * would quietly give other numbers. Branches stay; what is told beside them does not. A model of logits and branches is returned
 * as it is; nodes and weights stay in either case.
 */
export function withLogitsOutput(model: Model): Model {
  const [output, ...others] = outputsBesideBranches(model.graph);
  if (output === undefined || others.length > 0) return model;
  const producers = model.graph.producers();
  let node: Node | undefined = producers.get(output);
  while (node && TRANSPARENT.has(node.op)) node = producers.get(node.inputs[0]!);
  const softmax = node?.op === 'Softmax' && node.domain === '' ? node : undefined;
  const branches = [...model.graph.outputs].filter(([name]) => isBranch(name));
  if (!softmax && model.graph.outputs.size === 1 + branches.length) return model;
  const graph = model.graph.clone();
  graph.outputs.clear();
  if (softmax) graph.addOutput(softmax.inputs[0]!);
  else graph.addOutput(output, model.graph.outputs.get(output));
  for (const [name, type] of branches) graph.addOutput(name, type);
  return { ...model, graph };
}

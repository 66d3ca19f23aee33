/** Models that end in probabilities, seen as models that end in logits. */
import type { Model, Node } from '../onnx/index.ts';
import { outputsBesideBranches } from './ends.ts';

/** What passes values on as they are. */
const TRANSPARENT = new Set(['Identity', 'Dropout']);

/**
 * The model with the input of a last Softmax as its output: detectors and objectives take logits, and softmax(softmax(z))
 * would quietly give other numbers. Branches stay. A model without one is returned as it is; nodes and weights stay in either case.
 */
export function withLogitsOutput(model: Model): Model {
  const [output, ...others] = outputsBesideBranches(model.graph);
  if (output === undefined || others.length > 0) return model;
  const producers = model.graph.producers();
  let node: Node | undefined = producers.get(output);
  while (node && TRANSPARENT.has(node.op)) node = producers.get(node.inputs[0]!);
  if (node?.op !== 'Softmax' || node.domain !== '') return model;
  const graph = model.graph.clone();
  graph.outputs.delete(output);
  const branches = [...graph.outputs];
  graph.outputs.clear();
  graph.addOutput(node.inputs[0]!);
  for (const [name, type] of branches) graph.addOutput(name, type);
  return { ...model, graph };
}

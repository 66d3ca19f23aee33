/** Puts something smaller in a weight's place, and a node that makes the weight of it. */
import type { Attribute, Graph, Model, TensorData } from '../onnx/index.ts';

/** What makes a weight from what is stored. */
export interface Restoring {
  op: string;
  inputs: string[];
  attributes: Record<string, Attribute>;
}

export interface Shrunk {
  /** The same model, with the same names of inputs and outputs. */
  model: Model;
  /** The weights that are stored in another form, and those that stay as they are: how many numbers each. */
  changed: number;
  kept: number;
}

/**
 * @param replace stores the weight in another form, in the graph, and says what restores it; undefined leaves it as it is
 */
export function shrink(
  model: Model,
  replace: (name: string, tensor: TensorData, graph: Graph) => Restoring | undefined,
): Shrunk {
  const graph = model.graph.clone();
  const restoring: Graph['nodes'] = [];
  let [changed, kept] = [0, 0];
  for (const [name, tensor] of [...graph.initializers]) {
    const stays = tensor.elementType !== 'float32' || graph.outputs.has(name);
    const found = stays ? undefined : replace(name, tensor, graph);
    if (!found) {
      kept += tensor.data.length;
      continue;
    }
    changed += tensor.data.length;
    graph.initializers.delete(name);
    restoring.push({ ...found, domain: '', name: graph.unique(`${name}.restored`), outputs: [name] });
  }
  graph.nodes.unshift(...restoring);
  return { model: { ...model, graph }, changed, kept };
}

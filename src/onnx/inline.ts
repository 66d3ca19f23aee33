/** One graph inside another. */
import { Graph, type Node } from './graph.ts';

export interface InlineOptions {
  /** What the names of all added values begin with. */
  prefix: string;
  /**
   * Values of `other` that are values of `graph` already, by name: its inputs, and initializers that both share. They are
   * not added.
   */
  values: ReadonlyMap<string, string>;
}

/**
 * Adds the nodes and initializers of another graph, under names of their own; graphs inside of nodes included. Tensors are
 * shared, nodes copied.
 *
 * @param graph added to in place
 * @returns what a value of `other` is called in `graph`
 */
export function inlineGraph(
  graph: Graph,
  other: Pick<Graph, 'nodes' | 'initializers'>,
  { prefix, values }: InlineOptions,
): (value: string) => string {
  const names = new Map([['', ''], ...values]);
  const rename = (name: string) => {
    let renamed = names.get(name);
    if (renamed === undefined) {
      renamed = graph.unique(`${prefix}${name}`);
      names.set(name, renamed);
    }
    return renamed;
  };
  for (const [name, tensor] of other.initializers)
    if (!values.has(name)) graph.initializers.set(rename(name), tensor);
  for (const node of other.nodes) graph.nodes.push(renamedNode(node, prefix, rename));
  return rename;
}

function renamedNode(node: Node, prefix: string, rename: (name: string) => string): Node {
  return {
    ...node,
    name: node.name && `${prefix}${node.name}`,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: Object.fromEntries(
      Object.entries(node.attributes).map(([key, value]) => [
        key,
        value instanceof Graph ? renamedGraph(value, prefix, rename) : value,
      ]),
    ),
  };
}

/** Values of a graph inside are renamed with those around it: their names must differ from all of these, too. */
function renamedGraph(graph: Graph, prefix: string, rename: (name: string) => string): Graph {
  const renamed = new Graph(graph.name);
  for (const [name, type] of graph.inputs) renamed.inputs.set(rename(name), type);
  for (const [name, type] of graph.outputs) renamed.outputs.set(rename(name), type);
  for (const [name, tensor] of graph.initializers) renamed.initializers.set(rename(name), tensor);
  renamed.nodes = graph.nodes.map((node) => renamedNode(node, prefix, rename));
  for (const name of [...renamed.inputs.keys(), ...renamed.initializers.keys()]) renamed.reserve(name);
  for (const { outputs } of renamed.nodes) for (const output of outputs) renamed.reserve(output);
  return renamed;
}

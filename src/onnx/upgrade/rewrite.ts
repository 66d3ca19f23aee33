/** What a rewrite of one node to a newer operator set may use. */
import { type Attribute, FloatAttribute, type Graph, type Node } from '../graph.ts';
import type { TensorData } from '../tensor.ts';

/** Changes a node in place, or gives the nodes that take its place. */
export type Rewrite = (node: Node, context: RewriteContext) => Node[] | undefined;

export interface RewriteContext {
  /** The outermost graph: constants go there, where subgraphs see them too, and new names are made unique in it. */
  root: Graph;
  /** The node that makes a value, where one does. */
  producer: (value: string) => Node | undefined;
}

/** Takes an attribute off a node. */
export function taken(node: Node, name: string): Attribute | undefined {
  const { [name]: value, ...rest } = node.attributes;
  node.attributes = rest;
  return value;
}

/** Takes a float attribute off a node. */
export function takenFloat(node: Node, name: string): number | undefined {
  const value = taken(node, name);
  return value instanceof FloatAttribute ? value.value : undefined;
}

/** Puts a value at an input's place; what lies between is left out. */
export function setInput(node: Node, place: number, value: string): void {
  while (node.inputs.length < place) node.inputs.push('');
  node.inputs[place] = value;
}

/** A node with one output and no name, which no two nodes may share. */
export function nodeOf(
  op: string,
  inputs: string[],
  output: string,
  attributes: Record<string, Attribute> = {},
): Node {
  return { op, domain: '', name: '', inputs, outputs: [output], attributes };
}

/** A value's tensor where it is stored in the graph. */
export function storedTensor(value: string, { root, producer }: RewriteContext): TensorData | undefined {
  const stored = root.initializers.get(value);
  if (stored) return stored;
  const node = producer(value);
  const held = node?.op === 'Constant' && node.domain === '' ? node.attributes.value : undefined;
  return held && typeof held === 'object' && 'elementType' in held ? held : undefined;
}

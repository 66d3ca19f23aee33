/** Changes to graphs that more than one part of the compiler needs. */
import { OutlierExposureError } from '../errors.ts';
import { Graph, type Node } from './graph.ts';
import type { TensorType } from './tensor.ts';

/** Replaces named dimensions (`{ batch: 150 }`) of the inputs by numbers; outputs lose their types, to be inferred anew. */
export function bindDimensions(graph: Graph, values: Readonly<Record<string, number>>): void {
  for (const [name, type] of graph.inputs) {
    const shape = type.shape?.map((dimension) =>
      typeof dimension === 'string' && Object.hasOwn(values, dimension) ? values[dimension]! : dimension,
    );
    graph.inputs.set(name, { ...type, shape });
  }
  for (const name of graph.outputs.keys()) graph.outputs.set(name, undefined);
}

/** Turns initializers into inputs of the same name and type: parameters become something to feed. */
export function initializersToInputs(graph: Graph, names: Iterable<string>): void {
  for (const name of names) {
    const tensor = graph.initializers.get(name);
    if (!tensor) throw new OutlierExposureError('not-found', `The graph has no initializer named "${name}".`);
    graph.initializers.delete(name);
    graph.inputs.set(name, { elementType: tensor.elementType, shape: tensor.shape });
  }
}

/** Removes nodes and initializers from which no output can be reached. */
export function removeUnused(graph: Graph): void {
  const wanted = new Set(graph.outputs.keys());
  const kept: Node[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((output) => wanted.has(output))) continue;
    kept.push(node);
    for (const input of inputsOf(node)) wanted.add(input);
  }
  graph.nodes = kept.reverse();
  for (const name of graph.initializers.keys()) if (!wanted.has(name)) graph.initializers.delete(name);
}

/** What a node reads, the values that its subgraphs take from outside included. */
export function inputsOf(node: Node): string[] {
  const inputs = node.inputs.filter((input) => input !== '');
  for (const attribute of Object.values(node.attributes)) {
    if (attribute instanceof Graph) inputs.push(...outerValues(attribute));
  }
  return inputs;
}

function outerValues(graph: Graph): string[] {
  const own = new Set([...graph.inputs.keys(), ...graph.initializers.keys()]);
  for (const node of graph.nodes) for (const output of node.outputs) own.add(output);
  return [...graph.nodes.flatMap(inputsOf), ...graph.outputs.keys()].filter((value) => !own.has(value));
}

/** The shape of a type when every dimension is a known number. */
export function staticShape(type: TensorType | undefined): readonly number[] | undefined {
  const shape = type?.shape;
  return shape?.every((dimension) => typeof dimension === 'number')
    ? (shape as readonly number[])
    : undefined;
}

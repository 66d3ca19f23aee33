/** A model inside of a larger graph, once or several times, with parameters that are the graph's inputs. */
import { OutlierExposureError } from '../../errors.ts';
import { inputsOf } from '../../onnx/edit.ts';
import { Graph, type Model, type Node } from '../../onnx/index.ts';

export interface PassOptions {
  /** What the names of the pass's values begin with. */
  prefix: string;
  /** The value that takes the place of the model's input. */
  input: string;
  /** The names of the graph's values that take the places of parameters; further initializers become constants. */
  parameters: ReadonlyMap<string, string>;
}

/**
 * Adds a model's nodes.
 *
 * @param model with one input and one output
 * @returns the name of its output in the graph
 * @throws OutlierExposureError `unsupported` for models with branches or loops
 */
export function addPass(
  graph: Graph,
  { graph: own }: Model,
  { prefix, input, parameters }: PassOptions,
): string {
  const names = new Map([['', ''], [[...own.inputs.keys()][0]!, input], ...parameters]);
  const rename = (name: string) => {
    let renamed = names.get(name);
    if (renamed === undefined) {
      renamed = graph.unique(`${prefix}${name}`);
      names.set(name, renamed);
    }
    return renamed;
  };
  for (const [name, tensor] of own.initializers)
    if (!parameters.has(name)) graph.initializers.set(rename(name), tensor);
  for (const node of own.nodes) {
    if (Object.values(node.attributes).some((value) => value instanceof Graph)) {
      throw new OutlierExposureError(
        'unsupported',
        `A model with a graph inside of a node (${node.op} "${node.name}") cannot be trained with synthetic outliers: export it without branches and loops.`,
      );
    }
    graph.nodes.push({
      ...node,
      name: `${prefix}${node.name}`,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    });
  }
  return rename([...own.outputs.keys()][0]!);
}

/** The initializers that a model's batch normalizations keep their averages in. */
export function runningStatistics({ graph }: Model): Set<string> {
  return new Set(
    graph.nodes.flatMap(({ op, inputs }) => (op === 'BatchNormalization' ? inputs.slice(3) : [])),
  );
}

/**
 * Puts values of the graph in the places of inputs, which are there no longer, and sorts the nodes anew. What is
 * differentiated with the inputs in their places does not look behind them.
 *
 * @param values the value for each input
 */
export function connect(graph: Graph, values: ReadonlyMap<string, string>): void {
  for (const name of values.keys()) graph.inputs.delete(name);
  // A value may stand for an input that another one stands for.
  const end = (name: string): string => (values.has(name) ? end(values.get(name)!) : name);
  for (const node of graph.nodes) node.inputs = node.inputs.map(end);
  graph.nodes = sorted(graph.nodes);
}

/** Each node behind those whose values it takes, otherwise in the order that they had. */
function sorted(nodes: readonly Node[]): Node[] {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const placed = new Set<Node>();
  const order: Node[] = [];
  for (const start of nodes) {
    const waiting = [start];
    while (waiting.length > 0) {
      const node = waiting.at(-1)!;
      const missing = inputsOf(node).flatMap((input) => {
        const producer = producers.get(input);
        return producer && !placed.has(producer) ? [producer] : [];
      });
      if (missing.length > 0 && !placed.has(node)) {
        if (waiting.length > nodes.length) throw new Error('The nodes of a training step run in a circle.');
        waiting.push(...missing.slice(0, 1));
        continue;
      }
      waiting.pop();
      if (!placed.has(node)) order.push(node);
      placed.add(node);
    }
  }
  return order;
}

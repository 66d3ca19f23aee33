/** The one representation of a program: an ONNX graph, as plain data that code can read, build and edit. */
import { OutlierExposureError } from '../errors.ts';
import type { ElementType, TensorData, TensorType } from './tensor.ts';
import { int64, scalar } from './tensor.ts';

/** Marks a number as a float attribute; a bare number is an int one, as ONNX tells the two apart. */
export class FloatAttribute {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Marks numbers as a floats attribute. */
export class FloatsAttribute {
  readonly values: readonly number[];
  constructor(values: readonly number[]) {
    this.values = values;
  }
}

/** An attribute: int, ints, string, strings, {@link FloatAttribute}, {@link FloatsAttribute}, tensor or subgraph. */
export type Attribute =
  | number
  | readonly number[]
  | string
  | readonly string[]
  | FloatAttribute
  | FloatsAttribute
  | TensorData
  | Graph;

export interface Node {
  op: string;
  /** `''` is ONNX's own operators; `'com.microsoft'` ONNX Runtime's. */
  domain: string;
  name: string;
  /** Names of values; `''` leaves an optional input out. */
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
  /** Notes that travel with the node and that runtimes ignore. */
  metadata?: Record<string, string>;
}

/** A float attribute's value. */
export function float(value: number): FloatAttribute {
  return new FloatAttribute(value);
}

export class Graph {
  name: string;
  readonly inputs = new Map<string, TensorType>();
  /** Types are optional: ONNX Runtime infers what is missing. */
  readonly outputs = new Map<string, TensorType | undefined>();
  readonly initializers = new Map<string, TensorData>();
  nodes: Node[] = [];

  readonly #taken = new Set<string>();
  readonly #counters = new Map<string, number>();
  readonly #constants = new Map<string, string>();

  constructor(name = 'graph') {
    this.name = name;
  }

  addInput(name: string, elementType: ElementType, shape: TensorType['shape']): string {
    this.inputs.set(this.#take(name), { elementType, shape });
    return name;
  }

  addOutput(value: string, type?: TensorType): void {
    this.outputs.set(value, type);
  }

  /** Stores a tensor (a parameter, say) under its name. */
  addInitializer(name: string, tensor: TensorData): string {
    this.initializers.set(this.#take(name), tensor);
    return name;
  }

  /**
   * Adds a node with one output, and returns the name of that output.
   *
   * @param inputs names of values; `''` or `undefined` leaves an optional input out
   */
  add(
    op: string,
    inputs: readonly (string | undefined)[],
    attributes: Record<string, Attribute> = {},
    options: NodeOptions = {},
  ): string {
    return this.addMany(op, inputs, 1, attributes, options)[0]!;
  }

  /** Adds a node with `count` outputs, and returns their names. */
  addMany(
    op: string,
    inputs: readonly (string | undefined)[],
    count: number,
    attributes: Record<string, Attribute> = {},
    { name = op, domain = '', metadata }: NodeOptions = {},
  ): string[] {
    const outputs = Array.from({ length: count }, (_, i) => this.unique(count === 1 ? name : `${name}.${i}`));
    const node: Node = {
      op,
      domain,
      name: outputs[0]!,
      inputs: inputs.map((input) => input ?? ''),
      outputs,
      attributes,
    };
    if (metadata) node.metadata = metadata;
    this.nodes.push(node);
    return outputs;
  }

  /** A constant number; the same number of the same type is stored once. */
  scalar(value: number, elementType: ElementType = 'float32'): string {
    return this.#constant(`${elementType}:${Object.is(value, -0) ? '-0' : value}`, 'scalar', () =>
      scalar(value, elementType),
    );
  }

  /** A constant int64 vector: axes, shapes, pads. Stored once. */
  ints(values: readonly number[]): string {
    return this.#constant(`int64:[${values}]`, 'ints', () => int64(values));
  }

  /** Stores a constant tensor under a fresh name. */
  constant(tensor: TensorData, hint = 'constant'): string {
    const name = this.unique(hint);
    this.initializers.set(name, tensor);
    return name;
  }

  /** A name that nothing in the graph has yet. */
  unique(hint: string): string {
    for (;;) {
      const count = this.#counters.get(hint) ?? 0;
      this.#counters.set(hint, count + 1);
      const name = count === 0 ? hint : `${hint}.${count}`;
      if (!this.#taken.has(name)) return this.#take(name);
    }
  }

  /** Makes a name known as taken; readers call this for what they add themselves. */
  reserve(name: string): void {
    this.#taken.add(name);
  }

  /** Makes every name of another graph known as taken: a subgraph's, say. */
  reserveAll(other: Graph): void {
    for (const name of other.#taken) this.#taken.add(name);
  }

  /** The node that makes a value, for every value that a node makes. */
  producers(): Map<string, Node> {
    const producers = new Map<string, Node>();
    for (const node of this.nodes) for (const output of node.outputs) producers.set(output, node);
    return producers;
  }

  /** A copy that can be changed without changing this one; tensors are shared. */
  clone(): Graph {
    const copy = new Graph(this.name);
    for (const [name, type] of this.inputs) copy.inputs.set(name, type);
    for (const [name, type] of this.outputs) copy.outputs.set(name, type);
    for (const [name, tensor] of this.initializers) copy.initializers.set(name, tensor);
    copy.nodes = this.nodes.map((node) => ({
      ...node,
      inputs: [...node.inputs],
      outputs: [...node.outputs],
      attributes: Object.fromEntries(
        Object.entries(node.attributes).map(([name, value]) => [
          name,
          value instanceof Graph ? value.clone() : value,
        ]),
      ),
      ...(node.metadata ? { metadata: { ...node.metadata } } : {}),
    }));
    copy.reserveAll(this);
    return copy;
  }

  #constant(key: string, hint: string, make: () => TensorData): string {
    let name = this.#constants.get(key);
    // A clean-up may have removed a constant that nothing used.
    if (name === undefined || !this.initializers.has(name)) {
      name = this.constant(make(), hint);
      this.#constants.set(key, name);
    }
    return name;
  }

  #take(name: string): string {
    if (this.#taken.has(name)) {
      throw new OutlierExposureError(
        'invalid-argument',
        `The graph "${this.name}" already has a value named "${name}"; names must differ.`,
      );
    }
    this.#taken.add(name);
    return name;
  }
}

export interface NodeOptions {
  /** What the node and its output are called, made unique. */
  name?: string;
  domain?: string;
  metadata?: Record<string, string>;
}

/** A graph with what a file needs around it. */
export interface Model {
  graph: Graph;
  /** Operator set versions by domain. */
  opsets: Map<string, number>;
  irVersion: number;
  /** Free text by key; travels in the file. */
  metadata: Map<string, string>;
}

/** The version of ONNX's operators that our layers and gradient rules are written in. */
export const OPSET = 21;

/** Wraps a graph as a model in our operator set. */
export function createModel(graph: Graph, metadata: Iterable<[string, string]> = []): Model {
  const domains = graph.nodes.flatMap(({ domain }) => (domain === '' ? [] : [domain]));
  return {
    graph,
    opsets: new Map([['', OPSET], ...['com.microsoft', ...domains].map((domain) => [domain, 1] as const)]),
    irVersion: 10,
    metadata: new Map(metadata),
  };
}

/** What a gradient rule is, and what it may use. */
import { OutlierExposureError } from '../errors.ts';
import {
  type Attribute,
  dataTypeOf,
  type ElementType,
  FloatAttribute,
  type Graph,
  type Node,
  staticShape,
  type TensorData,
  type TensorType,
  zeros,
} from '../onnx/index.ts';
import type { Abilities } from '../runtime/abilities.ts';

/**
 * The vector-Jacobian product of one operator: given the gradients of a node's outputs, adds nodes that compute
 * the gradients of its inputs, and returns their names, one an input. `undefined` stands for zero. It may also put
 * other nodes in the place of its own, which give the same outputs and more that the gradient needs.
 */
export type GradientRule = (context: RuleContext) => readonly (string | undefined)[];

/** One node, seen by its rule. Shapes are numbers throughout: dimensions are bound before differentiation. */
export class RuleContext {
  readonly node: Node;
  readonly graph: Graph;
  /** The gradients of the node's outputs; `undefined` where nothing depends on an output. */
  readonly gradients: readonly (string | undefined)[];
  /** What ONNX Runtime can do where the gradient will run. */
  readonly abilities: Abilities;
  readonly #types: ReadonlyMap<string, TensorType>;
  readonly #wanted: ReadonlySet<string>;

  constructor(
    node: Node,
    graph: Graph,
    gradients: readonly (string | undefined)[],
    types: ReadonlyMap<string, TensorType>,
    wanted: ReadonlySet<string>,
    abilities: Abilities,
  ) {
    this.node = node;
    this.graph = graph;
    this.gradients = gradients;
    this.abilities = abilities;
    this.#types = types;
    this.#wanted = wanted;
  }

  /** The name of input `i`. */
  input(i: number): string {
    return this.node.inputs[i]!;
  }

  /** The name of output `i`. */
  output(i = 0): string {
    return this.node.outputs[i]!;
  }

  /** Whether the node has input `i` and its gradient leads anywhere. */
  needs(i: number): boolean {
    const name = this.node.inputs[i];
    return name !== undefined && name !== '' && this.#wanted.has(name);
  }

  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== '';
  }

  /** The gradient of the node's first output, which single-output operators always have. */
  get gradient(): string {
    return this.gradients[0]!;
  }

  shape(value: string): readonly number[] {
    const shape = staticShape(this.#types.get(value));
    if (!shape) {
      throw this.unsupported(
        `the shape of "${value}" is not known: bind every named dimension (the batch size, say) to a number first`,
      );
    }
    return shape;
  }

  elementType(value: string): ElementType {
    return this.#types.get(value)!.elementType;
  }

  /** Adds a node named after the one being differentiated. */
  add(
    op: string,
    inputs: readonly (string | undefined)[],
    attributes: Record<string, Attribute> = {},
  ): string {
    return this.graph.add(op, inputs, attributes, { name: `grad/${this.node.name}/${op}` });
  }

  /** A constant of the element type of a value of this node. */
  scalar(value: number, like: string = this.output()): string {
    return this.graph.scalar(value, this.elementType(like));
  }

  ints(values: readonly number[]): string {
    return this.graph.ints(values);
  }

  int(name: string, fallback: number): number {
    return (this.node.attributes[name] as number | undefined) ?? fallback;
  }

  intList(name: string): readonly number[] | undefined {
    return this.node.attributes[name] as readonly number[] | undefined;
  }

  float(name: string, fallback: number): number {
    const attribute = this.node.attributes[name];
    return attribute instanceof FloatAttribute ? attribute.value : fallback;
  }

  string(name: string, fallback: string): string {
    return (this.node.attributes[name] as string | undefined) ?? fallback;
  }

  /** The numbers of an input where they are constant; `undefined` when they are computed or fed, or not there. */
  fixed(i: number): number[] | undefined {
    if (!this.has(i)) return undefined;
    const name = this.input(i);
    const tensor = this.graph.initializers.get(name) ?? constantNode(this.graph, name);
    return tensor && Array.from(tensor.data as Iterable<number | bigint>, Number);
  }

  /** The numbers of an input that must be constant, such as axes or pads; `undefined` when the node lacks it. */
  constantInput(i: number): number[] | undefined {
    const values = this.fixed(i);
    if (values === undefined && this.has(i)) {
      throw this.unsupported(
        `its input "${this.input(i)}" is computed, but its gradient needs it to be constant`,
      );
    }
    return values;
  }

  /** Sums a gradient over the dimensions along which its value was broadcast. */
  sumTo(gradient: string, from: readonly number[], to: readonly number[]): string {
    if (sameShape(from, to)) return gradient;
    const lead = from.length - to.length;
    const axes = from.flatMap((size, axis) =>
      axis < lead || (to[axis - lead] === 1 && size !== 1) ? [axis] : [],
    );
    const summed =
      axes.length > 0 ? this.add('ReduceSum', [gradient, this.ints(axes)], { keepdims: 1 }) : gradient;
    return lead > 0 ? this.reshape(summed, to) : summed;
  }

  reshape(value: string, shape: readonly number[]): string {
    // Without allowzero a 0 would mean "as in the input".
    return this.add('Reshape', [value, this.ints(shape)], shape.includes(0) ? { allowzero: 1 } : {});
  }

  expand(value: string, shape: readonly number[]): string {
    // ONNX Runtime takes away an Expand of one row to none.
    if (shape.includes(0)) {
      const elementType = this.elementType(this.output()) as Exclude<ElementType, 'string'>;
      return this.graph.constant({ elementType, shape, data: zeros(elementType, 0) }, 'empty');
    }
    return this.add('Expand', [value, this.ints(shape)]);
  }

  /**
   * A value in the element type of another: an exponent (int64, say) need not have its base's.
   *
   * @param typed a value of the node that has the same type as `value`, when that one is new
   */
  castLike(value: string, like: string, typed: string = value): string {
    const to = this.elementType(like);
    return this.elementType(typed) === to ? value : this.add('Cast', [value], { to: dataTypeOf(to) });
  }

  /** A tensor of zeros. */
  zeros(shape: readonly number[], like: string = this.output()): string {
    return this.expand(this.scalar(0, like), shape);
  }

  unsupported(why: string): OutlierExposureError {
    return new OutlierExposureError(
      'unsupported',
      `The gradient of ${this.node.op} (node "${this.node.name || this.node.outputs[0]}") cannot be built: ${why}.`,
    );
  }
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function constantNode(graph: Graph, name: string): TensorData | undefined {
  const node = graph.nodes.find(({ op, outputs }) => op === 'Constant' && outputs[0] === name);
  if (!node) return undefined;
  const { value, value_int, value_ints } = node.attributes;
  if (value_int !== undefined)
    return { elementType: 'int64', shape: [], data: BigInt64Array.of(BigInt(value_int as number)) };
  if (value_ints !== undefined) {
    const data = BigInt64Array.from(value_ints as number[], BigInt);
    return { elementType: 'int64', shape: [data.length], data };
  }
  return value as TensorData | undefined;
}

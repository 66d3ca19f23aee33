/** What the gradients of recurrent layers share: directions, masks, and the sweep back through time. */
import { Graph } from '../../onnx/index.ts';
import type { RuleContext } from '../rule.ts';

/** The sizes of a recurrent layer: T time steps, N examples, I inputs, H hidden values, D directions. */
export interface Sizes {
  time: number;
  batch: number;
  inputs: number;
  hidden: number;
  directions: number;
}

/** The parameters of one direction. */
export interface Parameters {
  /** [gates · H, I] */
  weight: string;
  /** [gates · H, H] */
  recurrent: string;
  /** [gates · H] each; undefined where the layer has no bias. */
  biases: { input: string; recurrent: string } | undefined;
}

/** One direction of a layer: its parameters, and its states over time. */
export interface Direction extends Parameters {
  reverse: boolean;
  /** The state before each step, [T, N, H]. */
  previous: string;
  /** The gradient of each step's state, as far as it comes from outside, [T, N, H]; undefined: none does. */
  stateGradient: string | undefined;
  /** The gradient of the last state, [N, H]. */
  lastGradient: string;
}

export interface Recurrence {
  sizes: Sizes;
  directions: Direction[];
  /** 1 where a step is within its sequence, 0 where it is padding, [T, N, 1]; undefined without lengths. */
  mask: string | undefined;
}

export const INPUTS = { x: 0, weight: 1, recurrent: 2, bias: 3, lengths: 4, initial: 5 } as const;

/** Takes a GRU or LSTM node apart. @param gates how many the layer has */
export function recurrenceOf(c: RuleContext, gates: number): Recurrence {
  checkForm(c);
  const [time, batch, inputs] = c.shape(c.input(INPUTS.x)) as [number, number, number];
  const [count, rows] = c.shape(c.input(INPUTS.weight)) as [number, number];
  const sizes = { time, batch, inputs, hidden: rows / gates, directions: count };
  const mask = c.has(INPUTS.lengths) ? maskOf(c, sizes) : undefined;
  const reversed = c.string('direction', 'forward') === 'reverse';
  // The layer may have been asked for its last state alone; the gradient needs all of them.
  const states = (c.node.outputs[0] ||= c.graph.unique(`${c.node.name}/states`));
  const directions = Array.from({ length: count }, (_, at): Direction => {
    const reverse = reversed || at === 1;
    const own = c.reshape(pick(c, states, 1, at), [time, batch, sizes.hidden]);
    const initial = c.has(INPUTS.initial)
      ? c.reshape(pick(c, c.input(INPUTS.initial), 0, at), [1, batch, sizes.hidden])
      : c.zeros([1, batch, sizes.hidden], c.input(INPUTS.x));
    return {
      reverse,
      ...parametersOf(c, at),
      previous: shifted(c, own, initial, sizes, reverse, mask),
      stateGradient:
        c.gradients[0] === undefined ? undefined : gradientPart(c, 0, 1, at, [time, batch, sizes.hidden]),
      lastGradient: gradientPart(c, 1, 0, at, [batch, sizes.hidden]),
    };
  });
  return { sizes, directions, mask };
}

/** @throws OutlierExposureError `unsupported` for forms of a GRU or LSTM that the rules do not know */
export function checkForm(c: RuleContext): void {
  for (const name of ['activations', 'activation_alpha', 'activation_beta', 'clip']) {
    if (c.node.attributes[name] !== undefined) throw c.unsupported(`it has the attribute ${name}`);
  }
  if (c.int('layout', 0) !== 0) throw c.unsupported('it has the examples first (layout 1); put time first');
}

/** Takes the parameters of a direction out of the layer's. */
export function parametersOf(c: RuleContext, at: number): Parameters {
  const [, rows, inputs] = c.shape(c.input(INPUTS.weight)) as [number, number, number];
  const hidden = c.shape(c.input(INPUTS.recurrent))[2]!;
  const bias = c.has(INPUTS.bias) ? c.reshape(pick(c, c.input(INPUTS.bias), 0, at), [-1]) : undefined;
  return {
    weight: c.reshape(pick(c, c.input(INPUTS.weight), 0, at), [rows, inputs]),
    recurrent: c.reshape(pick(c, c.input(INPUTS.recurrent), 0, at), [rows, hidden]),
    biases:
      bias === undefined
        ? undefined
        : { input: slice(c, bias, 0, 0, rows), recurrent: slice(c, bias, 0, rows, 2 * rows) },
  };
}

/** The gradient of one direction of an output; zeros where nothing depends on it. */
export function gradientPart(
  c: RuleContext,
  output: number,
  axis: number,
  at: number,
  shape: readonly number[],
): string {
  const gradient = c.gradients[output];
  return gradient === undefined
    ? c.zeros(shape, c.input(INPUTS.x))
    : c.reshape(pick(c, gradient, axis, at), shape);
}

/** One index of an axis, which stays with size 1. */
export function pick(c: RuleContext, value: string, axis: number, at: number): string {
  return slice(c, value, axis, at, at + 1);
}

export function slice(c: RuleContext, value: string, axis: number, from: number, to: number): string {
  return c.add('Slice', [value, c.ints([from]), c.ints([to]), c.ints([axis])]);
}

/** Activations of gates before their nonlinearity, [T, N, gates · H]: values · weightᵀ + bias. */
export function projected(c: RuleContext, values: string, weight: string, bias: string | undefined): string {
  const product = c.add('MatMul', [values, c.add('Transpose', [weight], { perm: [1, 0] })]);
  return bias === undefined ? product : c.add('Add', [product, bias]);
}

/** What each step began with: the state of the one before, in the direction's own order of time. */
export function shifted(
  c: RuleContext,
  states: string,
  initial: string,
  { time }: Sizes,
  reverse: boolean,
  mask: string | undefined,
): string {
  if (time === 1) return initial;
  if (!reverse) return c.add('Concat', [initial, slice(c, states, 0, 0, time - 1)], { axis: 0 });
  const later = slice(c, states, 0, 1, time);
  // Backwards, a sequence begins where its padding ends.
  const begun = mask && c.add('Cast', [slice(c, mask, 0, 1, time)], { to: BOOL });
  const known = begun ? c.add('Where', [begun, later, initial]) : later;
  return c.add('Concat', [known, initial], { axis: 0 });
}

const BOOL = 9;

function maskOf(c: RuleContext, { time, batch }: Sizes): string {
  const steps = c.graph.constant(
    { elementType: 'int32', shape: [time, 1], data: Int32Array.from({ length: time }, (_, i) => i) },
    'steps',
  );
  const inside = c.add('Less', [steps, c.reshape(c.input(INPUTS.lengths), [1, batch])]);
  return c.reshape(c.add('CastLike', [inside, c.input(INPUTS.x)]), [time, batch, 1]);
}

export interface Sweep {
  /** Carried from step to step; the values at the beginning. */
  carried: readonly string[];
  /** [T, …] each; the body sees a step of each. */
  sequences: readonly string[];
  /** Which way the steps are taken. */
  direction: 'up' | 'down';
  /**
   * Adds the step's nodes to `body`, which may use values of the graph around it.
   *
   * @returns what to carry on, and what to keep of each step
   */
  step: (body: Graph, carried: string[], step: string[]) => { carried: string[]; kept: string[] };
}

/** A loop over time (ONNX `Scan`). @returns what was carried to the end, then what was kept, [T, …] each */
export function sweep(c: RuleContext, { carried, sequences, direction, step }: Sweep): string[] {
  const body = new Graph('step');
  body.reserveAll(c.graph);
  const elementType = c.elementType(c.input(INPUTS.x));
  const name = (hint: string) => body.unique(`grad/${c.node.name}/${hint}`);
  const input = (hint: string) => {
    const value = name(hint);
    body.inputs.set(value, { elementType, shape: undefined });
    return value;
  };
  const result = step(
    body,
    carried.map(() => input('carried')),
    sequences.map(() => input('step')),
  );
  const made = new Set(body.nodes.flatMap((node) => node.outputs));
  const outputs = [...result.carried, ...result.kept].map((value) => {
    // An output needs a name of its own.
    const own = made.delete(value);
    const output = own ? value : body.add('Identity', [value], {}, { name: name('next') });
    body.addOutput(output, { elementType, shape: undefined });
    return output;
  });
  c.graph.reserveAll(body);
  const backward = direction === 'down' ? 1 : 0;
  return c.graph.addMany(
    'Scan',
    [...carried, ...sequences],
    outputs.length,
    {
      body,
      num_scan_inputs: sequences.length,
      scan_input_directions: sequences.map(() => backward),
      scan_output_directions: result.kept.map(() => backward),
    },
    { name: `grad/${c.node.name}/Scan` },
  );
}

/** 1 − x. */
export function complement(c: RuleContext, value: string): string {
  return c.add('Sub', [c.scalar(1, c.input(INPUTS.x)), value]);
}

/** The slope of a gate by its value: y · (1 − y). */
export function sigmoidSlope(c: RuleContext, gate: string): string {
  return c.add('Mul', [gate, complement(c, gate)]);
}

/** The slope of a tanh by its value: 1 − y². */
export function tanhSlope(c: RuleContext, value: string): string {
  return complement(c, c.add('Mul', [value, value]));
}

/** The gradient of some of a layer's gates: those whose parameters are the rows `from` to `to`. */
export interface Part {
  value: string;
  from: number;
  to: number;
}

/** What one direction gives to the layer's inputs, one after the other as the node has them; undefined: not wanted. */
export interface DirectionGradients {
  /** Of the gates by way of the inputs, [T, N, gates · H] when put together along the last axis. */
  gates: readonly Part[];
  /** Of the gates by way of the state before. */
  recurrentGates: readonly Part[];
  /** Of the first state, [N, H]. */
  initial: string;
}

/** Gathers the directions' gradients into those of X, W, R, B, (lengths,) and the first state. */
export function gathered(
  c: RuleContext,
  { sizes, directions }: Recurrence,
  gradients: readonly DirectionGradients[],
): (string | undefined)[] {
  const { time, batch, inputs, hidden } = sizes;
  const flat = (value: string) => c.reshape(value, [time * batch, -1]);
  const joined = (values: string[]) =>
    values.length === 1 ? values[0]! : c.add('Concat', values, { axis: 0 });
  const sums = (gates: readonly Part[]) =>
    gates.map(({ value }) => c.add('ReduceSum', [flat(value), c.ints([0])], { keepdims: 0 }));
  const outer = (gates: readonly Part[], values: string) =>
    joined(gates.map(({ value }) => c.add('Gemm', [flat(value), flat(values)], { transA: 1 })));
  const through = (gates: readonly Part[], weight: string) =>
    gates.reduce<string | undefined>(
      (sum, { value, from, to }) => c.add('Gemm', [flat(value), slice(c, weight, 0, from, to), sum]),
      undefined,
    )!;
  const stacked = (parts: string[]) => {
    const each = parts.map((part) => c.add('Unsqueeze', [part, c.ints([0])]));
    return each.length === 1 ? each[0]! : c.add('Concat', each, { axis: 0 });
  };
  const collect = (at: number, part: (direction: Direction, of: DirectionGradients) => string) =>
    c.needs(at) ? stacked(directions.map((direction, i) => part(direction, gradients[i]!))) : undefined;
  const x = c.input(INPUTS.x);
  let toInput: string | undefined;
  if (c.needs(INPUTS.x)) {
    const parts = directions.map(({ weight }, i) => through(gradients[i]!.gates, weight));
    const total = parts.length === 1 ? parts[0]! : c.add('Add', [parts[0]!, parts[1]!]);
    toInput = c.reshape(total, [time, batch, inputs]);
  }
  return [
    toInput,
    collect(INPUTS.weight, (_, { gates }) => outer(gates, x)),
    collect(INPUTS.recurrent, ({ previous }, { recurrentGates }) => outer(recurrentGates, previous)),
    collect(INPUTS.bias, (_, { gates, recurrentGates }) => joined([...sums(gates), ...sums(recurrentGates)])),
    undefined,
    collect(INPUTS.initial, (_, { initial }) => c.reshape(initial, [batch, hidden])),
  ];
}

/** Padding hands the gradient on as it is. */
export function passedOn(body: Graph, next: string, carried: string, inside: string): string {
  const unmoved = body.add('Sub', [carried, body.add('Mul', [carried, inside])]);
  return body.add('Add', [next, unmoved]);
}

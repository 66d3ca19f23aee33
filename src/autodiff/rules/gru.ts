/**
 * The gradient of gated recurrent units: h' = (1 − z) · n + z · h, where z (update) and r (reset) are sigmoids and
 * n = tanh(a + r · b), with a from the step's input and b from the state before (Cho et al. 2014).
 */
import type { RuleContext } from '../rule.ts';
import {
  checkForm,
  complement,
  type Direction,
  type DirectionGradients,
  INPUTS,
  type Parameters,
  parametersOf,
  passedOn,
  pick,
  projected,
  type Recurrence,
  sigmoidSlope,
  slice,
  sweep,
  tanhSlope,
} from './recurrence.ts';

/** What the gates were at each step, [T, N, H] each, `both` [T, N, 2 · H]. */
export interface GruGates {
  /** z and r together. */
  both: string;
  update: string;
  reset: string;
  /** n. */
  fresh: string;
  /** b, the part of n from the state before, without r. */
  candidate: string;
}

/**
 * ONNX's operator gives the states alone, and computing the gates again from them takes a third of the whole step's
 * time. So where training goes through a layer, a loop that keeps its gates takes the operator's place.
 *
 * @returns the gates of the layer's one direction; none where the layer has two, or sequences of several lengths,
 * and stays as it is
 */
export function keptGates(c: RuleContext): GruGates[] {
  checkForm(c);
  const { node, graph } = c;
  const direction = c.string('direction', 'forward');
  if (direction === 'bidirectional' || c.has(INPUTS.lengths)) return [];
  const others = graph.nodes.length;
  const hidden = c.shape(c.input(INPUTS.recurrent))[2]!;
  const batch = c.shape(c.input(INPUTS.x))[1]!;
  const own = partsOf(c, parametersOf(c, 0), hidden);
  const initial = c.has(INPUTS.initial)
    ? c.reshape(pick(c, c.input(INPUTS.initial), 0, 0), [batch, hidden])
    : c.zeros([batch, hidden], c.input(INPUTS.x));
  const ofBoth = own.biases && c.add('Add', [own.biases.input.both, own.biases.recurrent.both]);
  const [last, states, both, update, reset, fresh, candidate] = sweep(c, {
    carried: [initial],
    sequences: [
      projected(c, c.input(INPUTS.x), own.weight.both, ofBoth),
      projected(c, c.input(INPUTS.x), own.weight.fresh, own.biases?.input.fresh),
    ],
    direction: direction === 'reverse' ? 'down' : 'up',
    step(body, [state], [fromInput, freshFromInput]) {
      const product = (weight: string, more?: string) =>
        body.add('Gemm', [state, weight, ...(more === undefined ? [] : [more])], { transB: 1 });
      const both = body.add('Sigmoid', [product(own.recurrent.both, fromInput!)]);
      const [update, reset] = body.addMany('Split', [both], 2, { axis: 1, num_outputs: 2 });
      const candidate = product(own.recurrent.fresh, own.biases?.recurrent.fresh);
      const reached = body.add('Mul', [reset, candidate]);
      const fresh = body.add('Tanh', [body.add('Add', [freshFromInput, reached])]);
      const kept = body.add('Mul', [update, body.add('Sub', [state, fresh])]);
      const next = body.add('Add', [fresh, kept]);
      return { carried: [next], kept: [next, both, update!, reset!, fresh, candidate] };
    },
  }) as [string, string, string, string, string, string, string];
  const outputs = [c.add('Unsqueeze', [states, c.ints([1])]), c.add('Unsqueeze', [last, c.ints([0])])];
  const added = graph.nodes.splice(others);
  for (const [i, value] of outputs.entries()) {
    const name = node.outputs[i] ?? '';
    if (name !== '') added.find((each) => each.outputs[0] === value)!.outputs[0] = name;
  }
  graph.nodes.splice(graph.nodes.indexOf(node), 1, ...added);
  // The gradient needs all states, whatever outputs the layer had.
  node.outputs[0] ||= outputs[0]!;
  return [{ both, update, reset, fresh, candidate }];
}

/** A GRU's parameters by gates: those of z and r, and those of n. */
function partsOf(c: RuleContext, { weight, recurrent, biases }: Parameters, hidden: number) {
  const split = (value: string) => ({
    both: slice(c, value, 0, 0, 2 * hidden),
    fresh: slice(c, value, 0, 2 * hidden, 3 * hidden),
  });
  return {
    weight: split(weight),
    recurrent: split(recurrent),
    biases: biases && { input: split(biases.input), recurrent: split(biases.recurrent) },
  };
}

type Parts = ReturnType<typeof partsOf>;

/** The gates from the states, by large products over all steps. */
function gatesAgain(c: RuleContext, previous: string, parts: Parts, hidden: number): GruGates {
  const from = (values: string, weight: 'weight' | 'recurrent', gates: 'both' | 'fresh') =>
    projected(
      c,
      values,
      parts[weight][gates],
      parts.biases?.[weight === 'weight' ? 'input' : 'recurrent'][gates],
    );
  const x = c.input(INPUTS.x);
  const both = c.add('Sigmoid', [
    c.add('Add', [from(x, 'weight', 'both'), from(previous, 'recurrent', 'both')]),
  ]);
  const [update, reset] = [slice(c, both, 2, 0, hidden), slice(c, both, 2, hidden, 2 * hidden)];
  const candidate = from(previous, 'recurrent', 'fresh');
  const reached = c.add('Mul', [reset, candidate]);
  const fresh = c.add('Tanh', [c.add('Add', [from(x, 'weight', 'fresh'), reached])]);
  return { both, update, reset, fresh, candidate };
}

/** @param kept the gates, where the forward pass kept them */
export function gru(
  c: RuleContext,
  { sizes, mask }: Recurrence,
  direction: Direction,
  kept: GruGates | undefined,
): DirectionGradients {
  const { time, batch, hidden } = sizes;
  const mul = (a: string, b: string) => c.add('Mul', [a, b]);
  const parts = partsOf(c, direction, hidden);
  const { both, update, reset, fresh, candidate } = kept ?? gatesAgain(c, direction.previous, parts, hidden);
  // How much of the state's gradient reaches each gate.
  const toFresh = mul(complement(c, update), tanhSlope(c, fresh));
  const lines = c.add('Concat', [c.add('Sub', [direction.previous, fresh]), mul(toFresh, candidate)], {
    axis: 2,
  });
  const toBoth = c.reshape(mul(lines, sigmoidSlope(c, both)), [time, batch, 2, hidden]);
  const { stateGradient } = direction;
  const [initial, ofBoth, ofFresh, ofCandidate] = sweep(c, {
    carried: [direction.lastGradient],
    sequences: [
      update,
      toBoth,
      toFresh,
      reset,
      ...(mask ? [mask] : []),
      ...(stateGradient === undefined ? [] : [stateGradient]),
    ],
    direction: direction.reverse ? 'up' : 'down',
    step(body, [carried], [update, toBoth, toFresh, reset, ...more]) {
      const inside = mask && more[0]!;
      const outside = stateGradient === undefined ? undefined : more.at(-1)!;
      const total = outside ? body.add('Add', [carried, outside]) : carried!;
      const state = inside ? body.add('Mul', [total, inside]) : total;
      const row = body.add('Unsqueeze', [state, c.ints([1])]);
      const ofBoth = body.add('Reshape', [body.add('Mul', [row, toBoth]), c.ints([batch, 2 * hidden])]);
      const ofFresh = body.add('Mul', [state, toFresh]);
      const ofCandidate = body.add('Mul', [ofFresh, reset]);
      // Each product adds to what is there.
      const past = body.add('Mul', [state, update]);
      const byBoth = body.add('Gemm', [ofBoth, parts.recurrent.both, past]);
      const next = body.add('Gemm', [ofCandidate, parts.recurrent.fresh, byBoth]);
      return {
        carried: [inside ? passedOn(body, next, carried!, inside) : next],
        kept: [ofBoth, ofFresh, ofCandidate],
      };
    },
  }) as [string, string, string, string];
  const gates = (ofThird: string) => [
    { value: ofBoth, from: 0, to: 2 * hidden },
    { value: ofThird, from: 2 * hidden, to: 3 * hidden },
  ];
  return { gates: gates(ofFresh), recurrentGates: gates(ofCandidate), initial };
}

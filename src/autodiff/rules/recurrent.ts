/**
 * Gradients of recurrent layers. The gates of all time steps come from one large product, since the forward pass gives
 * every state; only the way of the state's gradient from step to step is a loop.
 */
import type { GradientRule, RuleContext } from '../rule.ts';
import { gru, keptGates } from './gru.ts';
import {
  type Direction,
  type DirectionGradients,
  gathered,
  gradientPart,
  passedOn,
  pick,
  projected,
  type Recurrence,
  recurrenceOf,
  sigmoidSlope,
  slice,
  sweep,
  tanhSlope,
} from './recurrence.ts';

export const recurrentRules: Record<string, GradientRule> = {
  GRU: (c) => {
    if (c.int('linear_before_reset', 0) !== 1) {
      throw c.unsupported(
        'its reset gate comes before the product; only linear_before_reset = 1, as PyTorch has it, has a rule',
      );
    }
    const gates = keptGates(c);
    const layer = recurrenceOf(c, 3);
    return gathered(
      c,
      layer,
      layer.directions.map((direction, at) => gru(c, layer, direction, gates[at])),
    );
  },
  LSTM: (c) => {
    if (c.has(7)) throw c.unsupported('it has peepholes');
    if (c.int('input_forget', 0) !== 0) throw c.unsupported('its input and forget gates are coupled');
    const layer = recurrenceOf(c, 4);
    const each = layer.directions.map((direction, at) => lstm(c, layer, direction, at));
    const cells = c.needs(6)
      ? c.add(
          'Concat',
          each.map(({ cell }) => c.add('Unsqueeze', [cell, c.ints([0])])),
          { axis: 0 },
        )
      : undefined;
    return [...gathered(c, layer, each), cells];
  },
};

/** Gates i (input), o (output), f (forget) and g (cell): c' = f · c + i · g and h' = o · tanh(c'). */
function lstm(
  c: RuleContext,
  { sizes, mask }: Recurrence,
  direction: Direction,
  at: number,
): DirectionGradients & { cell: string } {
  const { hidden, batch } = sizes;
  const mul = (a: string, b: string) => c.add('Mul', [a, b]);
  const activations = c.add('Add', [
    projected(c, c.input(0), direction.weight, direction.biases?.input),
    projected(c, direction.previous, direction.recurrent, direction.biases?.recurrent),
  ]);
  const part = (gate: number) => slice(c, activations, 2, gate * hidden, (gate + 1) * hidden);
  const [input, output, forget] = [0, 1, 2].map((gate) => c.add('Sigmoid', [part(gate)])) as [
    string,
    string,
    string,
  ];
  const fresh = c.add('Tanh', [part(3)]);
  const initialCell = c.has(6)
    ? c.reshape(pick(c, c.input(6), 0, at), [batch, hidden])
    : c.zeros([batch, hidden], c.input(0));
  // The forward pass keeps the states of all steps, but not the cells.
  const [, before, cells] = sweep(c, {
    carried: [initialCell],
    sequences: [forget, mul(input, fresh), ...(mask ? [mask] : [])],
    direction: direction.reverse ? 'down' : 'up',
    step(body, [cell], [forget, added, inside]) {
      const moved = body.add('Add', [body.add('Mul', [cell!, forget!]), added!]);
      const next = inside
        ? body.add('Add', [cell!, body.add('Mul', [body.add('Sub', [moved, cell!]), inside])])
        : moved;
      return { carried: [next], kept: [cell!, next] };
    },
  }) as [string, string, string];
  const shown = c.add('Tanh', [cells]);
  const toCell = mul(output, tanhSlope(c, shown));
  const shares = c.add(
    'Concat',
    [
      mul(fresh, sigmoidSlope(c, input)),
      mul(shown, sigmoidSlope(c, output)),
      mul(before, sigmoidSlope(c, forget)),
      mul(input, tanhSlope(c, fresh)),
    ],
    { axis: 2 },
  );
  const [initial, cell, gates] = sweep(c, {
    carried: [direction.lastGradient, gradientPart(c, 2, 0, at, [batch, hidden])],
    sequences: [
      direction.stateGradient ?? c.zeros([sizes.time, batch, hidden], c.input(0)),
      forget,
      toCell,
      shares,
      ...(mask ? [mask] : []),
    ],
    direction: direction.reverse ? 'up' : 'down',
    step(body, [carriedState, carriedCell], [outside, forget, toCell, shares, inside]) {
      const within = (value: string) => (inside ? body.add('Mul', [value, inside]) : value);
      const state = within(body.add('Add', [carriedState!, outside!]));
      const ofCell = within(body.add('Add', [body.add('Mul', [state, toCell!]), carriedCell!]));
      const each = body.add('Concat', [ofCell, state, ofCell, ofCell], { axis: 1 });
      const gates = body.add('Mul', [each, shares!]);
      const nextState = body.add('MatMul', [gates, direction.recurrent]);
      const nextCell = body.add('Mul', [ofCell, forget!]);
      return {
        carried: inside
          ? [passedOn(body, nextState, carriedState!, inside), passedOn(body, nextCell, carriedCell!, inside)]
          : [nextState, nextCell],
        kept: [gates],
      };
    },
  }) as [string, string, string];
  const all = [{ value: gates, from: 0, to: 4 * hidden }];
  return { gates: all, recurrentGates: all, initial, cell };
}

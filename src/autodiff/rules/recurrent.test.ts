import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Attribute, Graph, TensorData } from '../../onnx/index.ts';
import { checkGradient, describeRules, forAll, randomTensor, seeds } from '../testing.ts';
import { recurrentRules } from './recurrent.ts';

const layers = fc.record({
  random: seeds,
  time: fc.integer({ min: 1, max: 4 }),
  batch: fc.integer({ min: 1, max: 3 }),
  inputs: fc.integer({ min: 1, max: 3 }),
  hidden: fc.integer({ min: 1, max: 3 }),
  direction: fc.constantFrom('forward', 'reverse', 'bidirectional'),
  bias: fc.boolean(),
  /** Whether sequences have lengths of their own, and the rest is padding. */
  lengths: fc.boolean(),
  initial: fc.boolean(),
  /** Which output the loss looks at; the sum of all where there is none of that number. */
  output: fc.nat(3),
});

type Layer = typeof layers extends fc.Arbitrary<infer T> ? T : never;

function check(op: 'GRU' | 'LSTM', layer: Layer): Promise<void> {
  const { random, time, batch, inputs, hidden, direction, bias, lengths, initial } = layer;
  const gates = op === 'GRU' ? 3 : 4;
  const directions = direction === 'bidirectional' ? 2 : 1;
  const tensor = (...shape: number[]) => randomTensor(random, shape, 'float32');
  const tensors: Record<string, TensorData> = {
    x: tensor(time, batch, inputs),
    w: tensor(directions, gates * hidden, inputs),
    r: tensor(directions, gates * hidden, hidden),
  };
  if (bias) tensors.b = tensor(directions, 2 * gates * hidden);
  if (initial) tensors.h = tensor(directions, batch, hidden);
  if (initial && op === 'LSTM') tensors.c = tensor(directions, batch, hidden);
  const attributes: Record<string, Attribute> = { hidden_size: hidden, direction };
  if (op === 'GRU') attributes.linear_before_reset = 1;
  const outputs = op === 'GRU' ? 2 : 3;
  const build = (graph: Graph) => {
    const data = Int32Array.from({ length: batch }, () => 1 + random.integer(time));
    const ofOwn = lengths ? graph.constant({ elementType: 'int32', shape: [batch], data }) : '';
    const has = (name: string) => (name in tensors ? name : '');
    const values = ['x', 'w', 'r', has('b'), ofOwn, has('h'), ...(op === 'LSTM' ? [has('c')] : [])];
    const made = graph.addMany(op, values, outputs, attributes);
    return made[layer.output] ?? made.reduce((sum, value) => graph.add('Add', [sum, value]));
  };
  return checkGradient({ inputs: tensors, build, tolerance: 3e-3 });
}

describeRules(recurrentRules, {
  GRU: () => {
    it('in both directions, over sequences of one length and of several', () =>
      forAll(layers, (layer) => check('GRU', layer), 40));
    it('is refused where the reset gate comes first', async () => {
      const build = (graph: Graph) => graph.addMany('GRU', ['x', 'w', 'r'], 2, { hidden_size: 1 })[0]!;
      const ones = (...shape: number[]): TensorData => ({
        elementType: 'float32',
        shape,
        data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
      });
      const inputs = { x: ones(2, 1, 1), w: ones(1, 3, 1), r: ones(1, 3, 1) };
      await expect(checkGradient({ inputs, build })).rejects.toThrow(/linear_before_reset = 1/);
    });
  },
  LSTM: () => {
    it('in both directions, over sequences of one length and of several', () =>
      forAll(layers, (layer) => check('LSTM', layer), 40));
  },
});

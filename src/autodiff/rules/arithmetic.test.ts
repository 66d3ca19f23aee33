import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createModel, float64, Graph, int64, type TensorData, writeModel } from '../../onnx/index.ts';
import { inferTypes } from '../../runtime/index.ts';
import { differentiate } from '../differentiate.ts';
import {
  broadcastShapes,
  checkGradient,
  describeRules,
  distinctTensor,
  FLOATS,
  forAll,
  randomTensor,
  runtime,
  seeds,
  shapes,
} from '../testing.ts';
import { arithmeticRules } from './arithmetic.ts';

type Range = { low?: number; high?: number };

/** Every broadcast of two operands, and one operand with itself. */
function binary(op: string, left: Range = {}, right: Range = {}) {
  it.each(FLOATS)('with broadcasting, in %s', async (type) => {
    await forAll(
      fc.record({ random: seeds, operands: broadcastShapes(2) }),
      ({ random, operands: [a, b] }) =>
        checkGradient({
          inputs: { a: randomTensor(random, a!, type, left), b: randomTensor(random, b!, type, right) },
          build: (graph) => graph.add(op, ['a', 'b']),
        }),
      25,
    );
  });
  it('of a value with itself', () =>
    forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
      checkGradient({
        inputs: { x: randomTensor(random, shape, 'float64', { low: 0.5, high: 2 }) },
        build: (graph) => graph.add(op, ['x', 'x']),
      }),
    ));
  it('with dimensions of size 0', () =>
    checkGradient({
      inputs: { a: float64([], [0, 3]), b: float64([1, 2, 3], [3]) },
      build: (graph) => graph.add(op, ['a', 'b']),
    }));
}

function unary(op: string, range: Range = {}) {
  it('on random shapes', () =>
    forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
      checkGradient({
        inputs: { x: randomTensor(random, shape, 'float64', range) },
        build: (graph) => graph.add(op, ['x']),
      }),
    ));
}

/** What is linear between kinks or steps, on values apart from them. */
function pieces(op: string) {
  it('away from its kinks', () =>
    forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
      checkGradient({
        inputs: { x: distinctTensor(random, shape) },
        build: (graph) => graph.add(op, ['x']),
        method: 'linear',
      }),
    ));
}

/** Max and Min, on values apart from each other. */
function extreme(op: string) {
  it.each([1, 2, 3])('of %i values, with broadcasting', async (count) => {
    await forAll(fc.record({ random: seeds, operands: broadcastShapes(count) }), ({ random, operands }) => {
      const inputs: Record<string, TensorData> = {};
      for (const [i, shape] of operands.entries()) {
        const tensor = distinctTensor(random, shape, 'float64', 1);
        const shift = 0.1 + i / count;
        inputs[`x${i}`] = { ...tensor, data: (tensor.data as Float64Array).map((value) => value + shift) };
      }
      return checkGradient({
        inputs,
        build: (graph) => graph.add(op, Object.keys(inputs)),
        method: 'linear',
      });
    });
  });
  it('gives the gradient away once where values tie', async () => {
    const gradients = await gradientsAt({ a: float64([1, 2], [2]), b: float64([1], []) }, (graph) =>
      graph.add(op, ['a', 'b']),
    );
    expect([...gradients.a!, ...gradients.b!].reduce((sum, value) => sum + value, 0)).toBe(2);
  });
}

/** The gradients of the sum of what is built. */
async function gradientsAt(
  inputs: Record<string, TensorData>,
  build: (graph: Graph) => string,
): Promise<Record<string, number[]>> {
  const graph = new Graph();
  for (const [name, { elementType, shape }] of Object.entries(inputs))
    graph.addInput(name, elementType, shape);
  const loss = graph.add('ReduceSum', [build(graph)], { keepdims: 0 });
  const gradients = differentiate(graph, await inferTypes(graph, runtime), loss, Object.keys(inputs));
  const outputs = [...gradients].map(
    ([name, gradient]) => [name, graph.add('Identity', [gradient])] as const,
  );
  for (const [, output] of outputs) graph.addOutput(output);
  const session = await runtime.createSession(writeModel(createModel(graph)));
  const results = await session.run(inputs);
  await session.release();
  return Object.fromEntries(
    outputs.map(([name, output]) => [name, [...(results[output]!.data as Float64Array)]]),
  );
}

const away: Range = { low: 0.5, high: 2 };

describeRules(arithmeticRules, {
  Add: () => binary('Add'),
  Mean: () =>
    it('of three values, with broadcasting', () =>
      forAll(fc.record({ random: seeds, operands: broadcastShapes(3) }), ({ random, operands }) => {
        const inputs = Object.fromEntries(
          operands.map((shape, i) => [`x${i}`, randomTensor(random, shape, 'float32')]),
        );
        return checkGradient({
          inputs,
          build: (graph) => graph.add('Mean', Object.keys(inputs)),
          method: 'linear',
        });
      })),
  Sub: () => binary('Sub'),
  Mul: () => binary('Mul'),
  Div: () => binary('Div', {}, away),
  Pow: () => {
    binary('Pow', away);
    it.each([0, 1, 2, 3, -1, 0.5])('to the constant power %d', async (power) => {
      for (const shape of [[], [2]]) {
        const low = Number.isInteger(power) && power >= 0 ? -2 : 0.5;
        await forAll(seeds, (random) =>
          checkGradient({
            inputs: { x: randomTensor(random, [3, 1], 'float64', { low, high: 2 }) },
            build: (graph) =>
              graph.add('Pow', [
                'x',
                graph.constant(float64(shape.length ? [power, power] : [power], shape)),
              ]),
          }),
        );
      }
    });
    it('with an exponent of another type', () =>
      forAll(seeds, async (random) => {
        const x = randomTensor(random, [2, 3], 'float64', away);
        const whole = int64([0, 2, 3]);
        await checkGradient({
          inputs: { x, whole },
          build: (graph) => graph.add('Pow', ['x', 'whole']),
        });
        await checkGradient({
          inputs: { x, p: randomTensor(random, [3], 'float32') },
          build: (graph) => graph.add('Pow', ['x', 'p']),
          wrt: ['x'],
        });
        await checkGradient({
          inputs: { x, p: randomTensor(random, [3], 'float32') },
          build: (graph) => graph.add('Pow', ['x', 'p']),
          wrt: ['p'],
          tolerance: 1e-5,
        });
      }));
    it('of 0 is a number', async () => {
      const { x, p } = await gradientsAt(
        { x: float64([0, 0, 0], [3]), p: float64([0, 1, 2], [3]) },
        (graph) => graph.add('Pow', ['x', 'p']),
      );
      expect(x).toEqual([0, 1, 0]);
      expect(p).toEqual([0, 0, 0]);
    });
  },
  Sum: () => {
    it.each([1, 2, 3])('of %i values, with broadcasting', async (count) => {
      await forAll(fc.record({ random: seeds, operands: broadcastShapes(count) }), ({ random, operands }) => {
        const inputs = Object.fromEntries(
          operands.map((shape, i) => [`x${i}`, randomTensor(random, shape)] as const),
        );
        return checkGradient({
          inputs,
          build: (graph) => graph.add('Sum', [...Object.keys(inputs), 'x0']),
          method: 'linear',
        });
      });
    });
  },
  Max: () => extreme('Max'),
  Min: () => extreme('Min'),
  Neg: () => unary('Neg'),
  Abs: () => pieces('Abs'),
  Sign: () => pieces('Sign'),
  Floor: () => pieces('Floor'),
  Ceil: () => pieces('Ceil'),
  Round: () => pieces('Round'),
  Sqrt: () => unary('Sqrt', away),
  Exp: () => unary('Exp'),
  Log: () => unary('Log', away),
  Reciprocal: () => unary('Reciprocal', away),
});

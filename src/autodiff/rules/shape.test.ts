import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createModel, dataTypeOf, float64, Graph, type TensorData, writeModel } from '../../onnx/index.ts';
import { Random } from '../../random.ts';
import { inferTypes } from '../../runtime/index.ts';
import { differentiate } from '../differentiate.ts';
import {
  broadcastShapes,
  checkGradient,
  describeRules,
  forAll,
  moves,
  randomTensor,
  runtime,
  seeds,
  shapes,
} from '../testing.ts';
import { shapeRules } from './shape.ts';

describeRules(shapeRules, {
  Identity: () => {
    it('passes gradients on', () =>
      forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
        moves(shape, (graph) => graph.add('Identity', ['x']), random),
      ));
  },
  Reshape: () => {
    it('to other ranks, with 0 and −1', () =>
      forAll(fc.record({ random: seeds, shape: shapes(1, 4) }), async ({ random, shape }) => {
        const reshaped = (to: number[]) => (graph: Graph) => graph.add('Reshape', ['x', graph.ints(to)]);
        await moves(shape, reshaped([-1]), random);
        await moves(shape, reshaped([0, -1, 1]), random);
        await moves(shape, reshaped([...shape, 1].reverse()), random);
      }));
    it('of nothing', () =>
      moves(
        [0, 3],
        (graph) => graph.add('Reshape', ['x', graph.ints([3, 0])], { allowzero: 1 }),
        Random.from(1),
      ));
    it('by a computed shape', () =>
      forAll(seeds, (random) =>
        checkGradient({
          inputs: { x: randomTensor(random, [2, 3]), like: randomTensor(random, [3, 2]) },
          build: (graph) => graph.add('Reshape', ['x', graph.add('Shape', ['like'])]),
          method: 'linear',
        }),
      ));
  },
  Flatten: () => {
    it('at every axis', () =>
      forAll(
        fc.record({
          random: seeds,
          where: shapes(1, 4).chain((shape) =>
            fc.record({
              shape: fc.constant(shape),
              axis: fc.integer({ min: -shape.length, max: shape.length }),
            }),
          ),
        }),
        async ({ random, where: { shape, axis } }) => {
          await moves(shape, (graph) => graph.add('Flatten', ['x'], { axis }), random);
          await moves(shape, (graph) => graph.add('Flatten', ['x']), random);
        },
      ));
  },
  Squeeze: () => {
    it('of some axes, or all', () =>
      forAll(fc.record({ random: seeds, shape: shapes(1, 3) }), async ({ random, shape }) => {
        const wide = [1, ...shape, 1];
        await moves(wide, (graph) => graph.add('Squeeze', ['x', graph.ints([0, -1])]), random);
        await moves(wide, (graph) => graph.add('Squeeze', ['x']), random);
      }));
  },
  Unsqueeze: () => {
    it('at either end', () =>
      forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
        moves(shape, (graph) => graph.add('Unsqueeze', ['x', graph.ints([0, -1])]), random),
      ));
  },
  Cast: () => {
    it('to more digits and back', () =>
      forAll(fc.record({ random: seeds, shape: shapes() }), async ({ random, shape }) => {
        await checkGradient({
          inputs: { x: randomTensor(random, shape, 'float32') },
          build: (graph) => graph.add('Cast', ['x'], { to: dataTypeOf('float64') }),
          method: 'linear',
        });
        await checkGradient({
          inputs: { x: randomTensor(random, shape, 'float64') },
          build: (graph) => graph.add('Cast', ['x'], { to: dataTypeOf('float32') }),
          method: 'linear',
          tolerance: 1e-4,
        });
      }));
  },
  CastLike: () => {
    it('to more digits', () =>
      forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
        checkGradient({
          inputs: { x: randomTensor(random, shape, 'float32') },
          build: (graph) => graph.add('CastLike', ['x', graph.scalar(0, 'float64')]),
          method: 'linear',
        }),
      ));
  },
  Expand: () => {
    it('with broadcasting both ways', () =>
      forAll(fc.record({ random: seeds, operands: broadcastShapes(2) }), ({ random, operands: [a, b] }) =>
        moves(a!, (graph) => graph.add('Expand', ['x', graph.ints(b!)]), random),
      ));
    it('to nothing', () =>
      moves([1, 2], (graph) => graph.add('Expand', ['x', graph.ints([0, 2])]), Random.from(1)));
  },
  Transpose: () => {
    it('by every permutation', () =>
      forAll(fc.record({ random: seeds, shape: shapes(0, 4) }), async ({ random, shape }) => {
        await moves(shape, (graph) => graph.add('Transpose', ['x']), random);
        const perm = [...random.permutation(shape.length)];
        if (perm.length > 0) await moves(shape, (graph) => graph.add('Transpose', ['x'], { perm }), random);
      }));
  },
  Where: () => {
    it('with broadcasting', () =>
      forAll(
        fc.record({ random: seeds, operands: broadcastShapes(3) }),
        ({ random, operands: [condition, a, b] }) => {
          const values = randomTensor(random, condition!).data as Float64Array;
          const bits = Uint8Array.from(values, (value) => (value > 0 ? 1 : 0));
          return checkGradient({
            inputs: {
              condition: { elementType: 'bool', shape: condition!, data: bits },
              a: randomTensor(random, a!),
              b: randomTensor(random, b!),
            },
            build: (graph) => graph.add('Where', ['condition', 'a', 'b']),
            method: 'linear',
          });
        },
        25,
      ));
  },
  Dropout: () => {
    it('lets everything pass at inference', () =>
      forAll(fc.record({ random: seeds, shape: shapes() }), async ({ random, shape }) => {
        await moves(shape, (graph) => graph.add('Dropout', ['x']), random);
        const off: TensorData = { elementType: 'bool', shape: [], data: Uint8Array.of(0) };
        await moves(
          shape,
          (graph) => graph.add('Dropout', ['x', graph.scalar(0.3), graph.constant(off)]),
          random,
        );
      }));
    it.each([undefined, 0, 0.3])('drops gradients with their values, at ratio %s', async (ratio) => {
      // The mask changes from run to run: what came out and its gradient are compared within one.
      const graph = new Graph();
      graph.addInput('x', 'float64', [64]);
      const on: TensorData = { elementType: 'bool', shape: [], data: Uint8Array.of(1) };
      const y = graph.add('Dropout', [
        'x',
        ratio === undefined ? undefined : graph.scalar(ratio),
        graph.constant(on),
      ]);
      const loss = graph.add('ReduceSum', [y], { keepdims: 0 });
      const gradient = differentiate(graph, await inferTypes(graph, runtime), loss, ['x']).get('x')!;
      for (const output of [y, gradient]) graph.addOutput(output);
      const session = await runtime.createSession(writeModel(createModel(graph)));
      const x = float64(new Float64Array(64).fill(1), [64]);
      const { [y]: output, [gradient]: slope } = await session.run({ x });
      await session.release();
      const [values, slopes] = [output!, slope!].map(({ data }) => data as Float64Array);
      for (const [i, value] of values!.entries()) expect(slopes![i]).toBeCloseTo(value, 6);
      expect(values!.includes(0)).toBe(ratio !== 0);
    });
  },
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createModel, float64, Graph, type TensorData, writeModel } from '../../onnx/index.ts';
import type { Random } from '../../random.ts';
import { inferTypes } from '../../runtime/index.ts';
import { differentiate } from '../differentiate.ts';
import {
  checkGradient,
  describeRules,
  distinctTensor,
  forAll,
  randomTensor,
  runtime,
  seeds,
  shapes,
} from '../testing.ts';
import { reductionRules } from './reduction.ts';

/** A shape and some of its axes, counted from either end. */
const reductions = shapes(1, 4, { most: 3 }).chain((shape) =>
  fc.record({
    random: seeds,
    shape: fc.constant(shape),
    axes: fc
      .subarray(
        shape.map((_, axis) => axis),
        { minLength: 1 },
      )
      .chain(
        (axes) =>
          fc.tuple(...axes.map((axis) => fc.constantFrom(axis, axis - shape.length))) as fc.Arbitrary<
            number[]
          >,
      ),
    keepdims: fc.constantFrom(undefined, 0, 1),
  }),
);

type Values = (random: Random, shape: readonly number[]) => TensorData;

function reduces(
  op: string,
  values: Values,
  options: { method?: 'linear'; step?: number; tolerance?: number } = {},
) {
  const flag = (keepdims: number | undefined) => (keepdims === undefined ? {} : { keepdims });
  it('over some axes', () =>
    forAll(
      reductions,
      ({ random, shape, axes, keepdims }) =>
        checkGradient({
          inputs: { x: values(random, shape) },
          build: (graph) => graph.add(op, ['x', graph.ints(axes)], flag(keepdims)),
          ...options,
        }),
      25,
    ));
  it('over all axes, by leaving them out or empty', () =>
    forAll(reductions, async ({ random, shape, keepdims }) => {
      const inputs = { x: values(random, shape) };
      await checkGradient({ inputs, build: (graph) => graph.add(op, ['x'], flag(keepdims)), ...options });
      await checkGradient({
        inputs,
        build: (graph) => graph.add(op, ['x', graph.ints([])], flag(keepdims)),
        ...options,
      });
    }));
  it('over no axes, where empty ones mean none', () =>
    forAll(reductions, async ({ random, shape, keepdims }) => {
      const attributes = { ...flag(keepdims), noop_with_empty_axes: 1 };
      const inputs = { x: values(random, shape) };
      await checkGradient({
        inputs,
        build: (graph) => graph.add(op, ['x', graph.ints([])], attributes),
        ...options,
      });
      await checkGradient({ inputs, build: (graph) => graph.add(op, ['x'], attributes), ...options });
    }));
  it('of a scalar', () =>
    forAll(seeds, (random) =>
      checkGradient({
        inputs: { x: values(random, []) },
        build: (graph) => graph.add(op, ['x']),
        ...options,
      }),
    ));
}

/** Values that tie for the extreme share its gradient. */
function shares(op: string) {
  it('shares the gradient between values that tie', async () => {
    const graph = new Graph();
    graph.addInput('x', 'float64', [2, 3]);
    const loss = graph.add('ReduceSum', [graph.add(op, ['x', graph.ints([1])])], { keepdims: 0 });
    const gradient = differentiate(graph, await inferTypes(graph, runtime), loss, ['x']).get('x')!;
    graph.addOutput(gradient);
    const session = await runtime.createSession(writeModel(createModel(graph)));
    const sign = op === 'ReduceMax' ? 1 : -1;
    const x = float64(
      [3, 1, 3, 2, 2, 2].map((value) => sign * value),
      [2, 3],
    );
    const { [gradient]: result } = await session.run({ x });
    await session.release();
    expect([...(result!.data as Float64Array)]).toEqual([0.5, 0, 0.5, 1 / 3, 1 / 3, 1 / 3]);
  });
}

const anywhere: Values = (random, shape) => randomTensor(random, shape, 'float64', { low: -3, high: 3 });
const positive: Values = (random, shape) => randomTensor(random, shape, 'float32', { low: 0.5, high: 2 });
const apart: Values = (random, shape) => distinctTensor(random, shape);
const apartInFloat32: Values = (random, shape) => distinctTensor(random, shape, 'float32', 1);
const piecewise = { method: 'linear', step: 0.05 } as const;

describeRules(reductionRules, {
  ReduceSum: () => {
    reduces('ReduceSum', anywhere, { method: 'linear' });
    it('over a dimension of size 0', () =>
      checkGradient({
        inputs: { x: float64([], [2, 0]) },
        build: (graph) => graph.add('ReduceSum', ['x', graph.ints([1])]),
        method: 'linear',
      }));
  },
  ReduceMean: () => reduces('ReduceMean', anywhere, { method: 'linear' }),
  ReduceMax: () => {
    reduces('ReduceMax', apart, piecewise);
    shares('ReduceMax');
  },
  ReduceMin: () => {
    reduces('ReduceMin', apart, piecewise);
    shares('ReduceMin');
  },
  ReduceL1: () => reduces('ReduceL1', apartInFloat32, { method: 'linear', tolerance: 1e-3 }),
  ReduceL2: () => reduces('ReduceL2', apartInFloat32, { tolerance: 3e-3 }),
  ReduceSumSquare: () => reduces('ReduceSumSquare', anywhere),
  ReduceProd: () => reduces('ReduceProd', positive, { tolerance: 3e-3 }),
  ReduceLogSum: () => reduces('ReduceLogSum', positive, { tolerance: 3e-3 }),
  ReduceLogSumExp: () => reduces('ReduceLogSumExp', anywhere),
});

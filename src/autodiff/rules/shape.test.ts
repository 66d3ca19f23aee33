import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createModel,
  dataTypeOf,
  float64,
  Graph,
  int64,
  type TensorData,
  writeModel,
} from '../../onnx/index.ts';
import { Random } from '../../random.ts';
import { inferTypes } from '../../runtime/index.ts';
import { differentiate } from '../differentiate.ts';
import {
  broadcastShapes,
  checkGradient,
  describeRules,
  forAll,
  randomTensor,
  runtime,
  seeds,
  shapes,
  shapesWithAxis,
} from '../testing.ts';
import { shapeRules } from './shape.ts';

const END = 2 ** 63;

/** A check of one node over one random input; every operator here is linear. */
function moves(shape: readonly number[], build: (graph: Graph) => string, random: Random): Promise<void> {
  return checkGradient({ inputs: { x: randomTensor(random, shape) }, build, method: 'linear' });
}

/** Some of the axes of a shape, each counted from either end, and a random number for each. */
function someAxes(shape: readonly number[], least = 1) {
  const axes = fc.subarray(
    shape.map((_, axis) => axis),
    { minLength: Math.min(least, shape.length) },
  );
  return axes.chain((picked) =>
    fc
      .tuple(...picked.map((axis) => fc.constantFrom(axis, axis - shape.length)))
      .map((list) => list as number[]),
  );
}

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
  Concat: () => {
    it('of one to three values, of which some repeat and some are empty', () =>
      forAll(
        fc.record({
          random: seeds,
          where: shapesWithAxis(),
          sizes: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
        }),
        ({ random, where: { shape, axis }, sizes }) => {
          const inputs = Object.fromEntries(
            sizes.map((size, i) => [`x${i}`, randomTensor(random, shape.with(axis, size))] as const),
          );
          return checkGradient({
            inputs,
            build: (graph) => graph.add('Concat', [...Object.keys(inputs), 'x0'], { axis }),
            method: 'linear',
          });
        },
      ));
  },
  Split: () => {
    it('into uneven parts, of which one is unused', () =>
      forAll(
        fc.record({
          random: seeds,
          where: shapesWithAxis(),
          sizes: fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 3 }), fc.nat(2)),
        }),
        ({ random, where: { shape, axis }, sizes }) =>
          moves(
            shape.with(axis, sizes[0] + sizes[1] + sizes[2]),
            (graph) => {
              const parts = graph.addMany('Split', ['x', graph.ints(sizes)], 3, { axis });
              return graph.add('Concat', [parts[0]!, parts[1]!, parts[1]!], { axis });
            },
            random,
          ),
      ));
    it.each([6, 7])('of %i into equal parts, of which the last may be shorter', (size) =>
      forAll(seeds, (random) =>
        moves(
          [2, size],
          (graph) => {
            const parts = graph.addMany('Split', ['x'], 3, { axis: -1, num_outputs: 3 });
            return graph.add('Concat', [parts[2]!, parts[0]!], { axis: 1 });
          },
          random,
        ),
      ),
    );
  },
  Slice: () => {
    const bound = fc.oneof(fc.integer({ min: -6, max: 6 }), fc.constantFrom(END, -END));
    const slices = shapes(1, 3).chain((shape) =>
      fc.record({
        random: seeds,
        shape: fc.constant(shape),
        axes: someAxes(shape),
        starts: fc.array(bound, { minLength: 3, maxLength: 3 }),
        ends: fc.array(bound, { minLength: 3, maxLength: 3 }),
        steps: fc.array(fc.constantFrom(1, 1, 2, -1, -2, 3), { minLength: 3, maxLength: 3 }),
        plain: fc.boolean(),
      }),
    );
    const bounds = (values: readonly number[]): TensorData =>
      int64(
        BigInt64Array.from(values, (value) =>
          Math.abs(value) < END ? BigInt(value) : value > 0 ? 2n ** 63n - 1n : -(2n ** 63n),
        ),
      );
    /** Bounds "to the end" only where they mean that: ONNX's shape inference gets the others wrong. */
    const sensible = (value: number, outward: number) => (value === -END * outward ? -6 * outward : value);
    it('from either end, in either direction', () =>
      forAll(
        slices,
        ({ random, shape, axes, starts, ends, steps, plain }) =>
          moves(
            shape,
            (graph) => {
              const forward = (i: number) => (plain || steps[i]! > 0 ? 1 : -1);
              const from = starts.map((value, i) => sensible(value, -forward(i)));
              const to = ends.map((value, i) => sensible(value, forward(i)));
              const inputs = [from, to, axes].map((values) =>
                graph.constant(bounds(values.slice(0, axes.length))),
              );
              if (!plain) inputs.push(graph.ints(steps.slice(0, axes.length)));
              return graph.add('Slice', ['x', ...inputs]);
            },
            random,
          ),
        60,
      ));
    it('of the first axes by default, by int32 bounds in Constant nodes', () =>
      forAll(seeds, (random) =>
        moves(
          [4, 3],
          (graph) => {
            const value = (...data: number[]): TensorData => ({
              elementType: 'int32',
              shape: [data.length],
              data: Int32Array.from(data),
            });
            const from = graph.add('Constant', [], { value: value(1) });
            const to = graph.add('Constant', [], { value: value(-1) });
            return graph.add('Slice', ['x', from, to]);
          },
          random,
        ),
      ));
    it('refuses computed bounds', async () => {
      const graph = new Graph();
      graph.addInput('x', 'float64', [4]);
      graph.addInput('from', 'int64', [1]);
      const y = graph.add('Slice', ['x', 'from', graph.ints([4])]);
      const loss = graph.add('ReduceSum', [y], { keepdims: 0 });
      const types = new Map(await inferTypes(graph, runtime)).set(y, { elementType: 'float64', shape: [2] });
      expect(() => differentiate(graph, types, loss, ['x'])).toThrow(/"from" is computed/);
    });
  },
  Pad: () => {
    const pads = shapes(1, 3).chain((shape) =>
      fc.record({
        random: seeds,
        shape: fc.constant(shape),
        axes: someAxes(shape),
        sides: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 6, maxLength: 6 }),
        value: fc.boolean(),
        named: fc.boolean(),
      }),
    );
    it('by positive and negative numbers', () =>
      forAll(
        pads,
        ({ random, shape, axes, sides, value, named }) => {
          const chosen = named ? axes : shape.map((_, axis) => axis);
          // What is cut must be there.
          const larger = shape.map((size) => size + 2);
          const list = [...sides.slice(0, chosen.length), ...sides.slice(3, 3 + chosen.length)];
          return moves(
            larger,
            (graph) =>
              graph.add('Pad', [
                'x',
                graph.ints(list),
                value ? graph.scalar(2.5, 'float64') : undefined,
                named ? graph.ints(axes) : undefined,
              ]),
            random,
          );
        },
        40,
      ));
    it.each(['reflect', 'edge', 'wrap'])('refuses to pad by %s', async (mode) => {
      const graph = new Graph();
      graph.addInput('x', 'float32', [4]);
      const y = graph.add('Pad', ['x', graph.ints([1, 1])], { mode });
      const loss = graph.add('ReduceSum', [y], { keepdims: 0 });
      const types = await inferTypes(graph, runtime);
      expect(() => differentiate(graph, types, loss, ['x'])).toThrow(`padding by ${mode} has no rule yet`);
    });
  },
  Gather: () => {
    const indices = fc.oneof(fc.constant([] as number[]), shapes(1, 2, { least: 0, most: 4 }));
    it.each(['int64', 'int32'] as const)(
      'of repeated and negative indices on every axis, in %s',
      async (type) => {
        await forAll(
          fc.record({ random: seeds, where: shapesWithAxis(1, 4), indices }),
          ({ random, where: { shape, axis }, indices }) => {
            const size = shape.at(axis)!;
            const count = indices.reduce((product, dimension) => product * dimension, 1);
            const values = Array.from({ length: count }, () => random.integer(2 * size) - size);
            const tensor: TensorData =
              type === 'int64'
                ? int64(values, indices)
                : { elementType: type, shape: indices, data: Int32Array.from(values) };
            return checkGradient({
              inputs: { x: randomTensor(random, shape), at: tensor },
              build: (graph) => graph.add('Gather', ['x', 'at'], { axis }),
              method: 'linear',
            });
          },
          25,
        );
      },
    );
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

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createModel, float32, Graph, int64, type TensorData, writeModel } from '../../onnx/index.ts';
import { Random } from '../../random.ts';
import { inferTypes, nodeRuntime } from '../../runtime/index.ts';
import { differentiate } from '../differentiate.ts';
import {
  checkGradient,
  describeRules,
  forAll,
  moves,
  randomTensor,
  runtime,
  seeds,
  shapes,
  shapesWithAxis,
} from '../testing.ts';
import { selectionRules } from './selection.ts';

const END = 2 ** 63;

/** Some of the axes of a shape, each counted from either end. */
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

describeRules(selectionRules, {
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
    it.each(['reflect', 'edge', 'wrap'])('by %s', async (mode) => {
      const [random, pads] = [Random.from(5), [0, 1, 2, 1, 0, 0, 1, 2]];
      await moves([1, 2, 4, 3], (graph) => graph.add('Pad', ['x', graph.ints(pads)], { mode }), random);
      await moves([4], (graph) => graph.add('Pad', ['x', graph.ints([2, 3])], { mode }), random);
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
    it('that repeat, on several threads: none is lost', async () => {
      const [count, rows, width] = [4096, 64, 48];
      const graph = new Graph();
      graph.addInput('x', 'float32', [rows, width]);
      graph.addInput('at', 'int64', [count]);
      graph.addInput('weight', 'float32', [count, width]);
      const product = graph.add('Mul', [graph.add('Gather', ['x', 'at'], { axis: 0 }), 'weight']);
      const loss = graph.add('ReduceSum', [product], { keepdims: 0 });
      const threads = await nodeRuntime({ threads: 4, place: 'here' });
      const gradient = differentiate(graph, await inferTypes(graph, threads), loss, ['x']).get('x')!;
      graph.addOutput(gradient);
      const session = await threads.createSession(writeModel(createModel(graph)));
      const random = Random.from(1);
      const at = Array.from({ length: count }, () => random.integer(rows));
      // Whole numbers add up exactly, in any order.
      const weight = Float32Array.from({ length: count * width }, () => random.integer(16));
      const expected = new Float32Array(rows * width);
      for (const [i, row] of at.entries())
        for (let j = 0; j < width; j++) expected[row * width + j]! += weight[i * width + j]!;
      const x = float32(new Float32Array(rows * width), [rows, width]);
      const feeds = { x, at: int64(at), weight: float32(weight, [count, width]) };
      for (let i = 0; i < 20; i++) expect((await session.run(feeds))[gradient]!.data).toEqual(expected);
      await threads.dispose();
    });
  },
});

import fc from 'fast-check';
import { it } from 'vitest';
import { float, float64 } from '../../onnx/index.ts';
import {
  broadcastShapes,
  checkGradient,
  describeRules,
  FLOATS,
  forAll,
  randomTensor,
  seeds,
} from '../testing.ts';
import { productRules } from './product.ts';

const size = fc.integer({ min: 1, max: 4 });

describeRules(productRules, {
  MatMul: () => {
    it.each(FLOATS)('of matrices in broadcasting batches, in %s', async (type) => {
      await forAll(
        fc.record({ random: seeds, batches: broadcastShapes(2), m: size, k: size, n: size }),
        ({ random, batches: [a, b], m, k, n }) =>
          checkGradient({
            inputs: {
              a: randomTensor(random, [...a!.slice(-2), m, k], type),
              b: randomTensor(random, [...b!.slice(-2), k, n], type),
            },
            build: (graph) => graph.add('MatMul', ['a', 'b']),
            method: 'linear',
          }),
        25,
      );
    });
    it('of vectors, on either side or both', () =>
      forAll(
        fc.record({ random: seeds, k: size, n: size, batch: fc.array(size, { maxLength: 2 }) }),
        async ({ random, k, n, batch }) => {
          const pairs = [
            [[k], [k]],
            [[k], [...batch, k, n]],
            [[...batch, n, k], [k]],
          ] as const;
          for (const [a, b] of pairs) {
            await checkGradient({
              inputs: { a: randomTensor(random, a), b: randomTensor(random, b) },
              build: (graph) => graph.add('MatMul', ['a', 'b']),
              method: 'linear',
            });
          }
        },
      ));
    it('of a matrix with itself', () =>
      forAll(fc.record({ random: seeds, n: size }), ({ random, n }) =>
        checkGradient({
          inputs: { x: randomTensor(random, [2, n, n]) },
          build: (graph) => graph.add('MatMul', ['x', 'x']),
        }),
      ));
    it('with no rows', () =>
      checkGradient({
        inputs: { a: float64([], [0, 2]), b: float64([1, 2, 3, 4], [2, 2]) },
        build: (graph) => graph.add('MatMul', ['a', 'b']),
        method: 'linear',
      }));
  },
  Gemm: () => {
    const scale = fc.constantFrom(undefined, 1, 0.5, -2);
    const options = fc.record({
      random: seeds,
      m: size,
      k: size,
      n: size,
      transA: fc.constantFrom(0, 1),
      transB: fc.constantFrom(0, 1),
      alpha: scale,
      beta: scale,
      bias: fc.constantFrom('none', '', '1', 'n', '1n', 'm1', '11', 'mn'),
    });
    it.each(FLOATS)('with every option, in %s', async (type) => {
      await forAll(
        options,
        ({ random, m, k, n, transA, transB, alpha, beta, bias }) => {
          const inputs = {
            a: randomTensor(random, transA ? [k, m] : [m, k], type),
            b: randomTensor(random, transB ? [n, k] : [k, n], type),
            ...(bias === 'none'
              ? {}
              : {
                  c: randomTensor(
                    random,
                    [...bias].map((d) => (d === 'm' ? m : d === 'n' ? n : 1)),
                    type,
                  ),
                }),
          };
          return checkGradient({
            inputs,
            build: (graph) =>
              graph.add('Gemm', Object.keys(inputs), {
                transA,
                transB,
                ...(alpha === undefined ? {} : { alpha: float(alpha) }),
                ...(beta === undefined ? {} : { beta: float(beta) }),
              }),
            method: 'linear',
          });
        },
        50,
      );
    });
    it('of a matrix with its own transpose', () =>
      forAll(fc.record({ random: seeds, m: size, k: size }), ({ random, m, k }) =>
        checkGradient({
          inputs: { x: randomTensor(random, [m, k]) },
          build: (graph) => graph.add('Gemm', ['x', 'x'], { transB: 1 }),
        }),
      ));
  },
});

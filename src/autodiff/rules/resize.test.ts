import fc from 'fast-check';
import { it } from 'vitest';
import { type Attribute, float32, type Graph, int64 } from '../../onnx/index.ts';
import type { Random } from '../../random.ts';
import { checkGradient, describeRules, forAll, randomTensor, seeds } from '../testing.ts';
import { resizeRules } from './resize.ts';

/** ONNX Runtime resizes float32 alone. */
const moves = (shape: number[], build: (graph: Graph) => string, random: Random) =>
  checkGradient({
    inputs: { x: randomTensor(random, shape, 'float32') },
    build,
    method: 'linear',
    tolerance: 1e-3,
  });

const COORDINATES = ['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'];

/** Resizes x [1, 2, height, width] by scales, or to sizes. */
function resized(
  graph: Graph,
  by: { scales?: number[]; sizes?: number[] },
  attributes: Record<string, Attribute>,
) {
  const scales = by.scales && graph.constant(float32([1, 1, ...by.scales], [4]));
  const sizes = by.sizes && graph.constant(int64([1, 2, ...by.sizes]));
  return graph.add('Resize', ['x', undefined, scales, sizes], attributes);
}

describeRules(resizeRules, {
  Resize: () => {
    const side = fc.integer({ min: 2, max: 5 });
    const cases = fc.record({
      random: seeds,
      height: side,
      width: side,
      to: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
      coordinate_transformation_mode: fc.constantFrom(...COORDINATES),
    });
    it.each(['linear', 'cubic'])('%s, to sizes', (mode) =>
      forAll(cases, ({ random, height, width, to, ...attributes }) =>
        moves(
          [1, 2, height, width],
          (graph) => resized(graph, { sizes: to }, { mode, ...attributes }),
          random,
        ),
      ),
    );
    it.each(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'])(
      'nearest by %s, by whole scales',
      (nearest_mode) =>
        forAll(cases, ({ random, height, width, to, coordinate_transformation_mode }) =>
          moves(
            [1, 2, height, width],
            (graph) =>
              resized(
                graph,
                { scales: to.map((size) => (size % 3) + 1) },
                { mode: 'nearest', nearest_mode, coordinate_transformation_mode },
              ),
            random,
          ),
        ),
    );
    it('linear, by scales that are no whole numbers', () =>
      forAll(seeds, (random) =>
        moves([1, 2, 4, 5], (graph) => resized(graph, { scales: [1.7, 0.6] }, { mode: 'linear' }), random),
      ));
  },
});

import { expect, it } from 'vitest';
import { type Graph, int64 } from '../../onnx/index.ts';
import { Random } from '../../random.ts';
import {
  checkGradient,
  describeRules,
  distinctTensor,
  forAll,
  moves,
  randomTensor,
  seeds,
} from '../testing.ts';
import { rearrangementRules } from './rearrangement.ts';

const linear = (shape: number[], build: (graph: Graph) => string) => () =>
  forAll(seeds, (random) => moves(shape, build, random), 4);

function contraction(equation: string, shapes: number[][]): () => Promise<void> {
  return () =>
    forAll(
      seeds,
      (random) => {
        const inputs = Object.fromEntries(
          shapes.map((shape, i) => [`x${i}`, randomTensor(random, shape, 'float32')]),
        );
        return checkGradient({
          inputs,
          build: (graph) => graph.add('Einsum', Object.keys(inputs), { equation }),
          method: 'linear',
          tolerance: 1e-3,
        });
      },
      4,
    );
}

describeRules(rearrangementRules, {
  GatherElements: () =>
    it(
      'with indices that repeat',
      linear([3, 4], (graph) => {
        const at = graph.constant(int64([0, 0, 2, -1, 1, 1], [2, 3]));
        return graph.add('GatherElements', ['x', at], { axis: 1 });
      }),
    ),
  TopK: () =>
    it('gives the gradient to the values taken', () =>
      forAll(seeds, (random) =>
        checkGradient({
          inputs: { x: distinctTensor(random, [2, 5], 'float64', 1) },
          build: (graph) => graph.addMany('TopK', ['x', graph.ints([2])], 2, { axis: 1 })[0]!,
          method: 'linear',
          step: 0.05,
        }),
      )),
  GatherND: () =>
    it(
      'with indices that repeat and count from the end',
      linear([3, 2, 2], (graph) => {
        const at = graph.constant(int64([0, 1, 0, 1, -1, 0, 2, -2], [4, 2]));
        return graph.add('GatherND', ['x', at]);
      }),
    ),
  Tile: () =>
    it(
      'sums over copies',
      linear([2, 3, 1], (graph) => graph.add('Tile', ['x', graph.ints([2, 1, 3])])),
    ),
  DepthToSpace: () =>
    it.each(['DCR', 'CRD'])('in the order %s', (mode) =>
      linear([2, 8, 2, 3], (graph) => graph.add('DepthToSpace', ['x'], { blocksize: 2, mode }))(),
    ),
  SpaceToDepth: () =>
    it(
      'moves values',
      linear([2, 2, 4, 2], (graph) => graph.add('SpaceToDepth', ['x'], { blocksize: 2 })),
    ),
  Trilu: () =>
    it.each([0, 1])('keeps one side (upper = %i)', (upper) =>
      linear([2, 3, 4], (graph) => graph.add('Trilu', ['x', graph.constant(int64([1], []))], { upper }))(),
    ),
  CumSum: () =>
    it.each([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])('adds up (exclusive = %i, reverse = %i)', (exclusive, reverse) =>
      linear([3, 4], (graph) =>
        graph.add('CumSum', ['x', graph.constant(int64([1], []))], { exclusive, reverse }),
      )(),
    ),
  Einsum: () => {
    it(
      'of a batched product',
      contraction('bij,bjk->bik', [
        [2, 2, 3],
        [2, 3, 2],
      ]),
    );
    it(
      'of attention',
      contraction('bhid, bhjd -> bhij', [
        [1, 2, 3, 2],
        [1, 2, 2, 2],
      ]),
    );
    it('of three', contraction('i,ij,j->ij', [[2], [2, 3], [3]]));
    it('that sums an operand alone is refused', async () => {
      const sums = checkGradient({
        inputs: { x: randomTensor(Random.from(1), [2, 3], 'float32') },
        build: (graph) => graph.add('Einsum', ['x'], { equation: 'ij->i' }),
      });
      await expect(sums).rejects.toThrow('sums over an index of one operand alone');
    });
  },
});

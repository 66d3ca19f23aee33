import fc from 'fast-check';
import { it } from 'vitest';
import { float } from '../../onnx/index.ts';
import { checkGradient, describeRules, forAll, randomTensor, seeds } from '../testing.ts';
import { groupNormalizationRules } from './group-normalization.ts';

const away = { low: 0.5, high: 1.5 };
const shapes = fc.record({
  random: seeds,
  batch: fc.integer({ min: 1, max: 3 }),
  positions: fc.array(fc.integer({ min: 2, max: 3 }), { minLength: 1, maxLength: 2 }),
});

function normalizes(op: string, channels: number, attributes: Record<string, number>): void {
  it('over the group, with scale and bias by channel', () =>
    forAll(shapes, ({ random, batch, positions }) =>
      checkGradient({
        inputs: {
          x: randomTensor(random, [batch, channels, ...positions], 'float32'),
          scale: randomTensor(random, [channels], 'float32', away),
          bias: randomTensor(random, [channels], 'float32'),
        },
        build: (graph) => graph.add(op, ['x', 'scale', 'bias'], { epsilon: float(0.1), ...attributes }),
        tolerance: 4e-3,
      }),
    ));
}

describeRules(groupNormalizationRules, {
  InstanceNormalization: () => normalizes('InstanceNormalization', 3, {}),
  GroupNormalization: () => normalizes('GroupNormalization', 4, { num_groups: 2 }),
  LpNormalization: () =>
    it.each([
      [1, 0],
      [2, 1],
      [2, -1],
    ])('by the %i-norm, over axis %i', (p, axis) =>
      forAll(seeds, (random) =>
        checkGradient({
          inputs: { x: randomTensor(random, [3, 4], 'float64', away) },
          build: (graph) => graph.add('LpNormalization', ['x'], { p, axis }),
          tolerance: 1e-5,
        }),
      ),
    ),
});

import fc from 'fast-check';
import { it } from 'vitest';
import { float, type TensorData } from '../../onnx/index.ts';
import {
  checkGradient,
  describeRules,
  distinctTensor,
  FLOATS,
  forAll,
  randomTensor,
  seeds,
  shapes,
  shapesWithAxis,
} from '../testing.ts';
import { activationRules } from './activation.ts';

/** A kink at 0: one step that stays on its side is exact. */
function piecewise(op: string, types: readonly ('float32' | 'float64')[], attributes = {}) {
  it.each(types)('away from its kink, in %s', async (type) => {
    await forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
      checkGradient({
        inputs: { x: distinctTensor(random, shape, type) },
        build: (graph) => graph.add(op, ['x'], attributes),
        method: 'linear',
        step: 0.05,
      }),
    );
  });
}

function smooth(op: string, types: readonly ('float32' | 'float64')[]) {
  it.each(types)('on random shapes, in %s', async (type) => {
    await forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
      checkGradient({
        inputs: { x: randomTensor(random, shape, type, { low: -2, high: 2 }) },
        build: (graph) => graph.add(op, ['x']),
      }),
    );
  });
}

function alongAxis(op: string) {
  it('over every axis, and over the last by default', async () => {
    await forAll(fc.record({ random: seeds, where: shapesWithAxis() }), async ({ random, where }) => {
      const inputs = { x: randomTensor(random, where.shape, 'float64', { low: -2, high: 2 }) };
      await checkGradient({ inputs, build: (graph) => graph.add(op, ['x'], { axis: where.axis }) });
      await checkGradient({ inputs, build: (graph) => graph.add(op, ['x']) });
    });
  });
  it('in float32, with logits far apart', async () => {
    await forAll(fc.record({ random: seeds, where: shapesWithAxis(1, 2) }), ({ random, where }) =>
      checkGradient({
        inputs: { x: randomTensor(random, where.shape, 'float32', { low: -30, high: 30 }) },
        build: (graph) => graph.add(op, ['x'], { axis: where.axis }),
        tolerance: 3e-3,
      }),
    );
  });
}

describeRules(activationRules, {
  Relu: () => piecewise('Relu', FLOATS),
  LeakyRelu: () => {
    piecewise('LeakyRelu', ['float32']);
    it('with a slope of its own', () =>
      forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
        checkGradient({
          inputs: { x: distinctTensor(random, shape, 'float32') },
          build: (graph) => graph.add('LeakyRelu', ['x'], { alpha: float(0.3) }),
          method: 'linear',
          step: 0.05,
        }),
      ));
  },
  PRelu: () => {
    it('with slopes for every value, channel, or all', () =>
      forAll(fc.record({ random: seeds, shape: shapes(1, 3) }), async ({ random, shape }) => {
        for (const slopes of [shape, [shape[0]!, ...shape.slice(1).map(() => 1)], [1], []]) {
          await checkGradient({
            inputs: {
              x: distinctTensor(random, shape, 'float32'),
              slope: randomTensor(random, slopes, 'float32'),
            },
            build: (graph) => graph.add('PRelu', ['x', 'slope']),
            method: 'linear',
            step: 0.05,
          });
        }
      }));
  },
  Elu: () => {
    it.each([undefined, 0.5])('away from its kink, with alpha %s', async (alpha) => {
      await forAll(fc.record({ random: seeds, shape: shapes(0, 2) }), ({ random, shape }) =>
        checkGradient({
          inputs: { x: distinctTensor(random, shape, 'float32') },
          build: (graph) => graph.add('Elu', ['x'], alpha === undefined ? {} : { alpha: float(alpha) }),
          tolerance: 2e-3,
        }),
      );
    });
  },
  HardSigmoid: () => {
    piecewise('HardSigmoid', ['float32']);
    piecewise('HardSigmoid', ['float32'], { alpha: float(1 / 6), beta: float(0.45) });
  },
  HardSwish: () => {
    it('away from its kinks', () =>
      forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
        checkGradient({
          inputs: { x: distinctTensor(random, shape, 'float32', 0.7) },
          build: (graph) => graph.add('HardSwish', ['x']),
        }),
      ));
  },
  Gelu: () => {
    it.each(['none', 'tanh'])('with approximation %s', async (approximate) => {
      await forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
        checkGradient({
          inputs: { x: randomTensor(random, shape, 'float32', { low: -3, high: 3 }) },
          build: (graph) => graph.add('Gelu', ['x'], { approximate }),
          tolerance: 2e-3,
        }),
      );
    });
  },
  Sigmoid: () => smooth('Sigmoid', FLOATS),
  Tanh: () => smooth('Tanh', FLOATS),
  Softplus: () => smooth('Softplus', ['float32']),
  Erf: () => smooth('Erf', ['float32']),
  Clip: () => {
    const bounds: [string, (number | undefined)[]][] = [
      ['both bounds', [-0.55, 0.8]],
      ['a lower bound', [-0.55, undefined]],
      ['an upper bound', [undefined, 0.8]],
      ['no bound', [undefined, undefined]],
      ['bounds the wrong way round', [0.8, -0.55]],
    ];
    it.each(bounds)('with %s, which take gradients too', async (_, values) => {
      await forAll(fc.record({ random: seeds, shape: shapes() }), async ({ random, shape }) => {
        const inputs: Record<string, TensorData> = { x: distinctTensor(random, shape) };
        const names = values.map((value, i) => {
          if (value === undefined) return undefined;
          inputs[`bound${i}`] = { elementType: 'float64', shape: [], data: Float64Array.of(value) };
          return `bound${i}`;
        });
        await checkGradient({
          inputs,
          build: (graph) => graph.add('Clip', ['x', ...names]),
          method: 'linear',
          step: 0.01,
        });
      });
    });
  },
  Softmax: () => alongAxis('Softmax'),
  LogSoftmax: () => alongAxis('LogSoftmax'),
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Attribute, float, Graph } from '../../onnx/index.ts';
import { inferTypes } from '../../runtime/index.ts';
import { differentiate } from '../differentiate.ts';
import { checkGradient, describeRules, FLOATS, forAll, randomTensor, runtime, seeds } from '../testing.ts';
import { normalizationRules } from './normalization.ts';

/** [N, C, …] with more than one value a channel, and not so few that the variance is tiny. */
const images = fc
  .record({ random: seeds, shape: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }) })
  .map(({ random, shape: [channels, ...rest] }) => ({ random, shape: [4, channels!, ...rest] }));

function tensors(random: Parameters<typeof randomTensor>[0], shape: number[], type: 'float32' | 'float64') {
  const channels = [shape[1]!];
  return {
    x: randomTensor(random, shape, type, { low: -2, high: 3 }),
    scale: randomTensor(random, channels, type, { low: 0.5, high: 2 }),
    bias: randomTensor(random, channels, type),
    mean: randomTensor(random, channels, type),
    variance: randomTensor(random, channels, type, { low: 0.5, high: 2 }),
  };
}

const NAMES = ['x', 'scale', 'bias', 'mean', 'variance'];

describeRules(normalizationRules, {
  BatchNormalization: () => {
    it.each(FLOATS)('with stored statistics, which take gradients too, in %s', async (type) => {
      await forAll(images, ({ random, shape }) =>
        checkGradient({
          inputs: tensors(random, shape, type),
          build: (graph) => graph.add('BatchNormalization', NAMES, { epsilon: float(1e-3) }),
        }),
      );
    });
    const kinds = FLOATS.flatMap((type) => [0, 0.9, undefined].map((momentum) => [type, momentum] as const));
    it.each(kinds)("with the batch's statistics, in %s, at momentum %s", async (type, momentum) => {
      const attributes: Record<string, Attribute> = { training_mode: 1 };
      if (momentum !== undefined) attributes.momentum = float(momentum);
      await forAll(images, ({ random, shape }) =>
        checkGradient({
          inputs: tensors(random, shape, type),
          build: (graph) => graph.addMany('BatchNormalization', NAMES, 3, attributes)[0]!,
          tolerance: type === 'float32' ? 3e-3 : 1e-6,
        }),
      );
    });
    it.each(FLOATS)("with a loss that depends on the batch's own mean and variance, in %s", async (type) => {
      await forAll(images, ({ random, shape }) =>
        checkGradient({
          inputs: tensors(random, shape, type),
          wrt: ['x', 'scale', 'bias'],
          build: (graph) => {
            const attributes = { training_mode: 1, momentum: float(0) };
            const [y, ...statistics] = graph.addMany('BatchNormalization', NAMES, 3, attributes);
            const axes = graph.ints(shape.slice(2).map((_, i) => i + 1));
            return statistics
              .map((vector) => (shape.length === 2 ? vector : graph.add('Unsqueeze', [vector, axes])))
              .reduce((sum, vector) => graph.add('Mul', [sum, vector]), y!);
          },
          tolerance: type === 'float32' ? 3e-3 : 1e-6,
        }),
      );
    });
    it('with the same vector as scale and bias', () =>
      forAll(images, ({ random, shape }) => {
        const { x, scale, mean, variance } = tensors(random, shape, 'float64');
        return checkGradient({
          inputs: { x, scale, mean, variance },
          build: (graph) => graph.add('BatchNormalization', ['x', 'scale', 'scale', 'mean', 'variance']),
        });
      }));
    it('refuses a loss that depends on statistics mixed with the running ones', async () => {
      const graph = new Graph();
      const { x, ...vectors } = tensors((await import('../../random.ts')).Random.from(1), [4, 2], 'float32');
      graph.addInput('x', 'float32', x.shape);
      for (const [name, tensor] of Object.entries(vectors)) graph.addInitializer(name, tensor);
      const [, mean] = graph.addMany('BatchNormalization', NAMES, 3, { training_mode: 1 });
      const loss = graph.add('ReduceSum', [mean!], { keepdims: 0 });
      const types = await inferTypes(graph, runtime);
      expect(() => differentiate(graph, types, loss, ['x'])).toThrow(/running mean or variance/);
    });
  },
  LayerNormalization: () => {
    it.each(FLOATS)('from any axis on, with or without bias, in %s', async (type) => {
      await forAll(
        fc.record({
          random: seeds,
          lead: fc.array(fc.nat(2), { maxLength: 2 }),
          rest: fc.nat(1),
          bias: fc.boolean(),
        }),
        ({ random, lead, rest, bias }) => {
          const tail = rest === 0 ? [5] : [2, 3];
          const inputs = {
            x: randomTensor(random, [...lead.map((size) => size + 1), ...tail], type, { low: -2, high: 3 }),
            scale: randomTensor(random, tail, type),
            ...(bias ? { bias: randomTensor(random, tail, type) } : {}),
          };
          return checkGradient({
            inputs,
            build: (graph) => graph.add('LayerNormalization', Object.keys(inputs), { axis: -tail.length }),
            tolerance: type === 'float32' ? 3e-3 : 1e-6,
          });
        },
      );
    });
  },
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Attribute, createModel, Graph, writeModel } from '../../onnx/index.ts';
import { Random } from '../../random.ts';
import { type Abilities, abilitiesOf, inferTypes, LEAST_ABILITIES } from '../../runtime/index.ts';
import { type DifferentiateOptions, differentiate } from '../differentiate.ts';
import { checkGradient, describeRules, forAll, randomTensor, runtime, seeds } from '../testing.ts';
import { convolutionRules } from './convolution.ts';

const small = fc.integer({ min: 1, max: 2 });

/** A convolution that fits: the image is at least as large as the kernel's reach. */
function convolutions(dims: number, most = 7) {
  const each = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: dims, maxLength: dims });
  return fc.record({
    random: seeds,
    dims: fc.constant(dims),
    batch: small,
    group: fc.constantFrom<number[]>(1, 1, 2),
    inputs: small,
    outputs: small,
    kernel: each(fc.integer({ min: 1, max: 3 })),
    extra: each(fc.nat(Math.max(0, most - 5))),
    strides: each(fc.integer({ min: 1, max: 3 })),
    dilations: each(small),
    begins: each(fc.nat(2)),
    ends: each(fc.nat(2)),
    padding: fc.constantFrom('pads', 'pads', 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
    bias: fc.boolean(),
  });
}

type Convolution = (ReturnType<typeof convolutions> extends fc.Arbitrary<infer T> ? T : never) & {
  abilities?: Abilities;
};

function check(c: Convolution): Promise<void> {
  const { random, batch, group, inputs, outputs, kernel, strides, padding } = c;
  // ONNX Runtime refuses dilation together with automatic padding to the same size.
  const dilations = padding.startsWith('SAME') ? kernel.map(() => 1) : c.dilations;
  const image = kernel.map((size, i) => dilations[i]! * (size - 1) + 1 + c.extra[i]!);
  const attributes: Record<string, Attribute> = { strides, dilations, group };
  if (padding === 'pads') attributes.pads = [...c.begins, ...c.ends];
  else attributes.auto_pad = padding;
  const tensors = {
    x: randomTensor(random, [batch, group * inputs, ...image], 'float32'),
    w: randomTensor(random, [group * outputs, inputs, ...kernel], 'float32'),
    ...(c.bias ? { b: randomTensor(random, [group * outputs], 'float32') } : {}),
  };
  return checkGradient({
    inputs: tensors,
    build: (graph) => graph.add('Conv', Object.keys(tensors), attributes),
    method: 'linear',
    ...(c.abilities ? { abilities: c.abilities } : {}),
  });
}

describeRules(convolutionRules, {
  Conv: () => {
    it('in one dimension', () => forAll(convolutions(1, 9), check, 40));
    it('in two dimensions', () => forAll(convolutions(2), check, 60));
    it('in three dimensions', () => forAll(convolutions(3, 6), check, 20));
    it('over images with many positions', () =>
      forAll(
        convolutions(2).map((c) => ({ ...c, extra: [9, 8], strides: [1, 1] })),
        check,
        10,
      ));
    it('over images with many positions, in strides', () =>
      forAll(
        convolutions(2).map((c) => ({ ...c, extra: [18, 15], strides: [2, 2], inputs: 1, batch: 1 })),
        check,
        10,
      ));
    it('a channel apart (depthwise)', () =>
      forAll(
        convolutions(2).map((c) => ({ ...c, group: 3, inputs: 1 })),
        check,
        15,
      ));
    it('with kernels of one position', () =>
      forAll(
        convolutions(2).map((c) => ({ ...c, kernel: [1, 1] })),
        check,
        15,
      ));
    it('in blocks of channels, where the processor has that layout', async () => {
      const abilities = await abilitiesOf(runtime);
      const { block } = abilities;
      if (block === 1) return expect(abilities.device).toBe('cpu');
      const channels = fc.constantFrom(block, 2 * block);
      const blocks = convolutions(2).map((c) => ({ ...c, group: 1, abilities }));
      // Examples and channels in whole blocks, or only some of them.
      const whole = fc.tuple(blocks, channels, channels, fc.constantFrom(block, 3));
      await forAll(
        whole.map(([c, inputs, outputs, batch]) => ({ ...c, inputs, outputs, batch })),
        check,
        12,
      );
      await forAll(
        fc.tuple(blocks, channels).map(([c, outputs]) => ({ ...c, outputs, batch: block })),
        check,
        12,
      );
    });
    it('in blocks of channels, over a batch too large for one convolution, as in plain layout', async () => {
      const abilities = await abilitiesOf(runtime);
      const random = Random.from(1);
      const shapes = { x: [5 * abilities.block, 1, 64, 64], w: [16, 1, 3, 3] };
      const feeds = Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [name, randomTensor(random, shape, 'float32')]),
      );
      const gradient = async (options: DifferentiateOptions) => {
        const graph = new Graph();
        for (const [name, shape] of Object.entries(shapes)) graph.addInput(name, 'float32', shape);
        const y = graph.add('Conv', ['x', 'w'], { pads: [1, 1, 1, 1] });
        const loss = graph.add('ReduceSum', [graph.add('Mul', [y, y])], { keepdims: 0 });
        const result = differentiate(graph, await inferTypes(graph, runtime), loss, ['w'], options).get('w')!;
        graph.addOutput(result);
        const session = await runtime.createSession(writeModel(createModel(graph)));
        const { [result]: tensor } = await session.run(feeds);
        await session.release();
        return tensor!.data as Float32Array;
      };
      const [blocked, plain] = [await gradient({ abilities }), await gradient({})];
      const scale = plain.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(scale).toBeGreaterThan(1);
      for (const [i, value] of plain.entries())
        expect(Math.abs(blocked[i]! - value) / scale).toBeLessThan(1e-4);
    });
    it('on a graphics card', () =>
      forAll(
        convolutions(2).map((c) => ({ ...c, abilities: LEAST_ABILITIES })),
        check,
        20,
      ));
    it('of the same image twice', () =>
      forAll(seeds, (random) =>
        checkGradient({
          inputs: {
            x: randomTensor(random, [1, 2, 4, 4], 'float32'),
            w: randomTensor(random, [2, 2, 3, 3], 'float32'),
          },
          build: (graph) => {
            const attributes = { pads: [1, 1, 1, 1] };
            return graph.add('Conv', [graph.add('Conv', ['x', 'w'], attributes), 'w'], attributes);
          },
          tolerance: 2e-3,
        }),
      ));
  },
});

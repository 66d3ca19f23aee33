import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decode, difference, stream } from '../../../test/fixtures/pytorch.ts';
import { type Attribute, createModel, float32, Graph, sizeOf, writeModel } from '../../onnx/index.ts';
import { type Abilities, abilitiesOf, inferTypes, LEAST_ABILITIES } from '../../runtime/index.ts';
import { differentiate } from '../differentiate.ts';
import { checkGradient, describeRules, forAll, randomTensor, runtime, seeds } from '../testing.ts';
import { convTransposeRules } from './conv-transpose.ts';

const small = fc.integer({ min: 1, max: 2 });

function transposed(dims: number) {
  const each = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: dims, maxLength: dims });
  return fc.record({
    random: seeds,
    batch: small,
    group: fc.constantFrom<number[]>(1, 1, 2),
    inputs: small,
    outputs: small,
    image: each(fc.integer({ min: 2, max: 4 })),
    kernel: each(fc.integer({ min: 1, max: 4 })),
    strides: each(fc.integer({ min: 1, max: 3 })),
    dilations: each(small),
    begins: each(fc.nat(2)),
    ends: each(fc.nat(2)),
    extra: each(fc.nat(2)),
    bias: fc.boolean(),
  });
}

type Transposed = (ReturnType<typeof transposed> extends fc.Arbitrary<infer T> ? T : never) & {
  abilities?: Abilities;
  automatic?: Record<string, Attribute>;
};

function check(c: Transposed): Promise<void> {
  const { random, batch, group, inputs, outputs, image, kernel, strides, dilations } = c;
  // Of the output something must be left, and ONNX Runtime pads it by less than a stride.
  const whole = image.map((size, i) => (size - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1);
  const begins = c.begins.map((pad, i) => Math.min(pad, Math.floor((whole[i]! - 1) / 2)));
  const ends = c.ends.map((pad, i) => Math.min(pad, Math.floor((whole[i]! - 1) / 2)));
  const extra = c.extra.map((pad, i) => Math.min(pad, strides[i]! - 1));
  const attributes: Record<string, Attribute> = {
    strides,
    dilations,
    group,
    ...(c.automatic ?? { pads: [...begins, ...ends], output_padding: extra }),
  };
  const tensors = {
    x: randomTensor(random, [batch, group * inputs, ...image], 'float32'),
    w: randomTensor(random, [group * inputs, outputs, ...kernel], 'float32'),
    ...(c.bias ? { b: randomTensor(random, [group * outputs], 'float32') } : {}),
  };
  return checkGradient({
    inputs: tensors,
    build: (graph) => graph.add('ConvTranspose', Object.keys(tensors), attributes),
    method: 'linear',
    ...(c.abilities ? { abilities: c.abilities } : {}),
  });
}

interface Case {
  x: number[];
  w: number[];
  bias: boolean;
  attributes: Record<string, number | number[]>;
  outputShape: number[];
  output: string;
  gradients: Record<string, string>;
}

describeRules(convTransposeRules, {
  ConvTranspose: () => {
    it('in one dimension', () => forAll(transposed(1), check, 40));
    it('in two dimensions', () => forAll(transposed(2), check, 60));
    it.each(['VALID', 'SAME_UPPER', 'SAME_LOWER'])('with pads by %s', (auto_pad) =>
      forAll(
        // ONNX wants an output of input · stride; a kernel smaller than the stride would have to be padded for it.
        transposed(2).map((c) => ({
          ...c,
          dilations: [1, 1],
          kernel: c.kernel.map((size, i) => Math.max(size, c.strides[i]!)),
          automatic: { auto_pad },
        })),
        check,
        12,
      ),
    );
    // ONNX wants it to be no smaller than the input.
    it('with an output of a size', () =>
      forAll(
        fc.tuple(transposed(2), fc.nat(2)).map(([c, less]) => ({
          ...c,
          dilations: [1, 1],
          automatic: {
            output_shape: c.image.map((size, i) =>
              Math.max(size, (size - 1) * c.strides[i]! + c.kernel[i]! - less),
            ),
          },
        })),
        check,
        20,
      ));
    it('on a graphics card', () =>
      forAll(
        transposed(2).map((c) => ({ ...c, abilities: LEAST_ABILITIES })),
        check,
        12,
      ));
    it('in blocks of channels, where the processor has that layout', async () => {
      const abilities = await abilitiesOf(runtime);
      const { block } = abilities;
      await forAll(
        transposed(2).map((c) => ({
          ...c,
          group: 1,
          inputs: block,
          outputs: block,
          batch: block,
          abilities,
        })),
        check,
        6,
      );
    });
    const cases = JSON.parse(
      readFileSync(new URL('../../../test/fixtures/conv-transpose.json', import.meta.url), 'utf8'),
    ) as Record<string, Case>;
    it.each(Object.entries(cases))('as PyTorch: %s', async (_, { x, w, bias, attributes, ...expected }) => {
      const shapes: Record<string, number[]> = { x, w };
      if (bias) shapes.b = [w[1]! * ((attributes.group as number) ?? 1)];
      const feeds = Object.fromEntries(
        Object.entries(shapes).map(([name, shape], salt) => {
          const values = stream(salt + 1, sizeOf(shape)).map((u) => Math.fround(2 * u - 1));
          return [name, float32(values, shape)];
        }),
      );
      const graph = new Graph();
      for (const [name, shape] of Object.entries(shapes)) graph.addInput(name, 'float32', shape);
      const y = graph.add('ConvTranspose', Object.keys(shapes), attributes);
      // ½ Σ y², whose gradient by y is y.
      const squares = graph.add('Mul', [graph.add('Mul', [y, y]), graph.scalar(0.5)]);
      const loss = graph.add('ReduceSum', [squares], { keepdims: 0 });
      const gradients = differentiate(graph, await inferTypes(graph, runtime), loss, Object.keys(shapes));
      for (const value of [y, ...gradients.values()]) graph.addOutput(value);
      const session = await runtime.createSession(writeModel(createModel(graph)));
      const results = await session.run(feeds);
      await session.release();
      expect(results[y]!.shape).toEqual(expected.outputShape);
      expect(difference(results[y]!.data as Float32Array, decode(expected.output))).toBeLessThan(1e-5);
      expect([...gradients.keys()].sort()).toEqual(Object.keys(expected.gradients).sort());
      for (const [name, value] of gradients) {
        const found = results[value]!.data as Float32Array;
        expect(difference(found, decode(expected.gradients[name]!)), name).toBeLessThan(1e-5);
      }
    });
  },
});

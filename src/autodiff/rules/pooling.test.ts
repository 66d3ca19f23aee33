import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Attribute, Graph } from '../../onnx/index.ts';
import { Random } from '../../random.ts';
import { inferTypes, LEAST_ABILITIES } from '../../runtime/index.ts';
import { differentiate } from '../differentiate.ts';
import {
  checkGradient,
  describeRules,
  distinctTensor,
  FLOATS,
  forAll,
  randomTensor,
  runtime,
  seeds,
} from '../testing.ts';
import { poolingRules } from './pooling.ts';

const small = fc.integer({ min: 1, max: 2 });

interface Pool {
  shape: number[];
  attributes: Record<string, Attribute>;
}

/** Windows that overlap, touch, or leave gaps, over sizes that they divide or not. */
function pools(dims: number, overrides: Partial<Record<'strides' | 'dilations' | 'pads', 'plain'>> = {}) {
  const each = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: dims, maxLength: dims });
  return fc
    .record({
      kernel: each(fc.integer({ min: 1, max: 3 })),
      strides: each(fc.integer({ min: 1, max: 3 })),
      dilations: each(small),
      extra: each(fc.nat(3)),
      begins: each(fc.nat(2)),
      ends: each(fc.nat(2)),
      batch: small,
      channels: small,
      padding: fc.constantFrom('pads', 'pads', 'none', 'VALID', 'SAME_UPPER', 'SAME_LOWER'),
      ceil: fc.constantFrom(0, 0, 1),
    })
    .map(({ kernel, extra, padding, ceil, batch, channels, ...options }): Pool => {
      const automatic = padding.startsWith('SAME');
      // Windows that leave gaps under automatic padding are refused, below.
      const within = options.strides.map((stride, i) => (automatic ? Math.min(stride, kernel[i]!) : stride));
      const strides = overrides.strides ? kernel : within;
      const dilations = overrides.dilations || automatic ? kernel.map(() => 1) : options.dilations;
      const attributes: Record<string, Attribute> = { kernel_shape: kernel, strides, dilations };
      if (padding === 'pads' && !overrides.pads) {
        // A window that holds nothing but padding has no maximum and no mean.
        const shorter = (pads: number[]) => pads.map((pad, i) => Math.min(pad, kernel[i]! - 1));
        attributes.pads = [...shorter(options.begins), ...shorter(options.ends)];
      }
      if (padding === 'VALID' || (automatic && !overrides.pads)) attributes.auto_pad = padding;
      else attributes.ceil_mode = ceil;
      const image = kernel.map((size, i) => dilations[i]! * (size - 1) + 1 + extra[i]!);
      // A last window that begins outside the image is a case of its own, below.
      const pads = (attributes.pads as number[] | undefined) ?? [...kernel, ...kernel].map(() => 0);
      const outside = kernel.some((size, i) => {
        const free = image[i]! + pads[i]! + pads[i + dims]! - dilations[i]! * (size - 1) - 1;
        return Math.ceil(free / strides[i]!) * strides[i]! >= image[i]! + pads[i]!;
      });
      if (outside && attributes.ceil_mode === 1) attributes.ceil_mode = 0;
      return { shape: [batch, channels, ...image], attributes };
    });
}

function maxPool(arbitrary: fc.Arbitrary<Pool>, type: 'float32' | 'float64', runs: number) {
  return forAll(
    fc.record({ random: seeds, pool: arbitrary }),
    ({ random, pool: { shape, attributes } }) =>
      checkGradient({
        inputs: { x: distinctTensor(random, shape, type) },
        build: (graph) => graph.add('MaxPool', ['x'], attributes),
        method: 'linear',
        step: 0.1,
      }),
    runs,
  );
}

/** By default a pool whose last window, by ceil_mode, begins where the image has ended. */
async function refused(op: string, attributes: Record<string, Attribute> = { ceil_mode: 1 }): Promise<void> {
  const graph = new Graph();
  graph.addInput('x', 'float32', [1, 1, 4]);
  const y = graph.add(op, ['x'], { kernel_shape: [1], strides: [2], ...attributes });
  const loss = graph.add('ReduceSum', [y], { keepdims: 0 });
  const types = await inferTypes(graph, runtime);
  differentiate(graph, types, loss, ['x']);
}

describeRules(poolingRules, {
  MaxPool: () => {
    it('where the device does not say where the maxima stand', async () => {
      const abilities = LEAST_ABILITIES;
      const tiling = fc.record({
        random: seeds,
        height: fc.integer({ min: 1, max: 3 }),
        width: fc.integer({ min: 1, max: 3 }),
      });
      await forAll(tiling, ({ random, height, width }) =>
        checkGradient({
          inputs: { x: distinctTensor(random, [2, 3, 2 * height, 3 * width], 'float32') },
          build: (graph) => graph.add('MaxPool', ['x'], { kernel_shape: [2, 3], strides: [2, 3] }),
          method: 'linear',
          step: 0.1,
          abilities,
        }),
      );
      const overlapping = checkGradient({
        inputs: { x: distinctTensor(Random.from(1), [1, 1, 4, 4], 'float32') },
        build: (graph) => graph.add('MaxPool', ['x'], { kernel_shape: [2, 2], strides: [1, 1] }),
        abilities,
      });
      await expect(overlapping).rejects.toThrow(/windows overlap.*device: 'wasm'/);
    });
    it.each(FLOATS)('with any windows, in %s', async (type) => {
      await maxPool(pools(1), type, 20);
      await maxPool(pools(2), type, 40);
      await maxPool(pools(3), type, 10);
    });
    it('with windows that do not overlap', () =>
      maxPool(pools(2, { strides: 'plain', dilations: 'plain', pads: 'plain' }), 'float32', 30));
    it('with the default stride of 1', () =>
      forAll(seeds, (random) =>
        checkGradient({
          inputs: { x: distinctTensor(random, [1, 2, 4, 5], 'float32') },
          build: (graph) => graph.add('MaxPool', ['x'], { kernel_shape: [2, 2] }),
          method: 'linear',
          step: 0.1,
        }),
      ));
    it('when its indices are used already', () =>
      forAll(seeds, (random) =>
        checkGradient({
          inputs: { x: distinctTensor(random, [2, 1, 4, 4], 'float32') },
          build: (graph) => {
            const [y, indices] = graph.addMany('MaxPool', ['x'], 2, {
              kernel_shape: [2, 2],
              strides: [2, 2],
            });
            return graph.add('Mul', [y!, graph.add('Cast', [indices!], { to: 1 })]);
          },
          method: 'linear',
          step: 0.1,
        }),
      ));
    it('refuses a window outside the image', () =>
      expect(refused('MaxPool')).rejects.toThrow(/last window stands outside/));
    it('refuses indices that count by columns', async () => {
      const graph = new Graph();
      graph.addInput('x', 'float32', [1, 1, 4, 4]);
      const [y] = graph.addMany('MaxPool', ['x'], 2, { kernel_shape: [2, 2], storage_order: 1 });
      const loss = graph.add('ReduceSum', [y!], { keepdims: 0 });
      const types = await inferTypes(graph, runtime);
      expect(() => differentiate(graph, types, loss, ['x'])).toThrow(/only storage_order 0 has a rule/);
    });
  },
  AveragePool: () => {
    it.each([0, 1])('with count_include_pad %i', async (count_include_pad) => {
      const check = (arbitrary: fc.Arbitrary<Pool>, runs: number) =>
        forAll(
          fc.record({ random: seeds, pool: arbitrary }),
          ({ random, pool: { shape, attributes } }) =>
            checkGradient({
              inputs: { x: randomTensor(random, shape, 'float32') },
              build: (graph) => graph.add('AveragePool', ['x'], { ...attributes, count_include_pad }),
              method: 'linear',
            }),
          runs,
        );
      await check(pools(1), 25);
      await check(pools(2), 50);
      await check(pools(3), 10);
    });
    it('refuses windows outside the image, or apart under automatic padding', async () => {
      await expect(refused('AveragePool')).rejects.toThrow(/last window stands outside/);
      await expect(refused('AveragePool', { auto_pad: 'SAME_UPPER' })).rejects.toThrow(/windows leave gaps/);
    });
  },
  GlobalAveragePool: () => {
    it('over images of any rank', () =>
      forAll(
        fc.record({
          random: seeds,
          shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 5 }),
        }),
        ({ random, shape }) =>
          checkGradient({
            inputs: { x: randomTensor(random, shape, 'float32') },
            build: (graph) => graph.add('GlobalAveragePool', ['x']),
            method: 'linear',
          }),
      ));
  },
  GlobalMaxPool: () => {
    it('over images of any rank', () =>
      forAll(
        fc.record({
          random: seeds,
          shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 5 }),
        }),
        ({ random, shape }) =>
          checkGradient({
            inputs: { x: distinctTensor(random, shape, 'float32') },
            build: (graph) => graph.add('GlobalMaxPool', ['x']),
            method: 'linear',
            step: 0.1,
          }),
      ));
  },
});

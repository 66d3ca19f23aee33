import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel, writeModel } from '../onnx/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import {
  ARCHITECTURE_NAMES,
  ARCHITECTURES,
  allConv,
  architecture,
  buildNetwork,
  cifarResNet,
  normalizationOf,
  resNet18,
} from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

type Built = ReturnType<typeof buildNetwork>;
const drops = ({ graph }: Built) =>
  graph.nodes
    .filter(({ op }) => op === 'Dropout')
    .map(({ inputs }) => graph.initializers.get(inputs[1]!)!.data[0]);
const spread = ({ graph }: Built, name: string) => {
  const values = graph.initializers.get(name)!.data as Float32Array;
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
};

describe('the list of architectures', () => {
  it.each(ARCHITECTURES.filter(({ name }) => name !== 'resnet-110').map(({ name }) => name))(
    '%s is what it says',
    async (name) => {
      const { channels, side, stem, head, dropRate } = architecture(name);
      const model = buildNetwork(name, { seed: 1, classes: 7 });
      expect(model.metadata.get('architecture')).toBe(name);
      expect(model.graph.inputs.get('pixels')!.shape).toEqual(['batch', channels, side, side]);
      expect(model.graph.initializers.get(stem)!.shape[1]).toBe(channels);
      expect(model.graph.initializers.get(head)!.shape[0]).toBe(7);
      expect([...new Set(drops(model))]).toEqual(dropRate === undefined ? [] : [Math.fround(dropRate)]);
      const session = await runtime.createSession(writeModel(model));
      const size = channels * side * side;
      const { logits } = await session.run({
        pixels: {
          elementType: 'float32',
          shape: [1, channels, side, side],
          data: new Float32Array(size).fill(0.5),
        },
      });
      await session.release();
      expect(logits!.shape).toEqual([1, 7]);
      expect((logits!.data as Float32Array).every(Number.isFinite)).toBe(true);
    },
  );

  it('knows wide residual networks of other sizes', () => {
    expect(ARCHITECTURE_NAMES).toContain('wrn-D-W');
    expect(buildNetwork('wrn-10-1', { seed: 1, dropRate: 0 }).metadata.get('architecture')).toBe('wrn-10-1');
    expect(architecture('wrn-28-10').dropRate).toBe(0.3);
    expect(() => buildNetwork('wrn-11-1', { seed: 1 })).toThrowError(/6n \+ 4/);
    expect(() => buildNetwork('wrn-10-0', { seed: 1 })).toThrowError(/whole number of times wider/);
  });

  it('suggests the nearest name', () => {
    for (const [typed, meant] of [
      ['resnet18', 'resnet-18'],
      ['allcnv', 'allconv'],
      ['WRN-40-2', 'wrn-40-2'],
    ] as const)
      expect(() => architecture(typed)).toThrowError(`did you mean ${meant}?`);
    expect(() => architecture('transformer-giant')).toThrowError(/"transformer-giant"\. Known are convnet/);
  });

  it('takes a dropout ratio where there is dropout', () => {
    expect(drops(buildNetwork('allconv', { seed: 1, dropRate: 0.25 }))).toEqual([0.25, 0.25]);
    expect(drops(buildNetwork('convnet', { seed: 1, dropRate: 0 }))).toEqual([]);
    expect(buildNetwork('resnet-20', { seed: 1, dropRate: 0 }).graph.nodes.length).toBeGreaterThan(20);
    expect(() => buildNetwork('resnet-20', { seed: 1, dropRate: 0.3 })).toThrowError(
      /resnet-20 has no dropout/,
    );
    expect(() => buildNetwork('wrn-10-1', { seed: 1, dropRate: 1 })).toThrowError(
      /at least 0 and below 1, not 1/,
    );
  });

  it('refuses sizes that cannot be', () => {
    expect(() => buildNetwork('allconv', { seed: 1, side: 8 })).toThrowError(
      /cannot have 8 pixels a side.*at least 12/,
    );
    expect(() => buildNetwork('convnet', { seed: 1, side: 15 })).toThrowError(/at least 16/);
    expect(() => buildNetwork('resnet-20', { seed: 1, classes: 0 })).toThrowError(/0 classes/);
    expect(() => buildNetwork('resnet-20', { seed: 1, channels: 1.5 })).toThrowError(/1.5 channels/);
    expect(() => cifarResNet({ seed: 1, depth: 21 })).toThrowError(/6n \+ 2/);
  });

  it.each([
    ['allconv', { side: 33, channels: 1 }],
    ['allconv', { side: 12 }],
    ['convnet', { side: 16, channels: 3 }],
    ['resnet-20', { side: 31, channels: 1 }],
    ['wrn-10-1', { side: 27, channels: 4 }],
  ] as const)('%s takes images of %o', async (name, sizes) => {
    const model = buildNetwork(name, { seed: 1, ...sizes });
    const [, channels, height] = model.graph.inputs.get('pixels')!.shape as [string, number, number];
    const session = await runtime.createSession(writeModel(model));
    const pixels = new Float32Array(2 * channels * height * height).fill(0.25);
    const { logits } = await session.run({
      pixels: { elementType: 'float32', shape: [2, channels, height, height], data: pixels },
    });
    await session.release();
    expect(logits!.shape).toEqual([2, 10]);
  });
});

describe('parameters start as their authors have it', () => {
  it('allconv: by He, over what goes out, the last bias at zero', () => {
    const model = allConv({ seed: 1 });
    expect(spread(model, 'features.3.weight')).toBeCloseTo(Math.sqrt(2 / (96 * 9)), 3);
    expect(spread(model, 'features.25.weight')).toBeCloseTo(Math.sqrt(2 / 192), 3);
    expect(spread(model, 'classifier.bias')).toBe(0);
  });

  it('resnet-20: by He, over what comes in, the last layer too', () => {
    const model = cifarResNet({ seed: 1 });
    expect(spread(model, 'layer2.0.conv1.weight')).toBeCloseTo(Math.sqrt(2 / (16 * 9)), 2);
    expect(spread(model, 'linear.weight')).toBeCloseTo(Math.sqrt(2 / 64), 1);
  });

  it('resnet-18: by He, over what goes out, the last layer as PyTorch', () => {
    const model = resNet18({ seed: 1, width: 16, side: 32 });
    expect(spread(model, 'layer2.0.conv1.weight')).toBeCloseTo(Math.sqrt(2 / (32 * 9)), 2);
    expect(spread(model, 'fc.weight')).toBeCloseTo(1 / Math.sqrt(3 * 128), 2);
  });
});

describe('normalization', () => {
  const normalize = { mean: [0.5, 0.25, 0.125], std: [0.5, 0.25, 2] };

  it('is what the network would see of (x − mean) / std', async () => {
    const plain = cifarResNet({ seed: 1, depth: 8, side: 8 });
    const normalized = cifarResNet({ seed: 1, depth: 8, side: 8, normalize });
    const x = Float32Array.from({ length: 192 }, (_, i) => (i % 17) / 16);
    const by = x.map(
      (value, i) => (value - normalize.mean[Math.floor(i / 64)]!) / normalize.std[Math.floor(i / 64)]!,
    );
    const logitsOf = async (model: Built, data: Float32Array) => {
      const session = await runtime.createSession(writeModel(model));
      const { logits } = await session.run({ pixels: { elementType: 'float32', shape: [1, 3, 8, 8], data } });
      await session.release();
      return [...(logits!.data as Float32Array)];
    };
    expect(await logitsOf(normalized, x)).toEqual(await logitsOf(plain, by));
    expect(await logitsOf(plain, x)).not.toEqual(await logitsOf(plain, by));
  });

  it('adds no parameters', () => {
    const names = (options: object) => [
      ...cifarResNet({ seed: 1, depth: 8, ...options }).graph.initializers.keys(),
    ];
    expect(names({ normalize })).toEqual(names({}));
  });

  it('is remembered in the file', () => {
    const model = buildNetwork('resnet-20', { seed: 1, normalize });
    expect(normalizationOf(readModel(writeModel(model)))).toEqual(normalize);
    expect(normalizationOf(buildNetwork('resnet-20', { seed: 1 }))).toBeUndefined();
  });

  it.each([
    [{ mean: [0.5], std: [0.5] }],
    [{ mean: [0, 0, 0], std: [1, 1, 0] }],
    [{ mean: [0, 0, 0], std: [1, 1, Number.NaN] }],
    [{ mean: [0, 0, Number.POSITIVE_INFINITY], std: [1, 1, 1] }],
  ])('refuses %o', (wrong) => {
    expect(() => buildNetwork('resnet-20', { seed: 1, normalize: wrong })).toThrowError(/3 means/);
  });

  it.each([
    ['1,2', undefined],
    ['1,x', '1,1'],
    ['1', '1,1'],
    ['1', '0'],
  ])('does not read "%s" and "%s"', (mean, std) => {
    const metadata = new Map([['normalization.mean', mean]]);
    if (std !== undefined) metadata.set('normalization.std', std);
    expect(() => normalizationOf({ metadata })).toThrowError(/should be as many numbers each/);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, type Model, sizeOf, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { convNet, dcganDiscriminator, dcganGenerator, latentSize } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const shapesOf = ({ graph }: Model) =>
  Object.fromEntries(
    [...graph.initializers]
      .filter(([name]) => name.endsWith('.weight'))
      .map(([name, { shape }]) => [name, shape]),
  );

async function run(model: Model, shape: number[]) {
  const [input] = model.graph.inputs.keys();
  const random = Random.from(1);
  const values = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
  const session = await runtime.createSession(writeModel(model));
  const [output] = Object.values(await session.run({ [input!]: float32(values, shape) }));
  await session.release();
  return output!;
}

describe('dcganGenerator', () => {
  it('has the layers of the paper for 32 × 32, named as PyTorch’s', () => {
    expect(shapesOf(dcganGenerator({ seed: 1 }))).toEqual({
      'main.0.weight': [100, 512, 4, 4],
      'main.1.weight': [512],
      'main.3.weight': [512, 256, 4, 4],
      'main.4.weight': [256],
      'main.6.weight': [256, 128, 4, 4],
      'main.7.weight': [128],
      'main.9.weight': [128, 3, 4, 4],
    });
  });

  it.each([
    [28, 1],
    [32, 3],
    [8, 1],
    [20, 2],
  ])('makes images of %d pixels a side and %d channels, in (0, 1)', async (side, channels) => {
    const made = await run(dcganGenerator({ seed: 1, side, channels, features: 4, latent: 7 }), [3, 7]);
    expect(made.shape).toEqual([3, channels, side, side]);
    const pixels = made.data as Float32Array;
    expect(Math.min(...pixels)).toBeGreaterThan(0);
    expect(Math.max(...pixels)).toBeLessThan(1);
    expect(new Set(pixels).size).toBeGreaterThan(100);
  });

  it('starts from N(0, 0.02²), scales from N(1, 0.02²)', () => {
    const { initializers } = dcganGenerator({ seed: 1 }).graph;
    for (const [name, middle] of [
      ['main.3.weight', 0],
      ['main.1.weight', 1],
    ] as const) {
      const values = initializers.get(name)!.data as Float32Array;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const deviation = Math.sqrt(
        values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length,
      );
      expect(mean).toBeCloseTo(middle, 2);
      expect(deviation / 0.02).toBeCloseTo(1, values.length > 1e4 ? 2 : 0);
    }
    expect([...(initializers.get('main.1.bias')!.data as Float32Array)].every((bias) => bias === 0)).toBe(
      true,
    );
  });

  it('is the same for the same seed alone', () => {
    const bytes = (seed: number) => writeModel(dcganGenerator({ seed, side: 8, features: 2 }));
    expect(bytes(1)).toEqual(bytes(1));
    expect(bytes(1)).not.toEqual(bytes(2));
  });

  it('says how many latent numbers it takes, and no other model does', () => {
    expect(latentSize(dcganGenerator({ seed: 1, latent: 12 }))).toBe(12);
    expect(() => latentSize(convNet({ seed: 1 }))).toThrowError(/one input, latent vectors/);
  });
});

describe('dcganDiscriminator', () => {
  it('has the layers of the paper for 32 × 32, named as PyTorch’s', () => {
    expect(shapesOf(dcganDiscriminator({ seed: 1 }))).toEqual({
      'main.0.weight': [128, 3, 4, 4],
      'main.2.weight': [256, 128, 4, 4],
      'main.3.weight': [256],
      'main.5.weight': [512, 256, 4, 4],
      'main.6.weight': [512],
      'main.8.weight': [1, 512, 4, 4],
    });
  });

  it('gives each image one number', async () => {
    const realness = await run(
      dcganDiscriminator({ seed: 1, side: 28, channels: 1, features: 4 }),
      [5, 1, 28, 28],
    );
    expect(realness.shape).toEqual([5, 1]);
    expect([...(realness.data as Float32Array)].every(Number.isFinite)).toBe(true);
  });
});

it.each([
  [{ side: 30 }, 'cannot make images of 30 × 30'],
  [{ side: 7 }, 'cannot make images of 7 × 7'],
  [{ side: 0 }, 'cannot make images of 0 × 0'],
  [{ features: 0 }, 'features: 0'],
  [{ channels: 1.5 }, 'channels: 1.5'],
])('refuses %j', (options, sentence) => {
  for (const build of [dcganGenerator, dcganDiscriminator])
    expect(() => build({ seed: 1, ...options })).toThrowError(sentence);
});

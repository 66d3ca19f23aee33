/** Every architecture against PyTorch (test/fixtures/networks.py): logits, and ten steps of Outlier Exposure. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batch, decode, difference, withStart } from '../../test/fixtures/pytorch.ts';
import { allConv, buildNetwork, cifarResNet, resNet18 } from '../nn/index.ts';
import { outlierExposure } from '../objectives/index.ts';
import { float32, type Model, sizeOf, writeModel } from '../onnx/index.ts';
import { nodeRuntime, type Runtime, type Tensors } from '../runtime/index.ts';
import { compileTrainingStep, sgd, stepValue } from './index.ts';

interface Trained {
  initialLogits: string;
  finalLogits: string;
  rate: number;
  losses: number[];
  final: Record<string, string>;
}
const fixture = JSON.parse(
  readFileSync(new URL('../../test/fixtures/networks.json', import.meta.url), 'utf8'),
) as Record<'allConv' | 'cifarResNet' | 'resNet18' | 'resNet18 small', Trained> & {
  parameters: Record<string, number>;
  'allConv whole': string;
};
/** The script's: how many values of each parameter it keeps. */
const KEPT = 24;

const start = (model: Model) =>
  withStart(model, (name, shape) => shape.length === 1 && name.endsWith('.weight'));

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

async function logitsOf(model: Model, shape: readonly number[], count = 4): Promise<Float32Array> {
  const session = await runtime.createSession(writeModel(model));
  const { logits } = await session.run({ pixels: batch(99, count, 0, shape).pixels });
  await session.release();
  return logits!.data as Float32Array;
}

const normalize = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

describe.each([
  {
    name: 'allConv' as const,
    make: () => allConv({ seed: 1, widths: [8, 16], side: 16, dropRate: 0 }),
    shape: [3, 16, 16],
  },
  {
    name: 'cifarResNet' as const,
    make: () => cifarResNet({ seed: 1, depth: 8, side: 16, normalize }),
    shape: [3, 16, 16],
  },
  {
    name: 'resNet18' as const,
    make: () => resNet18({ seed: 1, width: 4, side: 64, stem: 'imagenet' }),
    shape: [3, 64, 64],
  },
  {
    name: 'resNet18 small' as const,
    make: () => resNet18({ seed: 1, width: 4, side: 32 }),
    shape: [3, 32, 32],
  },
])('$name', ({ name, make, shape }) => {
  const expected = fixture[name];

  it('gives the same logits', async () => {
    expect(difference(await logitsOf(start(make()), shape), decode(expected.initialLogits))).toBeLessThan(
      5e-5,
    );
  });

  it('is the same after ten steps of Outlier Exposure', async () => {
    const model = start(make());
    const optimizer = sgd({ weightDecay: 5e-4 });
    const step = await compileTrainingStep(model, {
      objective: outlierExposure(),
      optimizer,
      batch: { inliers: 4, outliers: 8 },
      runtime,
    });
    const loop = await runtime.createLoop(step.model, step.variables);
    for (const [i, loss] of expected.losses.entries()) {
      const { pixels, labels } = batch(i + 1, 4, 8, shape);
      const feeds: Tensors = { [step.inputs.pixels]: pixels, [step.inputs.labels]: labels };
      for (const [scalar, value] of Object.entries(optimizer.scalars(expected.rate, i + 1)))
        feeds[stepValue(scalar)] = float32([value], []);
      const { outputs } = await loop.step(feeds);
      expect(outputs[stepValue('loss')]!.data[0]).toBeCloseTo(loss, 5);
    }
    const variables = await loop.read();
    await loop.release();
    expect([...step.parameters].sort()).toEqual(Object.keys(expected.final).sort());
    for (const [parameter, values] of Object.entries(expected.final)) {
      const ours = variables[parameter]!.data as Float32Array;
      const distance = Math.max(1, Math.ceil(ours.length / KEPT));
      const kept = ours.filter((_, position) => position % distance === 0);
      expect(difference(kept, decode(values)), parameter).toBeLessThan(5e-5);
      model.graph.initializers.set(parameter, variables[parameter]!);
    }
    expect(difference(await logitsOf(model, shape), decode(expected.finalLogits))).toBeLessThan(5e-5);
  });
});

describe('whole networks', () => {
  it.each(Object.entries(fixture.parameters))('%s has %d parameters', (name, count) => {
    const { initializers } = buildNetwork(name, { seed: 1 }).graph;
    const trained = [...initializers].filter(([key]) => /\.(weight|bias)$/.test(key));
    expect(trained.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0)).toBe(count);
  });

  it('AllConv of full size gives the same logits', async () => {
    const model = start(buildNetwork('allconv', { seed: 1 }));
    expect(difference(await logitsOf(model, [3, 32, 32], 2), decode(fixture['allConv whole']))).toBeLessThan(
      5e-5,
    );
  });
});

/** Training steps beyond the paper's: a teacher beside the model, and other statistics for batch normalization. */
import { afterAll, describe, expect, it } from 'vitest';
import { wideResNet } from '../nn/index.ts';
import { crossEntropy, outlierExposure, withDistillation } from '../objectives/index.ts';
import { float32, int64, type Model } from '../onnx/index.ts';
import { Random } from '../random.ts';
import type { Tensors } from '../runtime/index.ts';
import { compileTrainingStep, type StepOptions, sgd, stepValue, type TrainingStep } from './index.ts';
import { runtime } from './testing.ts';

afterAll(() => runtime.dispose());

const network = (seed = 1) => wideResNet({ seed, depth: 10, widen: 1, side: 8, dropRate: 0 });
const compile = (more: Partial<StepOptions> = {}, model: Model = network()) =>
  compileTrainingStep(model, {
    objective: outlierExposure(),
    optimizer: sgd(),
    batch: { inliers: 4, outliers: 6 },
    runtime,
    ...more,
  });

/** Four inliers, the same for every step, and outliers unlike them. */
function feedsOf(step: TrainingStep, learningRate = 0.05): Tensors {
  const image = (count: number, scale: number, name: string) => {
    const random = Random.from(1, name);
    return Array.from({ length: count * 3 * 64 }, () => scale * random.uniform());
  };
  const outliers = step.batchShape[0]! - 4;
  const pixels = [...image(4, 1, 'inliers'), ...image(outliers, 5, 'outliers')];
  return {
    [step.inputs.pixels]: float32(pixels, step.batchShape),
    [step.inputs.labels]: int64([0, 2, 5, 9]),
    [stepValue('learningRate')]: float32([learningRate], []),
    [stepValue('momentum')]: float32([0.9], []),
  };
}

async function run(step: TrainingStep, count = 3) {
  const loop = await runtime.createLoop(step.model, step.variables);
  const losses: Record<string, number>[] = [];
  for (let i = 0; i < count; i++) {
    const { outputs } = await loop.step(feedsOf(step));
    losses.push(
      Object.fromEntries(step.losses.map((name) => [name, Number(outputs[stepValue(name)]!.data[0])])),
    );
  }
  const weights = await loop.read();
  await loop.release();
  return { losses, weights };
}

/** The largest difference between two runs' weights. */
function apart(a: Tensors, b: Tensors): number {
  let most = 0;
  for (const [name, { data }] of Object.entries(a))
    for (const [i, value] of (data as Float32Array).entries())
      most = Math.max(most, Math.abs(value - (b[name]!.data as Float32Array)[i]!));
  return most;
}

describe('a teacher in the training step', () => {
  const objective = withDistillation(crossEntropy(), { weight: 2, temperature: 1 });
  const batch = { inliers: 4, outliers: 0 };

  it('is no variable, and stays as it is while the model moves', async () => {
    const plain = await compile({ objective: crossEntropy(), batch, normalization: 'frozen' });
    const step = await compile({ objective, teacher: network(), batch, normalization: 'frozen' });
    expect(step.parameters).toEqual(plain.parameters);
    expect(step.variables.length).toBe(plain.variables.length);
    expect(step.losses).toEqual(['loss', 'crossEntropy', 'distillation', 'accuracy']);
    const { losses } = await run(step);
    // With frozen statistics the model begins as its own teacher.
    expect(losses[0]!.distillation).toBeCloseTo(0, 5);
    expect(losses[1]!.distillation).toBeGreaterThan(1e-4);
    for (const { loss, crossEntropy: own, distillation } of losses)
      expect(loss).toBeCloseTo(own! + 2 * distillation!, 4);
  });

  it('sees the in-distribution part of a stacked batch', async () => {
    const alone = await run(
      await compile({ objective, teacher: network(2), batch, normalization: 'frozen' }),
    );
    const stacked = await run(await compile({ objective, teacher: network(2), normalization: 'frozen' }));
    expect(alone.losses[0]!.distillation).toBeGreaterThan(1e-3);
    expect(stacked.losses.at(-1)!.distillation).toBeCloseTo(alone.losses.at(-1)!.distillation!, 6);
  });

  it('holds the model back', async () => {
    const plain = await run(await compile({ normalization: 'frozen' }), 6);
    const held = withDistillation(outlierExposure(), { weight: 3 });
    const taught = await run(
      await compile({ objective: held, teacher: network(), normalization: 'frozen' }),
      6,
    );
    const start = Object.fromEntries(
      [...network().graph.initializers].filter(([name]) => name in plain.weights),
    );
    expect(apart(start, taught.weights)).toBeLessThan(apart(start, plain.weights));
  });

  it('must be given', async () => {
    await expect(compile({ objective })).rejects.toThrowError(/cross-entropy\+distillation needs a teacher/);
  });
});

describe('the statistics of batch normalization', () => {
  it('are those of the stacked batch by default', async () => {
    const [left, given] = [
      await run(await compile()),
      await run(await compile({ normalization: 'stacked' })),
    ];
    expect(apart(left.weights, given.weights)).toBe(0);
  });

  it('of the inliers alone make outliers without a loss of their own change nothing', async () => {
    const objective = outlierExposure({ lambda: 0 });
    const alone = await run(await compile({ objective: crossEntropy(), batch: { inliers: 4, outliers: 0 } }));
    const beside = await run(await compile({ objective, normalization: 'inliers' }));
    expect(apart(alone.weights, beside.weights)).toBeLessThan(1e-4);
    expect(beside.losses.at(-1)!.crossEntropy).toBeCloseTo(alone.losses.at(-1)!.crossEntropy!, 4);
    const stacked = await run(await compile({ objective }));
    expect(apart(alone.weights, stacked.weights)).toBeGreaterThan(0.01);
  });

  it('stay to the bit where they are frozen, while all else is trained', async () => {
    const { weights } = await run(await compile({ normalization: 'frozen' }));
    const before = network().graph.initializers;
    for (const [name, { data }] of before) {
      if (!(name in weights)) continue;
      if (name.includes('.running_')) expect(weights[name]!.data).toEqual(data);
      else expect(weights[name]!.data, name).not.toEqual(data);
    }
  });
});

/** Outliers that go through the model by themselves, against outliers that are stacked behind the others. */
import { afterAll, describe, expect, it } from 'vitest';
import { endsOf } from '../classifier/index.ts';
import { gruClassifier, wideResNet } from '../nn/index.ts';
import { outlierExposure } from '../objectives/index.ts';
import { float32, int64 } from '../onnx/index.ts';
import { Random } from '../random.ts';
import type { Tensors } from '../runtime/index.ts';
import { adam, compileTrainingStep, type StepOptions, stepValue, type TrainingStep } from './index.ts';
import { addOutlierPass } from './outlier-pass.ts';
import { runtime } from './testing.ts';

afterAll(() => runtime.dispose());

const BATCH = { inliers: 4, outliers: 6 };
const model = gruClassifier({ seed: 1, vocabulary: 30, classes: 3, embedding: 5, hidden: 7, padding: 1 });
const compile = (more: Partial<StepOptions>) =>
  compileTrainingStep(model, {
    objective: outlierExposure({ lambda: 1 }),
    optimizer: adam(),
    batch: BATCH,
    runtime,
    ...more,
  });

/** Numbers of words, [rows, length]; the first `padding` of each row are padding. */
function words(rows: number, length: number, padding = 0): number[] {
  const random = Random.from(1, rows);
  return Array.from({ length: rows }, () => [
    ...Array(padding).fill(1),
    ...Array.from({ length: length - padding }, () => 2 + random.integer(28)),
  ]).flat();
}

async function stepped({ model: bytes, variables, inputs }: TrainingStep, batch: Tensors) {
  const loop = await runtime.createLoop(bytes, variables);
  const scalars = Object.entries(adam().scalars(0.01, 1)).map(([name, value]) => [
    stepValue(name),
    float32([value], []),
  ]);
  const labels = int64([0, 1, 2, 1]);
  const { outputs } = await loop.step({ ...batch, [inputs.labels]: labels, ...Object.fromEntries(scalars) });
  const after = await loop.read();
  await loop.release();
  return { losses: outputs, after };
}

const numbers = (tensors: Tensors) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );

describe('a step with two passes', () => {
  it('equals the stacked one where both have one length', async () => {
    const [inliers, outliers] = [words(4, 8), words(6, 8)];
    const stacked = await compile({ dimensions: { time: 8 } });
    const apart = await compile({ dimensions: { time: 8 }, outlierDimensions: { time: 8 } });
    expect(stacked.inputs.outliers).toBeUndefined();
    expect([apart.batchShape, apart.classes, apart.parameters]).toEqual([[4, 8], 3, stacked.parameters]);
    const one = await stepped(stacked, { tokens: int64([...inliers, ...outliers], [10, 8]) });
    const two = await stepped(apart, {
      tokens: int64(inliers, [4, 8]),
      [apart.inputs.outliers!]: int64(outliers, [6, 8]),
    });
    for (const which of ['losses', 'after'] as const) {
      const [expected, found] = [numbers(one[which]), numbers(two[which])];
      expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
      for (const [name, values] of Object.entries(expected))
        for (const [i, value] of values.entries()) expect(found[name]![i], name).toBeCloseTo(value, 5);
    }
  });

  it('takes outliers of another length, in the order of their rows', async () => {
    const step = await compile({ dimensions: { time: 8 }, outlierDimensions: { time: 16 } });
    const at = (outliers: number[]) =>
      stepped(step, {
        tokens: int64(words(4, 8), [4, 8]),
        [step.inputs.outliers!]: int64(outliers, [6, 16]),
      });
    const first = await at(words(6, 16));
    const padded = await at(words(6, 16, 8));
    const [loss, uniform, entropy] = ['loss', 'uniformCrossEntropy', 'crossEntropy'].map(stepValue) as [
      string,
      string,
      string,
    ];
    // The outliers' term alone is another.
    expect(padded.losses[entropy]).toEqual(first.losses[entropy]);
    expect(padded.losses[uniform]).not.toEqual(first.losses[uniform]);
    expect(first.losses[loss]!.data[0]).toBeCloseTo(
      Number(first.losses[entropy]!.data[0]) + Number(first.losses[uniform]!.data[0]),
      5,
    );
  });

  it('is refused where it would normalize two batches', () => {
    const { graph } = wideResNet({ seed: 1, depth: 10, widen: 1, classes: 3 });
    expect(() => addOutlierPass(graph.clone(), endsOf(graph))).toThrowError(
      /with batch normalization in a node/,
    );
  });
});

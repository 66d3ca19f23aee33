import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModel, float32, Graph, int64, writeModel } from '../onnx/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { crossEntropy, type Objective, outlierExposure } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

async function evaluate(
  objective: Objective,
  inliers: number[][],
  labels: number[],
  outliers?: number[][],
): Promise<Record<string, number>> {
  const graph = new Graph();
  const classes = inliers[0]!.length;
  const inlierLogits = graph.addInput('in', 'float32', [inliers.length, classes]);
  const outlierLogits = outliers && graph.addInput('out', 'float32', [outliers.length, classes]);
  const { loss, parts } = objective.build({
    graph,
    inlierLogits,
    outlierLogits,
    labels: graph.addInput('labels', 'int64', [labels.length]),
    classes,
  });
  const values = { loss, ...parts };
  for (const value of new Set(Object.values(values))) graph.addOutput(value);
  const session = await runtime.createSession(writeModel(createModel(graph)));
  const outputs = await session.run({
    in: float32(inliers.flat(), [inliers.length, classes]),
    labels: int64(labels),
    ...(outliers ? { out: float32(outliers.flat(), [outliers.length, classes]) } : {}),
  });
  await session.release();
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number(outputs[value]!.data[0])]),
  );
}

const inliers = [
  [0, 0, 0],
  [Math.log(2), 0, 0],
  [0, Math.log(6), 0],
];
const labels = [2, 0, 0];
// −log of 1/3, 2/4 and 1/8.
const crossEntropyByHand = (Math.log(3) + Math.log(2) + Math.log(8)) / 3;
const outliers = [
  [5, 5, 5],
  [Math.log(2), 0, 0],
];
// H(U; p) of the uniform prediction is log 3; of (2, 1, 1)/4 it is (log 2 + log 4 + log 4) / 3.
const uniformByHand = (Math.log(3) + (Math.log(2) + 2 * Math.log(4)) / 3) / 2;

describe('crossEntropy', () => {
  it('is as computed by hand', async () => {
    expect((await evaluate(crossEntropy(), inliers, labels)).loss).toBeCloseTo(crossEntropyByHand, 5);
  });
});

describe('outlierExposure', () => {
  it.each([0.5, 1, 0])('weighs the uniform term by λ = %d', async (lambda) => {
    const values = await evaluate(outlierExposure({ lambda }), inliers, labels, outliers);
    expect(values.crossEntropy).toBeCloseTo(crossEntropyByHand, 5);
    expect(values.uniformCrossEntropy).toBeCloseTo(uniformByHand, 5);
    expect(values.loss).toBeCloseTo(crossEntropyByHand + lambda * uniformByHand, 5);
  });

  it('is least where outliers are predicted uniformly, and does not see shifts', async () => {
    const of = async (row: number[]) =>
      (await evaluate(outlierExposure(), inliers, labels, [row])).uniformCrossEntropy!;
    expect(await of([7, 7, 7])).toBeCloseTo(Math.log(3), 5);
    expect(await of([1, 2, 4])).toBeGreaterThan(Math.log(3));
    expect(await of([101, 102, 104])).toBeCloseTo(await of([1, 2, 4]), 4);
  });

  it('is never below log K, and log K at uniform logits alone', async () => {
    const logit = fc.double({ min: -20, max: 20, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(logit, { minLength: 3, maxLength: 3 }), logit, async (row, shift) => {
        const of = async (logits: number[]) =>
          (await evaluate(outlierExposure(), inliers, labels, [logits])).uniformCrossEntropy!;
        const value = await of(row);
        const largest = Math.max(...row);
        const logSumExp = largest + Math.log(row.reduce((sum, z) => sum + Math.exp(z - largest), 0));
        const byHand = logSumExp - row.reduce((sum, z) => sum + z, 0) / 3;
        expect(value).toBeCloseTo(byHand, 4);
        expect(value).toBeGreaterThanOrEqual(Math.log(3) - 1e-5);
        if (Math.max(...row) - Math.min(...row) > 0.1) expect(value).toBeGreaterThan(Math.log(3) + 1e-5);
        expect(await of(row.map((z) => z + shift))).toBeCloseTo(value, 4);
        expect(await of(row.map(() => shift))).toBeCloseTo(Math.log(3), 4);
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it('stays a number for logits of any size', async () => {
    const { crossEntropy: ce, uniformCrossEntropy } = await evaluate(
      outlierExposure(),
      [[1e4, -1e4, 0]],
      [1],
      [[1e4, 0, -1e4]],
    );
    expect(ce).toBeCloseTo(2e4, 0);
    expect(uniformCrossEntropy).toBeCloseTo(1e4, 0);
  });

  it('says that it needs outliers', async () => {
    await expect(evaluate(outlierExposure(), inliers, labels)).rejects.toThrowError(
      /needs outliers in the batch/,
    );
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differentiate } from '../autodiff/index.ts';
import { createModel, float32, Graph, int64, writeModel } from '../onnx/index.ts';
import { inferTypes, nodeRuntime, type Runtime } from '../runtime/index.ts';
import { hardOutlierExposure, type Objective, outlierExposure } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const inliers = [
  [0, 0, 0],
  [Math.log(2), 0, 0],
];
const labels = [2, 0];

/** The loss's parts, and its gradient with respect to the outliers' logits. */
async function evaluate(objective: Objective, outliers: number[][]) {
  const graph = new Graph();
  const logits = (name: string, rows: number[][]) => graph.addInput(name, 'float32', [rows.length, 3]);
  const { loss, parts } = objective.build({
    graph,
    inlierLogits: logits('in', inliers),
    outlierLogits: logits('out', outliers),
    labels: graph.addInput('labels', 'int64', [labels.length]),
    classes: 3,
  });
  const feeds = {
    in: float32(inliers.flat(), [inliers.length, 3]),
    labels: int64(labels),
    out: float32(outliers.flat(), [outliers.length, 3]),
  };
  const types = await inferTypes(graph, runtime);
  const gradient = differentiate(graph, types, loss, ['out']).get('out')!;
  const values = { loss, ...parts };
  for (const value of new Set([...Object.values(values), gradient])) graph.addOutput(value);
  const session = await runtime.createSession(writeModel(createModel(graph)));
  const outputs = await session.run(feeds);
  await session.release();
  const number = (name: string) => Number(outputs[name]!.data[0]);
  return {
    loss: number(loss),
    uniform: number(parts.uniformCrossEntropy!),
    gradient: [...(outputs[gradient]!.data as Float32Array)],
  };
}

// Of these, max p is 1/3, 2/4, 8/10 and 6/8.
const outliers = [
  [1, 1, 1],
  [Math.log(2), 0, 0],
  [0, Math.log(8), 0],
  [0, 0, Math.log(6)],
];
// H(U; p) = log Σ e^z − mean z.
const uniform = [
  Math.log(3),
  Math.log(4) - Math.log(2) / 3,
  Math.log(10) - Math.log(8) / 3,
  Math.log(8) - Math.log(6) / 3,
];

describe('hardOutlierExposure', () => {
  it('learns from the outliers that the classifier is surest about', async () => {
    const { uniform: one } = await evaluate(hardOutlierExposure({ kept: 1 }), outliers);
    expect(one).toBeCloseTo(uniform[2]!, 5);
    const { uniform: two, gradient } = await evaluate(hardOutlierExposure({ kept: 2, lambda: 1 }), outliers);
    expect(two).toBeCloseTo((uniform[2]! + uniform[3]!) / 2, 5);
    // ∂/∂z_k of H(U; p) is p_k − 1/3; those left out have none.
    const expected = [
      0,
      0,
      0,
      0,
      0,
      0,
      0.1 - 1 / 3,
      0.8 - 1 / 3,
      0.1 - 1 / 3,
      1 / 8 - 1 / 3,
      1 / 8 - 1 / 3,
      6 / 8 - 1 / 3,
    ];
    for (const [i, value] of expected.entries()) expect(gradient[i]).toBeCloseTo(value / 2, 5);
  });

  it('is Outlier Exposure when all are kept', async () => {
    const hard = await evaluate(hardOutlierExposure({ kept: 4, lambda: 0.7 }), outliers);
    const plain = await evaluate(outlierExposure({ lambda: 0.7 }), outliers);
    expect(hard.loss).toBeCloseTo(plain.loss, 5);
    for (const [i, value] of plain.gradient.entries()) expect(hard.gradient[i]).toBeCloseTo(value, 5);
    expect(plain.gradient.some((value) => Math.abs(value) > 0.01)).toBe(true);
  });

  it('keeps ties with the last one kept', async () => {
    const { uniform: mean } = await evaluate(hardOutlierExposure({ kept: 1 }), [
      outliers[2]!,
      [Math.log(8), 0, 0],
      outliers[0]!,
    ]);
    expect(mean).toBeCloseTo(uniform[2]!, 5);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses to keep %d', (kept) => {
    expect(() => hardOutlierExposure({ kept })).toThrow(/whole number of 1 or more/);
  });
});

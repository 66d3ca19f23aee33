import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differentiate } from '../autodiff/index.ts';
import { createModel, float32, Graph, int64, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { inferTypes, nodeRuntime, type Runtime } from '../runtime/index.ts';
import { discriminatorLoss, generatorLoss, outlierExposure, syntheticOutliers } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const CLASSES = 3;
type Rows = Record<string, { values: number[]; shape: number[] }>;

/** Values of a graph over the inputs, the first one with its gradients by every input. */
async function evaluate(rows: Rows, build: (graph: Graph) => Record<string, string>) {
  const graph = new Graph();
  for (const [name, { shape }] of Object.entries(rows)) graph.addInput(name, 'float32', shape);
  graph.addInput('labels', 'int64', [2]);
  const named = build(graph);
  const [loss] = Object.values(named);
  const types = await inferTypes(graph, runtime);
  const gradients = differentiate(graph, types, loss!, Object.keys(rows));
  for (const value of new Set([...Object.values(named), ...gradients.values()])) graph.addOutput(value);
  const session = await runtime.createSession(writeModel(createModel(graph)));
  const feeds = Object.fromEntries(
    Object.entries(rows).map(([name, { values, shape }]) => [name, float32(values, shape)]),
  );
  const results = await session.run({
    ...feeds,
    ...(graph.inputs.has('labels') && { labels: int64([0, 2]) }),
  });
  await session.release();
  return {
    values: Object.fromEntries(
      Object.entries(named).map(([name, value]) => [name, Number(results[value]!.data[0])]),
    ),
    gradients: Object.fromEntries(
      [...gradients].map(([name, value]) => [name, [...(results[value]!.data as Float32Array)]]),
    ),
  };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const inRows = (values: number[]) =>
  Array.from({ length: values.length / CLASSES }, (_, i) => values.slice(i * CLASSES, (i + 1) * CLASSES));
const logSumExp = (row: number[]) => Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
const divergence = (values: number[]) =>
  mean(inRows(values).map((row) => logSumExp(row) - mean(row) - Math.log(CLASSES)));
const surprise = (x: number) => Math.log1p(Math.exp(-x));

const random = Random.from(5, 'adversarial');
const drawn = (count: number) => Array.from({ length: count }, () => 2 * random.normal());

/** Compares a loss and its slope, by differences of the formula in float64. */
function expectSlope(
  found: { values: Record<string, number>; gradients: Record<string, number[]> },
  rows: Rows,
  formula: (values: Record<string, number[]>) => number,
) {
  const at = Object.fromEntries(Object.entries(rows).map(([name, { values }]) => [name, values]));
  expect(Object.values(found.values)[0]).toBeCloseTo(formula(at), 4);
  for (const [name, values] of Object.entries(at)) {
    for (const [i, value] of values.entries()) {
      const moved = (by: number) => formula({ ...at, [name]: values.with(i, value + by) });
      expect(found.gradients[name]![i], `${name} ${i}`).toBeCloseTo((moved(1e-4) - moved(-1e-4)) / 2e-4, 4);
    }
  }
}

describe('the discriminator’s loss', () => {
  it('is log 2 for each part when it does not know', async () => {
    const rows = { real: { values: [0, 0], shape: [2, 1] }, made: { values: [0, 0, 0], shape: [3, 1] } };
    const { values } = await evaluate(rows, (graph) => ({
      loss: discriminatorLoss(graph, { real: 'real', made: 'made' }),
    }));
    expect(values.loss).toBeCloseTo(2 * Math.LN2, 5);
  });

  it('has the value and the slope of its formula', async () => {
    const rows = { real: { values: drawn(2), shape: [2, 1] }, made: { values: drawn(3), shape: [3, 1] } };
    const found = await evaluate(rows, (graph) => ({
      loss: discriminatorLoss(graph, { real: 'real', made: 'made' }),
    }));
    expectSlope(
      found,
      rows,
      ({ real, made }) => mean(real!.map(surprise)) + mean(made!.map((x) => surprise(-x))),
    );
  });

  it('stays finite where it is as wrong as can be', async () => {
    const rows = {
      real: { values: [-3e4, -200], shape: [2, 1] },
      made: { values: [200, 3e4], shape: [2, 1] },
    };
    const { values, gradients } = await evaluate(rows, (graph) => ({
      loss: discriminatorLoss(graph, { real: 'real', made: 'made' }),
    }));
    expect(values.loss).toBeCloseTo(30200, 0);
    expect(gradients).toEqual({ real: [-0.5, -0.5], made: [0.5, 0.5] });
  });
});

describe('the generator’s loss', () => {
  it.each([0, 0.1, 1])('has the value and the slope of its formula, with β = %d', async (beta) => {
    const rows = {
      realness: { values: drawn(3), shape: [3, 1] },
      logits: { values: drawn(3 * CLASSES), shape: [3, CLASSES] },
    };
    const found = await evaluate(rows, (graph) =>
      generatorLoss(graph, { realness: 'realness', logits: 'logits', classes: CLASSES, beta }),
    );
    expectSlope(
      found,
      rows,
      ({ realness, logits }) => mean(realness!.map(surprise)) + beta * divergence(logits!),
    );
    expect(found.values.deception).toBeCloseTo(mean(rows.realness.values.map(surprise)), 5);
  });
});

describe('syntheticOutliers', () => {
  const rows = {
    in: { values: drawn(2 * CLASSES), shape: [2, CLASSES] },
    out: { values: drawn(3 * CLASSES), shape: [3, CLASSES] },
  };
  const build = (objective: ReturnType<typeof syntheticOutliers>) => (graph: Graph) => {
    const ends = { inlierLogits: 'in', outlierLogits: 'out', labels: 'labels', classes: CLASSES };
    const { loss, parts } = objective.build({ graph, ...ends });
    return { loss, ...parts };
  };

  it('has the value and the slope of its formula', async () => {
    const found = await evaluate(rows, build(syntheticOutliers({ beta: 0.3 })));
    const crossEntropy = (values: number[]) => {
      const [first, second] = inRows(values) as [number[], number[]];
      return mean([logSumExp(first) - first[0]!, logSumExp(second) - second[2]!]);
    };
    expectSlope(found, rows, (at) => crossEntropy(at.in!) + 0.3 * divergence(at.out!));
    expect(found.values.uniformDivergence).toBeCloseTo(divergence(rows.out.values), 5);
  });

  it('is Outlier Exposure with λ = β, but for a constant', async () => {
    const [ours, exposure] = [
      await evaluate(rows, build(syntheticOutliers({ beta: 0.5 }))),
      await evaluate(rows, build(outlierExposure({ lambda: 0.5 }))),
    ];
    expect(exposure.values.loss! - ours.values.loss!).toBeCloseTo(0.5 * Math.log(CLASSES), 5);
    for (const [name, gradient] of Object.entries(ours.gradients))
      for (const [i, value] of gradient.entries())
        expect(value).toBeCloseTo(exposure.gradients[name]![i]!, 6);
  });

  it('is no divergence where all classes are as likely', async () => {
    const even = { ...rows, out: { values: Array(9).fill(7), shape: [3, CLASSES] } };
    expect((await evaluate(even, build(syntheticOutliers()))).values.uniformDivergence).toBeCloseTo(0, 6);
  });

  it('refuses a weight below 0, and a batch without outliers', () => {
    expect(() => syntheticOutliers({ beta: -1 })).toThrowError(/beta = -1/);
    const values = {
      graph: new Graph(),
      inlierLogits: 'in',
      outlierLogits: undefined,
      labels: 'labels',
      classes: 3,
    };
    values.graph.addInput('in', 'float32', [2, 3]);
    values.graph.addInput('labels', 'int64', [2]);
    expect(() => syntheticOutliers().build(values)).toThrowError(/needs outliers/);
  });
});

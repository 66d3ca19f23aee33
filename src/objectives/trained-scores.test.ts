/** The objectives that train a score of their own: by hand, against finite differences, and at their edges. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkGradient } from '../autodiff/testing.ts';
import { createModel, float32, Graph, int64, writeModel } from '../onnx/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import {
  confidenceBranch,
  energyBounded,
  OBJECTIVES,
  type Objective,
  objectiveNamed,
  rejectClass,
  withDistillation,
} from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const CLASSES = 3;
const inliers = [0.3, -0.4, 1.1, 2, 0.1, -1, 0.5, 0.2, 0.9, -0.6, 1.4, 0.3];
const labels = [2, 0, 1, 1];
const outliers = [0.4, 1.2, -0.8, -1.5, 0.6, 0.2];
const inlierBranch = [0.7, -1.2, 2.1, 0.2];
const outlierBranch = [0.9, -0.4];
/** The second and the third example get a hint. */
const HINTS = [0, 1, 1, 0];

const values = {
  in: float32(inliers, [4, CLASSES]),
  out: float32(outliers, [2, CLASSES]),
  inBranch: float32(inlierBranch, [4, 1]),
  outBranch: float32(outlierBranch, [2, 1]),
};

function build(graph: Graph, objective: Objective, state: Record<string, number> = {}) {
  const given = { ...objective.state, ...state };
  return objective.build({
    graph,
    inlierLogits: 'in',
    outlierLogits: objective.outliers ? 'out' : undefined,
    inlierBranch: 'inBranch',
    outlierBranch: 'outBranch',
    teacherLogits: 'in',
    labels: graph.constant(int64(labels)),
    classes: CLASSES,
    state: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, graph.scalar(value)])),
    mask: () => graph.constant(float32(HINTS, [4])),
  });
}

async function evaluate(objective: Objective, feeds = values, state: Record<string, number> = {}) {
  const graph = new Graph();
  for (const [name, { shape }] of Object.entries(feeds)) graph.addInput(name, 'float32', shape);
  const { loss, parts, next = {} } = build(graph, objective, state);
  const wanted = {
    loss,
    ...parts,
    ...Object.fromEntries(Object.entries(next).map(([k, v]) => [`next ${k}`, v])),
  };
  const outputs = Object.entries(wanted).map(
    ([name, value]) => [name, graph.add('Identity', [value])] as const,
  );
  for (const [, value] of outputs) graph.addOutput(value);
  const session = await runtime.createSession(writeModel(createModel(graph)));
  const found = await session.run(feeds);
  await session.release();
  return Object.fromEntries(outputs.map(([name, value]) => [name, Number(found[value]!.data[0])]));
}

const sigmoid = (s: number) => 1 / (1 + Math.exp(-s));
const rows = (flat: number[]) =>
  Array.from({ length: flat.length / CLASSES }, (_, i) => flat.slice(i * CLASSES, (i + 1) * CLASSES));
const sumExp = (row: number[]) => row.reduce((sum, z) => sum + Math.exp(z), 0);
const mean = (numbers: number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
const ofLabels = rows(inliers).map((row, i) => Math.exp(row[labels[i]!]!) / sumExp(row));

describe('confidenceBranch', () => {
  // As the formula has it, with probabilities.
  const crossEntropy = mean(
    ofLabels.map((p, i) => {
      const b = HINTS[i] ? sigmoid(inlierBranch[i]!) : 1;
      return -Math.log(p * b + (1 - b));
    }),
  );
  const confidence = mean(inlierBranch.map((s) => -Math.log(sigmoid(s))));

  it('is as computed by hand', async () => {
    const found = await evaluate(confidenceBranch());
    const outlierTerm = mean(outlierBranch.map((s) => Math.log(sigmoid(s))));
    expect(found.crossEntropy).toBeCloseTo(crossEntropy, 5);
    expect(found.confidence).toBeCloseTo(confidence, 5);
    expect(found.outlierLogConfidence).toBeCloseTo(outlierTerm, 5);
    expect(found.loss).toBeCloseTo(crossEntropy + 0.1 * confidence + 0.5 * outlierTerm, 5);
    const alone = await evaluate(confidenceBranch({ lambda: 0, start: 2 }));
    expect(alone.loss).toBeCloseTo(crossEntropy + 2 * confidence, 5);
    expect(alone).not.toHaveProperty('outlierLogConfidence');
  });

  it('steers its weight by the budget', async () => {
    const next = async (budget: number) =>
      (await evaluate(confidenceBranch({ budget }), values, { confidenceWeight: 0.4 }))[
        'next confidenceWeight'
      ];
    expect(await next(confidence + 0.01)).toBeCloseTo(0.4 / 1.01, 6);
    expect(await next(confidence - 0.01)).toBeCloseTo(0.4 / 0.99, 6);
  });

  it('stops pulling at the least confidence', async () => {
    const far = { ...values, outBranch: float32([-50, -4], [2, 1]) };
    const found = await evaluate(confidenceBranch({ leastConfidence: 0.01 }), far);
    expect(found.outlierLogConfidence).toBeCloseTo((Math.log(0.01) + Math.log(sigmoid(-4))) / 2, 5);
  });

  it('neither overflows nor vanishes, however sure and however wrong', async () => {
    const extreme = {
      ...values,
      in: float32([90, -90, -90, -90, 90, 0, 0, 0, 500, 0, 0, 0], [4, CLASSES]),
      inBranch: float32([90, 90, -90, 300], [4, 1]),
      outBranch: float32([300, -300], [2, 1]),
    };
    for (const value of Object.values(await evaluate(confidenceBranch(), extreme)))
      expect(Number.isFinite(value)).toBe(true);
  });

  it.each([
    [{ lambda: -1 }, /lambda = -1: give a finite number of at least 0/],
    [{ budget: 0 }, /budget = 0: give a finite number above 0/],
    [{ start: Number.NaN }, /start = NaN/],
    [{ leastConfidence: 1 }, /between 0 and 1/],
  ])('refuses %o', (options, message) => {
    expect(() => confidenceBranch(options)).toThrowError(message);
  });
});

describe('energyBounded', () => {
  const energies = (flat: number[]) => rows(flat).map((row) => -Math.log(sumExp(row)));
  it.each([
    [-1.5, -1.2],
    [-23, -5],
    [0, -3],
  ])('is as computed by hand, between margins of %d and %d', async (inMargin, outMargin) => {
    const found = await evaluate(energyBounded({ inMargin, outMargin, weight: 0.3 }));
    const within = mean(energies(inliers).map((e) => Math.max(0, e - inMargin) ** 2));
    const without = mean(energies(outliers).map((e) => Math.max(0, outMargin - e) ** 2));
    expect(found.inlierEnergy).toBeCloseTo(within, 4);
    expect(found.outlierEnergy).toBeCloseTo(without, 4);
    expect(found.loss).toBeCloseTo(-mean(ofLabels.map(Math.log)) + 0.3 * (within + without), 4);
  });

  it('refuses what are no numbers', () => {
    expect(() => energyBounded({ inMargin: Number.NaN })).toThrowError(/margins NaN and -5/);
    expect(() => energyBounded({ weight: -0.1 })).toThrowError(/weight = -0.1/);
  });
});

describe('rejectClass', () => {
  it('is as computed by hand', async () => {
    const found = await evaluate(rejectClass({ lambda: 0.7 }));
    const known = mean(
      rows(inliers).map((row, i) => Math.log(sumExp([...row, inlierBranch[i]!])) - row[labels[i]!]!),
    );
    const rejected = mean(
      rows(outliers).map((row, i) => Math.log(sumExp([...row, outlierBranch[i]!])) - outlierBranch[i]!),
    );
    expect(found.crossEntropy).toBeCloseTo(known, 5);
    expect(found.rejectCrossEntropy).toBeCloseTo(rejected, 5);
    expect(found.loss).toBeCloseTo(known + 0.7 * rejected, 5);
  });
});

describe('gradients', () => {
  it.each([
    ['confidenceBranch', confidenceBranch({ start: 0.6 })],
    ['confidenceBranch alone', confidenceBranch({ lambda: 0 })],
    ['energyBounded', energyBounded({ inMargin: -3, outMargin: -0.2 })],
    ['rejectClass', rejectClass()],
  ])('of %s agree with finite differences', async (_, objective) => {
    await checkGradient({ inputs: values, build: (graph) => build(graph, objective).loss });
  });
});

describe('objectiveNamed', () => {
  it.each(OBJECTIVES)('%s is called by its name', (name) => {
    expect(objectiveNamed(name)).toMatchObject({ name, outliers: true });
  });

  it('without outliers trains what can be trained without', () => {
    expect(objectiveNamed('outlier-exposure', {}, 'without outliers').name).toBe('cross-entropy');
    const branch = objectiveNamed('confidence-branch', { lambda: 0.5 }, 'without outliers');
    expect(branch).toMatchObject({ outliers: false, branch: 'confidence' });
    expect(objectiveNamed('energy', {}, 'without outliers').outliers).toBe(true);
  });

  it('hands its settings on', async () => {
    const settings = { lambda: 0.3, inMargin: -1.5, outMargin: -1.2 };
    expect(await evaluate(objectiveNamed('energy', settings))).toEqual(
      await evaluate(energyBounded({ weight: 0.3, inMargin: -1.5, outMargin: -1.2 })),
    );
  });
});

it('keeps branch, state and steering under distillation', async () => {
  const objective = withDistillation(confidenceBranch());
  expect(objective).toMatchObject({ branch: 'confidence', state: { confidenceWeight: 0.1 }, teacher: true });
  expect(await evaluate(objective)).toHaveProperty('next confidenceWeight');
});

/** Training a confidence branch and a reject class: against PyTorch (test/fixtures/confidence-branch.py), and as a run. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { batch, difference, withStart } from '../../test/fixtures/pytorch.ts';
import { buildVocabulary, createTokenizer, encodeTexts, memoryTexts, PAD_ID } from '../data/index.ts';
import {
  convNet,
  gruClassifier,
  randomMask,
  withBranch,
  withConfidenceBranch,
  withRejectClass,
} from '../nn/index.ts';
import { confidenceBranch, energyBounded, rejectClass } from '../objectives/index.ts';
import { createModel, float32, Graph, type Model, writeModel } from '../onnx/index.ts';
import type { Tensors } from '../runtime/index.ts';
import {
  type Checkpoint,
  compileTrainingStep,
  decodeCheckpoint,
  encodeCheckpoint,
  sgd,
  stepValue,
  train,
  trainWithOutlierExposure,
} from './index.ts';
import { bars, noise, options, runtime } from './testing.ts';

interface Trained {
  losses: number[];
  weights: number[];
  final: Record<string, number[]>;
}
const fixture = JSON.parse(
  readFileSync(new URL('../../test/fixtures/confidence-branch.json', import.meta.url), 'utf8'),
) as { hints: string[]; alone: Trained; exposed: Trained };
const INLIERS = 4;
const seedOf = (step: number) => ({
  elementType: 'uint32' as const,
  shape: [],
  data: Uint32Array.of(step * 7919),
});

/** The script's network: 8 × 8 pixels, 12 hidden units. */
function network(): Model {
  const graph = new Graph('small');
  const pixels = graph.addInput('pixels', 'float32', ['batch', 1, 8, 8]);
  const layer = (name: string, x: string, from: number, to: number) =>
    graph.add(
      'Gemm',
      [
        x,
        graph.addInitializer(`${name}.weight`, float32(new Float32Array(from * to), [to, from])),
        graph.addInitializer(`${name}.bias`, float32(new Float32Array(to), [to])),
      ],
      { transB: 1 },
    );
  const hidden = graph.add('Relu', [layer('fc1', graph.add('Flatten', [pixels], { axis: 1 }), 64, 12)]);
  graph.addOutput(layer('fc2', hidden, 12, 10));
  return withStart(withConfidenceBranch(createModel(graph), { seed: 1 }), () => false);
}

describe('against PyTorch', () => {
  it('gives the hints that the script was told', async () => {
    const graph = new Graph();
    const seed = graph.addInput('seed', 'uint32', []);
    graph.addOutput(randomMask(graph, { seed, key: 'hints', shape: [INLIERS], ratio: 0.5 }));
    const session = await runtime.createSession(writeModel(createModel(graph)));
    const hints: string[] = [];
    for (let step = 1; step <= fixture.hints.length; step++)
      hints.push([...Object.values(await session.run({ seed: seedOf(step) }))[0]!.data].join(''));
    await session.release();
    expect(hints).toEqual(fixture.hints);
  });

  it.each([
    ['alone', 0, 0],
    ['exposed', 0.5, 8],
  ] as const)('ten steps of the branch, %s', async (name, lambda, outliers) => {
    const expected = fixture[name];
    const optimizer = sgd();
    const step = await compileTrainingStep(network(), {
      objective: confidenceBranch({ lambda, budget: 0.6 }),
      optimizer,
      batch: { inliers: INLIERS, outliers },
      runtime,
    });
    const loop = await runtime.createLoop(step.model, step.variables);
    for (let number = 1; number <= 10; number++) {
      const { pixels, labels } = batch(number, INLIERS, outliers, [1, 8, 8]);
      const feeds: Tensors = {
        [step.inputs.pixels]: pixels,
        [step.inputs.labels]: labels,
        [step.inputs.dropoutSeed!]: seedOf(number),
      };
      for (const [scalar, value] of Object.entries(optimizer.scalars(0.05, number)))
        feeds[stepValue(scalar)] = float32([value], []);
      const { outputs } = await loop.step(feeds);
      expect(outputs[stepValue('loss')]!.data[0]).toBeCloseTo(expected.losses[number - 1]!, 5);
      expect(outputs[stepValue('confidenceWeight')]!.data[0]).toBeCloseTo(expected.weights[number - 1]!, 6);
    }
    const variables = await loop.read();
    await loop.release();
    // The budget lies where the weight goes both ways.
    const moves = expected.weights.slice(1).map((weight, i) => Math.sign(weight - expected.weights[i]!));
    if (name === 'alone') expect(new Set(moves).size).toBe(2);
    expect(Object.keys(expected.final).sort()).toEqual([...step.parameters].sort());
    for (const [parameter, values] of Object.entries(expected.final))
      expect(difference(variables[parameter]!.data as Float32Array, values), parameter).toBeLessThan(1e-5);
  });
});

/** The mean of a branch's logit over a set's first images. */
async function branchMean(model: Model, branch: string, source: ReturnType<typeof bars>): Promise<number> {
  const session = await runtime.createSession(writeModel(model));
  const pixels = float32(new Float32Array(50 * 784), [50, 1, 28, 28]);
  await source.read(
    Uint32Array.from({ length: 50 }, (_, i) => i),
    pixels.data as Float32Array,
  );
  const { [branch]: out } = await session.run({ pixels });
  await session.release();
  return (out!.data as Float32Array).reduce((sum, value) => sum + value, 0) / 50;
}

describe('a run', () => {
  it.each([
    ['confidence', confidenceBranch({ lambda: 0.5 }), 1],
    ['reject', rejectClass(), -1],
  ] as const)('teaches the branch %s to tell outliers, and the classes', async (branch, objective, sign) => {
    const { model, history } = await trainWithOutlierExposure({
      model: convNet({ seed: 1 }),
      inliers: bars(200),
      outliers: noise(150),
      objective,
      epochs: 14,
      learningRate: 0.02,
      weightDecay: 0,
      batch: { inliers: 10, outliers: 10 },
      runtime,
    });
    const [known, strange] = [
      await branchMean(model, branch, bars(50)),
      await branchMean(model, branch, noise(50)),
    ];
    expect(sign * (known - strange)).toBeGreaterThan(1);
    expect(history.at(-1)!.losses.accuracy).toBeGreaterThan(0.9);
    expect(model.graph.outputs.has(branch)).toBe(true);
  });

  it('carries the weight of the branch over an interruption, to the same bits', async () => {
    const start = withConfidenceBranch(convNet({ seed: 1 }), { seed: 1 });
    const settings = options({ objective: confidenceBranch() });
    const whole = await train(start, settings);
    let kept: Checkpoint | undefined;
    const abort = new AbortController();
    const store = {
      load: async () => kept,
      save: async (checkpoint: Checkpoint) => {
        kept = decodeCheckpoint(encodeCheckpoint(checkpoint));
      },
    };
    await expect(
      train(start, {
        ...settings,
        signal: abort.signal,
        checkpoints: { store },
        onProgress: ({ step }) => step === 25 && abort.abort(),
      }),
    ).rejects.toThrowError();
    expect(kept!.variables['objective/confidenceWeight']!.data[0]).not.toBeCloseTo(0.1, 4);
    const resumed = await train(start, { ...settings, checkpoints: { store } });
    for (const [name, { data }] of whole.model.graph.initializers)
      expect(resumed.model.graph.initializers.get(name)!.data, name).toEqual(data);
    expect(resumed.history.map(({ losses }) => losses)).toEqual(whole.history.map(({ losses }) => losses));
  });

  it('says which branch a model lacks', async () => {
    const settings = options({ objective: rejectClass() });
    const message = /trains the output "reject", which the model does not have: add it with withBranch/;
    await expect(train(convNet({ seed: 1 }), settings)).rejects.toThrowError(message);
    await expect(
      train(withBranch(convNet({ seed: 1 }), 'confidence', { seed: 1 }), settings),
    ).rejects.toThrowError(message);
  });

  it('bounds energies', async () => {
    const { history } = await train(
      withRejectClass(convNet({ seed: 1 }), { seed: 1 }),
      options({ objective: energyBounded({ inMargin: -8, outMargin: -2 }) }),
    );
    const [first, last] = [history[0]!.losses, history.at(-1)!.losses];
    expect(last.inlierEnergy! + last.outlierEnergy!).toBeLessThan(first.inlierEnergy! + first.outlierEnergy!);
  });

  it('teaches the branches of a classifier of texts, whose outliers are of other lengths', async () => {
    const words = ['red', 'green', 'blue'];
    const texts = Array.from({ length: 60 }, (_, i) => `the ${words[i % 3]} ${'and '.repeat(i % 4)}`);
    const labels = Int32Array.from({ length: 60 }, (_, i) => i % 3);
    const known = memoryTexts({ name: 'colours', texts, labels, fingerprint: 'colours' });
    const others = Array.from({ length: 40 }, (_, i) => `and ${'the '.repeat(9 + (i % 3))}`);
    const tokenizer = createTokenizer({ vocabulary: buildVocabulary(known) });
    for (const objective of [confidenceBranch(), rejectClass()]) {
      const { history, model } = await trainWithOutlierExposure({
        model: gruClassifier({
          seed: 1,
          vocabulary: tokenizer.vocabulary.size,
          classes: 3,
          embedding: 8,
          hidden: 16,
          padding: PAD_ID,
        }),
        inliers: encodeTexts(known, tokenizer),
        outliers: encodeTexts(
          memoryTexts({ name: 'others', texts: others, fingerprint: 'others' }),
          tokenizer,
        ),
        objective,
        epochs: 6,
        batch: { inliers: 10, outliers: 10 },
        runtime,
      });
      const part = objective.branch === 'reject' ? 'rejectCrossEntropy' : 'outlierLogConfidence';
      expect(history.at(-1)!.losses[part]!).toBeLessThan(history[0]!.losses[part]!);
      expect(model.graph.outputs.has(objective.branch!)).toBe(true);
    }
  });
});

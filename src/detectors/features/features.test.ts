import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Head } from '../../classifier/index.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import {
  type Algebra,
  configured,
  type Detector,
  type FitData,
  fdbd,
  findDetector,
  fitDetector,
  gradNorm,
  gradNormScore,
  knn,
  type Matrix,
  mahalanobis,
  matrix,
  nnguide,
  plainAlgebra,
  type RuntimeAlgebra,
  readFitted,
  relativeMahalanobis,
  runtimeAlgebra,
  scoreOutputs,
  she,
  vim,
  writeFitted,
} from '../index.ts';

type Name = keyof typeof fixture.scores;
const fixture = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/feature-detectors.json', import.meta.url), 'utf8'),
) as {
  classes: number;
  width: number;
  k: number;
  dim: number;
  labels: number[];
  scores: Record<string, number[]>;
} & Record<
  'features' | 'logits' | 'test' | 'testLogits' | 'dead' | 'deadTest' | 'weights' | 'bias',
  number[]
>;
const { classes, width, k, dim } = fixture;
const rows = (name: 'features' | 'test' | 'dead' | 'deadTest') =>
  matrix(Float32Array.from(fixture[name]), width);
const logits = (name: 'logits' | 'testLogits') => matrix(Float32Array.from(fixture[name]), classes);
const labels = Int32Array.from(fixture.labels);
const head: Head = {
  weights: Float32Array.from(fixture.weights),
  bias: Float32Array.from(fixture.bias),
  classes,
  width,
};
const data: FitData = { features: rows('features'), logits: logits('logits'), labels };
const test = { features: rows('test'), logits: logits('testLogits') };
/** With settings for few examples. */
const all: readonly Detector[] = [
  mahalanobis,
  relativeMahalanobis,
  configured(knn, { k }),
  configured(vim, { dim }),
  she,
  configured(nnguide, { k, bank: 1 }),
  fdbd,
  gradNorm,
];

let runtime: Runtime;
let native: RuntimeAlgebra;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
  native = runtimeAlgebra(runtime);
});
afterAll(async () => {
  await native.release();
  await runtime.dispose();
});

async function scores(
  detector: Detector,
  fit: FitData = data,
  outputs: { features: Matrix; logits: Matrix } = test,
  algebra: Algebra = plainAlgebra,
): Promise<Float32Array> {
  return scoreOutputs(await fitDetector(detector, fit, { head, algebra }), outputs, { head, algebra });
}

/** Relative to the size of the scores: products are float32. */
function expectNear(actual: Float32Array, wanted: ArrayLike<number>, share = 2e-5): void {
  const size = Math.max(...Array.from(wanted, Math.abs));
  expect(actual.length).toBe(wanted.length);
  for (const [i, value] of actual.entries()) expect(Math.abs(value - wanted[i]!)).toBeLessThan(share * size);
}

const scaled = (m: Matrix, by: number): Matrix => ({ data: m.data.map((v) => v * by), shape: m.shape });
const shifted = (m: Matrix, by: number): Matrix => ({ data: m.data.map((v) => v + by), shape: m.shape });
const reversed = ({ data, shape: [count, columns] }: Matrix): Matrix =>
  matrix(
    Float32Array.from(
      Array.from({ length: count }, (_, i) => [
        ...data.subarray((count - 1 - i) * columns, (count - i) * columns),
      ]).flat(),
    ),
    columns,
  );

describe.each(all)('$name', (detector) => {
  const name = detector.name as Name;

  it('agrees with scikit-learn, SciPy, NumPy and PyTorch, on ONNX Runtime and in plain code', async () => {
    expectNear(await scores(detector), fixture.scores[name]!);
    expectNear(await scores(detector, data, test, native), fixture.scores[name]!);
  });

  it('is found by its name', () => {
    expect(findDetector(detector.name).name).toBe(detector.name);
    for (const text of [detector.title, detector.formula, detector.source])
      expect(text.length).toBeGreaterThan(5);
  });

  it('scores each example by itself, whatever the order of the batch', async () => {
    const turned = { features: reversed(test.features), logits: reversed(test.logits) };
    expect([...(await scores(detector, data, turned))].reverse()).toEqual([...(await scores(detector))]);
    const alone = {
      features: matrix(test.features.data.slice(0, width), width),
      logits: matrix(test.logits.data.slice(0, classes), classes),
    };
    expect((await scores(detector, data, alone))[0]).toBe((await scores(detector))[0]);
  });

  it('comes back from a file to the same bits', async () => {
    const fitted = await fitDetector(detector, data, { head });
    const back = readFitted(writeFitted(fitted));
    expect(back.state).toEqual(fitted.state);
    const again = await scoreOutputs(back, test, { head });
    expect([...again]).toEqual([...(await scoreOutputs(fitted, test, { head }))]);
    expect(back.detector.settings ?? {}).toMatchObject(detector.settings ?? {});
  });

  it('gives numbers for the largest features and logits', async () => {
    const extreme = {
      features: matrix(
        Float32Array.from(
          { length: 3 * width },
          (_, i) => [3e38, -3e38, i % 2 ? 3e38 : 0][Math.floor(i / width)]!,
        ),
        width,
      ),
      logits: matrix(
        Float32Array.from(
          { length: 3 * classes },
          (_, i) => [i % classes ? 0 : 3e38, -3e38, i % 2 ? 3e38 : -3e38][Math.floor(i / classes)]!,
        ),
        classes,
      ),
    };
    for (const algebra of [plainAlgebra, native])
      for (const value of await scores(detector, data, extreme, algebra))
        expect(value).toSatisfy(Number.isFinite);
  });

  it('learns from the largest features', async () => {
    const large = { ...data, features: scaled(data.features!, 1e37) };
    for (const value of await scores(detector, large, { ...test, features: scaled(test.features, 1e37) }))
      expect(value).toSatisfy(Number.isFinite);
  });

  it('passes on that a feature is no number, for this example alone', async () => {
    const broken = matrix(test.features.data.slice(), width);
    broken.data[width + 2] = Number.NaN;
    const found = await scores(detector, data, { ...test, features: broken }, native);
    const whole = await scores(detector, data, test, native);
    expect([...found.keys()].filter((i) => Number.isNaN(found[i]))).toEqual([1]);
    for (const i of [0, 2, 3]) expect(found[i]).toBe(whole[i]);
  });

  it.runIf(detector.fit)('refuses to learn from no number, or from nothing', async () => {
    const broken = matrix(data.features!.data.slice(), width);
    broken.data[width + 2] = Number.POSITIVE_INFINITY;
    await expect(fitDetector(detector, { ...data, features: broken }, { head })).rejects.toThrowError(
      `The detector ${detector.name} cannot learn from example 1 (counted from 0): its feature 2 is Infinity`,
    );
    const none = {
      features: matrix(new Float32Array(0), width),
      logits: matrix(new Float32Array(0), classes),
      labels: new Int32Array(0),
    };
    await expect(fitDetector(detector, none, { head })).rejects.toThrowError(/no examples to learn from/);
  });

  it.runIf(detector.fit)('refuses a state that fits other features', async () => {
    const fitted = await fitDetector(detector, data, { head });
    const wide = {
      ...test,
      features: matrix(new Float32Array(test.features.shape[0] * (width + 1)), width + 1),
    };
    await expect(scoreOutputs(fitted, wide, { head }).then(() => undefined)).rejects.toThrowError(
      new RegExp(`The detector ${detector.name} was fitted to other`),
    );
    const without = { ...fitted, state: {} };
    await expect(async () => scoreOutputs(without, test, { head })).rejects.toThrowError(/is missing/);
  });
});

describe('invariances', () => {
  const moved = (change: (m: Matrix) => Matrix) =>
    [
      { ...data, features: change(data.features!) },
      { ...test, features: change(test.features) },
    ] as const;

  it.each([mahalanobis, relativeMahalanobis])('$name: features shifted and scaled', async (detector) => {
    const [fit, outputs] = moved((m) => shifted(scaled(m, 8), 3));
    expectNear(await scores(detector, fit, outputs), await scores(detector), 1e-4);
  });

  it('knn, nnguide: the length of features', async () => {
    for (const detector of [configured(knn, { k }), configured(nnguide, { k })]) {
      const [fit, outputs] = moved((m) => scaled(m, 1000));
      expectNear(await scores(detector, fit, outputs), await scores(detector), 1e-5);
    }
  });

  it('fdbd, gradnorm, she: all logits shifted', async () => {
    for (const detector of [fdbd, gradNorm, she]) {
      const fit = { ...data, logits: shifted(data.logits, 16) };
      expectNear(
        await scores(detector, fit, { ...test, logits: shifted(test.logits, 16) }),
        await scores(detector),
      );
    }
  });

  it('gradnorm: proportional to the length of features', async () => {
    const twice = gradNormScore(scaled(test.features, 2), test.logits);
    expect([...twice]).toEqual([...gradNormScore(test.features, test.logits)].map((value) => 2 * value));
  });

  it('nnguide: the seed draws the bank', async () => {
    const drawn = async (seed: number) => [...(await scores(configured(nnguide, { k: 2, bank: 0.1, seed })))];
    expect(await drawn(1)).toEqual(await drawn(1));
    expect(await drawn(1)).not.toEqual(await drawn(2));
  });
});

describe('covariances that are singular', () => {
  const dead: FitData = { ...data, features: rows('dead') };
  const outputs = { ...test, features: rows('deadTest') };

  it('leaves dead features out, as the pseudo-inverse does', async () => {
    expectNear(await scores(mahalanobis, dead, outputs), fixture.scores.mahalanobisDead!);
  });

  it('counts them once there is shrinkage', async () => {
    const shrunk = configured(mahalanobis, { shrinkage: 0.1 });
    expectNear(await scores(shrunk), fixture.scores.mahalanobisShrunk!);
    const silent = { ...outputs, features: matrix(outputs.features.data.slice(), width) };
    for (let i = 3; i < silent.features.data.length; i += width) silent.features.data[i] = 0;
    const [awake, asleep] = [await scores(shrunk, dead, outputs), await scores(shrunk, dead, silent)];
    expect(awake.some((value, i) => value > asleep[i]! + 1)).toBe(true);
    expect([...(await scores(mahalanobis, dead, silent))]).toEqual([
      ...(await scores(mahalanobis, dead, outputs)),
    ]);
  });

  it('refuses features that never vary, as one sentence', async () => {
    const still = { ...data, features: matrix(new Float32Array(data.features!.data.length).fill(2), width) };
    await expect(scores(mahalanobis, still)).rejects.toThrowError(/no feature varies among the 160 examples/);
    await expect(scores(configured(vim, { dim }), still)).rejects.toThrowError(/nothing beyond 5 principal/);
  });
});

describe('what cannot be learned from', () => {
  const without = (labels: Int32Array | undefined): FitData => {
    const { labels: _labels, ...rest } = data;
    return labels ? { ...rest, labels } : rest;
  };

  it.each([mahalanobis, relativeMahalanobis, she])(
    '$name: no labels, or a class without examples',
    async (detector) => {
      await expect(scores(detector, without(undefined))).rejects.toThrowError(
        /learns from labelled examples/,
      );
      const unseen = labels.map((label) => (label === 2 ? 1 : label));
      await expect(scores(detector, without(unseen))).rejects.toThrowError(/of class 2 there is no example/);
      await expect(scores(detector, without(labels.map((label) => label + 1)))).rejects.toThrowError(
        /has the label 4/,
      );
    },
  );

  it.each([knn, nnguide])('$name: fewer examples than neighbours', async (detector) => {
    await expect(scores(configured(detector, { k: 161 }))).rejects.toThrowError(
      /compares with 161 neighbours, but has 160 examples/,
    );
    const fitted = await fitDetector(
      configured(detector, { k: 5, ...(detector === nnguide ? { bank: 0.01 } : {}) }),
      data,
      { head },
    );
    const more = { ...fitted, detector: configured(detector, { k: 170 }) };
    await expect(async () => scoreOutputs(more, test, { head })).rejects.toThrowError(/set k to/);
  });

  it('vim: as many directions as features, or nothing beyond them', async () => {
    await expect(scores(configured(vim, { dim: width }))).rejects.toThrowError(/set dim to 11 or less/);
    const few = {
      features: matrix(data.features!.data.slice(0, 2 * width), width),
      logits: matrix(data.logits.data.slice(0, 2 * classes), classes),
    };
    await expect(scores(configured(vim, { dim: 6 }), few)).rejects.toThrowError(
      /nothing beyond 6 principal directions/,
    );
  });
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../../errors.ts';
import { Random } from '../../random.ts';
import { fitDetector, readFitted, scoreOutputs, writeFitted } from '../fitted.ts';
import { matrix } from '../outputs.ts';
import { findDetector } from '../registry.ts';
import {
  calibratedTemperature,
  energyScore,
  entropyScore,
  fitOpenMax,
  fitWeibull,
  genScore,
  klMatchingScore,
  klTemplates,
  maxLogitScore,
  openMaxScore,
  temperatureScore,
  weibullCdf,
} from './index.ts';

// Made by test/fixtures/logit-detectors.py with numpy and scipy.
const fixture = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/logit-detectors.json', import.meta.url), 'utf8'),
) as {
  classes: number;
  fit: number[];
  labels: number[];
  test: number[];
  scores: Record<string, number[]>;
  klMatchingWithoutClass4: number[];
  temperature: number;
  weibulls: [shape: number, scale: number][];
};
const { classes } = fixture;
const [fitLogits, testLogits] = [Float32Array.from(fixture.fit), Float32Array.from(fixture.test)];
const labels = Int32Array.from(fixture.labels);
const fitData = { logits: matrix(fitLogits, classes), labels };
const LEARNING = ['kl-matching', 'temperature', 'openmax'];

function expectClose(scores: ArrayLike<number>, expected: readonly number[], tolerance = 2e-6): void {
  expect(scores.length).toBe(expected.length);
  for (const [i, value] of expected.entries())
    expect(Math.abs(scores[i]! - value), `${i}: ${scores[i]} for ${value}`).toBeLessThan(
      tolerance * Math.max(1, Math.abs(value)),
    );
}

describe('by hand, three examples', () => {
  const rows = Float32Array.of(0, 0, 0, Math.log(2), 0, 0, 0, Math.log(3), Math.log(4));

  it('maxLogitScore', () => expectClose(maxLogitScore(rows, 3), [0, -Math.log(2), -Math.log(4)]));

  it('energyScore', () => {
    expectClose(energyScore(rows, 3), [-Math.log(3), -Math.log(4), -Math.log(8)]);
    // T = ½ squares what is summed.
    expectClose(
      energyScore(rows, 3, { temperature: 0.5 }),
      [3, 6, 26].map((sum) => -Math.log(sum) / 2),
    );
  });

  it('entropyScore', () => {
    const entropy = (...p: number[]) => -p.reduce((sum, each) => sum + each * Math.log(each), 0);
    expectClose(entropyScore(rows, 3), [
      Math.log(3),
      entropy(1 / 2, 1 / 4, 1 / 4),
      entropy(1 / 8, 3 / 8, 1 / 2),
    ]);
  });

  it('genScore', () => {
    const root = (...p: number[]) => p.reduce((sum, each) => sum + Math.sqrt(each * (1 - each)), 0);
    expectClose(genScore(rows, 3, { gamma: 0.5, m: 2 }), [
      root(1 / 3, 1 / 3),
      root(1 / 2, 1 / 4),
      root(1 / 2, 3 / 8),
    ]);
  });

  it('klMatchingScore', () => {
    // Two examples predicted as class 0, one as class 2, none as class 1.
    const seen = Float32Array.of(Math.log(2), 0, 0, Math.log(6), 0, 0, 0, Math.log(3), Math.log(4));
    const templates = klTemplates(seen, 3);
    expectClose(
      templates.map((log) => Math.exp(log)),
      [5 / 8, 3 / 16, 3 / 16, 0, 1, 0, 1 / 8, 3 / 8, 1 / 2],
    );
    const kl = (p: number[], d: number[]) =>
      p.reduce((sum, each, k) => sum + each * Math.log(each / d[k]!), 0);
    expectClose(klMatchingScore(rows, 3, templates), [
      Math.min(
        kl([1 / 3, 1 / 3, 1 / 3], [5 / 8, 3 / 16, 3 / 16]),
        kl([1 / 3, 1 / 3, 1 / 3], [1 / 8, 3 / 8, 1 / 2]),
      ),
      kl([1 / 2, 1 / 4, 1 / 4], [5 / 8, 3 / 16, 3 / 16]),
      0,
    ]);
    // All of the class that nobody predicted: its one-hot vector is met exactly.
    expect(klMatchingScore(Float32Array.of(0, 1e6, 0), 3, templates)[0]).toBe(0);
  });

  it('calibratedTemperature and temperatureScore', () => {
    // Right three times of four: at T* the probability is 3/4, that is 2/T = log 3.
    const logits = Float32Array.of(2, 0, 2, 0, 2, 0, 2, 0);
    const temperature = calibratedTemperature(logits, 2, Int32Array.of(0, 0, 1, 0));
    expect(temperature).toBeCloseTo(2 / Math.log(3), 6);
    expectClose(temperatureScore(Float32Array.of(2, 0, 4, 0, 1, 1), 2, temperature), [
      -3 / 4,
      -9 / 10,
      -1 / 2,
    ]);
  });

  it('openMaxScore', () => {
    // Class 0 around [4, 0], class 1 around [0, 4].
    const model = {
      means: Float64Array.of(4, 0, 0, 4),
      shapes: Float64Array.of(1, 1),
      scales: Float64Array.of(2, 2),
    };
    const w = (far: number) => 1 - Math.exp(-far / 2);
    const expected = [
      [4, 0],
      [4, 3],
      [1, 1],
    ].map(([a, b]) => {
      const [s0, s1] = [w(Math.hypot(a! - 4, b!)), w(Math.hypot(a!, b! - 4)) / 2] as const;
      const z = [a! * (1 - s0), b! * (1 - s1), a! * s0 + b! * s1];
      return Math.exp(z[2]!) / z.reduce((sum, each) => sum + Math.exp(each), 0);
    });
    expectClose(openMaxScore(Float32Array.of(4, 0, 4, 3, 1, 1), 2, model, { alpha: 2 }), expected);
  });
});

describe('against numpy and scipy', () => {
  it.each(Object.entries(fixture.scores))('%s', async (text, expected) => {
    const fitted = await fitDetector(findDetector(text), fitData);
    expectClose(await scoreOutputs(fitted, { logits: matrix(testLogits, classes) }), expected);
  });

  it('kl-matching with a class that is never predicted', () => {
    const kept = [...labels.keys()].filter((i) => {
      const row = fixture.fit.slice(i * classes, (i + 1) * classes);
      return row.indexOf(Math.max(...row)) !== 4;
    });
    expect(kept.length).toBeLessThan(labels.length);
    const logits = Float32Array.from(kept.flatMap((i) => fixture.fit.slice(i * classes, (i + 1) * classes)));
    expectClose(
      klMatchingScore(testLogits, classes, klTemplates(logits, classes)),
      fixture.klMatchingWithoutClass4,
    );
  });

  it('the temperature', () => {
    expect(calibratedTemperature(fitLogits, classes, labels)).toBeCloseTo(fixture.temperature, 5);
  });

  it('the Weibull distributions of openmax', () => {
    const { shapes, scales } = fitOpenMax(fitLogits, classes, labels);
    expectClose(
      shapes,
      fixture.weibulls.map(([shape]) => shape),
      1e-5,
    );
    expectClose(
      scales,
      fixture.weibulls.map(([, scale]) => scale),
      1e-5,
    );
  });
});

describe('fitWeibull', () => {
  it('finds the distribution that values were drawn from', () => {
    const random = Random.from(3, 'weibull');
    const values = Float64Array.from(
      { length: 20_000 },
      () => 3 * (-Math.log(1 - random.uniform())) ** (1 / 2.5),
    );
    const { shape, scale } = fitWeibull(values);
    expect(shape).toBeCloseTo(2.5, 1);
    expect(scale).toBeCloseTo(3, 1);
  });

  it('goes with the unit of the values', () => {
    const values = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 3, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.constantFrom(1e-30, 0.01, 1000, 1e30), (list, unit) => {
        const [plain, scaled] = [list, list.map((value) => value * unit)].map((each) =>
          fitWeibull(Float64Array.from(each)),
        ) as [ReturnType<typeof fitWeibull>, ReturnType<typeof fitWeibull>];
        expect(scaled.shape / plain.shape).toBeCloseTo(1, 3);
        expect(weibullCdf(scaled, 5 * unit)).toBeCloseTo(weibullCdf(plain, 5), 5);
      }),
    );
  });

  it('makes a step of equal values', () => {
    const equal = fitWeibull(Float64Array.of(2, 2, 2));
    expect([weibullCdf(equal, 1.99), weibullCdf(equal, 2.01)].map(Math.round)).toEqual([0, 1]);
    const none = fitWeibull(new Float64Array(3));
    expect([weibullCdf(none, 0), weibullCdf(none, 1e-9)]).toEqual([0, 1]);
  });
});

describe('what is not so for all', () => {
  it('max-logit and energy go down as all logits go up', () => {
    const [plain, up] = [Float32Array.of(1, 2, 3), Float32Array.of(6, 7, 8)];
    expect(maxLogitScore(up, 3)[0]! - maxLogitScore(plain, 3)[0]!).toBeCloseTo(-5, 6);
    expect(energyScore(up, 3)[0]! - energyScore(plain, 3)[0]!).toBeCloseTo(-5, 6);
  });

  it('energy is near the maximum logit at a low temperature, and scales with logits and temperature', () => {
    const logits = Float32Array.of(1, -2, 3);
    expect(energyScore(logits, 3, { temperature: 0.01 })[0]).toBeCloseTo(-3, 6);
    const doubled = energyScore(
      logits.map((z) => 2 * z),
      3,
      { temperature: 2 },
    )[0]!;
    expect(doubled).toBeCloseTo(2 * energyScore(logits, 3)[0]!, 6);
  });

  it('gen tells confident examples apart, whose highest probability rounds to 1', () => {
    const [sure, surer] = genScore(Float32Array.of(60, 0, 0, 80, 0, 0), 3);
    expect(sure).toBeGreaterThan(surer! * 2);
    // p (1 − p) is 2 e^−60 for the highest, e^−60 for each of the others.
    expect(sure).toBeCloseTo((2 * Math.exp(-60)) ** 0.1 + 2 * Math.exp(-60) ** 0.1, 8);
  });
});

describe.each(LEARNING)('%s', (name) => {
  const detector = findDetector(name);
  const score = async (logits: Float32Array) =>
    scoreOutputs(await fitDetector(detector, fitData), { logits: matrix(logits, classes) });

  it('scores each example by itself', async () => {
    const scores = await score(testLogits);
    const one = await score(testLogits.slice(3 * classes, 4 * classes));
    expect(one[0]).toBe(scores[3]);
  });

  it('does not depend on the order of the examples that it learns from', async () => {
    const order = Random.from(1, 'order').permutation(labels.length);
    const logits = matrix(
      Float32Array.from([...order].flatMap((i) => [...fitLogits.subarray(i * classes, (i + 1) * classes)])),
      classes,
    );
    const fitted = await fitDetector(detector, { logits, labels: Int32Array.from(order, (i) => labels[i]!) });
    const scores = await scoreOutputs(fitted, { logits: matrix(testLogits, classes) });
    expectClose(scores, [...(await score(testLogits))]);
  });

  it('does not change with the order of the classes', async () => {
    const reversed = (logits: Float32Array) =>
      Float32Array.from(logits, (_, i) => logits[i - (i % classes) + classes - 1 - (i % classes)]!);
    const fitted = await fitDetector(detector, {
      logits: matrix(reversed(fitLogits), classes),
      labels: labels.map((label) => classes - 1 - label),
    });
    const scores = await scoreOutputs(fitted, { logits: matrix(reversed(testLogits), classes) });
    expectClose(scores, [...(await score(testLogits))]);
  });

  it.skipIf(name === 'openmax')('does not change when all logits of an example shift', async () => {
    expectClose(await score(testLogits.map((z) => z + 8)), [...(await score(testLogits))], 1e-5);
  });

  it('is stored and read to the same bits', async () => {
    const fitted = await fitDetector(detector, fitData);
    const again = readFitted(writeFitted(fitted));
    const logits = { logits: matrix(testLogits, classes) };
    expect(await scoreOutputs(again, logits)).toEqual(await scoreOutputs(fitted, logits));
  });

  it('neither overflows nor gives NaN at extreme logits', async () => {
    const extreme = Float32Array.of(
      3e38,
      -3e38,
      0,
      0,
      0,
      -3e38,
      -3e38,
      -3e38,
      -3e38,
      -3e38,
      3e38,
      3e38,
      3e38,
      3e38,
      3e38,
    );
    for (const value of await score(extreme)) expect(Number.isFinite(value)).toBe(true);
    const fitted = await fitDetector(detector, {
      logits: matrix(Float32Array.of(3e38, -3e38, 2e38, 0, -3e38, 3e38, 0, 1e38), 2),
      labels: Int32Array.of(0, 0, 1, 1),
    });
    for (const value of await scoreOutputs(fitted, { logits: matrix(Float32Array.of(1, 2, -3e38, 3e38), 2) }))
      expect(Number.isFinite(value)).toBe(true);
  });

  it('refuses to learn from NaN, and from nothing', async () => {
    const logits = fitLogits.slice();
    logits[7] = Number.NaN;
    await expect(fitDetector(detector, { ...fitData, logits: matrix(logits, classes) })).rejects.toThrowError(
      /example 1 \(counted from 0\): its logit 2 is NaN/,
    );
    const none = { logits: matrix(new Float32Array(0), classes), labels: new Int32Array(0) };
    await expect(fitDetector(detector, none)).rejects.toThrowError(/no examples to learn from/);
  });

  it('refuses a state of another model', async () => {
    const { state } = await fitDetector(detector, fitData);
    const cut = { detector, state: Object.fromEntries(Object.entries(state).slice(1)) };
    const outputs = { logits: matrix(testLogits, classes) };
    await expect(scoreOutputs(cut, outputs)).rejects.toThrowError(
      /was fitted to other logits: .* is missing/,
    );
    if (name === 'temperature') return;
    await expect(
      scoreOutputs({ detector, state }, { logits: matrix(new Float32Array(12), 3) }),
    ).rejects.toThrowError(/should be float64 \[3(, 3)?\], but is float64 \[5/);
  });
});

describe.each(['temperature', 'openmax'])('%s needs labels', (name) => {
  const fit = (labels?: Int32Array) =>
    fitDetector(findDetector(name), { logits: fitData.logits, ...(labels ? { labels } : {}) });

  it('says so', async () => {
    await expect(fit()).rejects.toThrowError(
      `The detector ${name} learns from labelled examples: give labels`,
    );
    await expect(fit(labels.slice(1))).rejects.toThrowError(/159 labels for 160 examples/);
    const wrong = labels.slice();
    wrong[3] = 5;
    await expect(fit(wrong)).rejects.toThrowError(/Example 3 .* label 5, but .* from 0 to 4/);
  });
});

it('openmax says which class has too few examples', () => {
  const logits = Float32Array.of(3, 0, 0, 2, 0, 0, 0, 3, 0, 0, 4, 0, 0, 0, 1);
  expect(() => fitOpenMax(logits, 3, Int32Array.of(0, 0, 1, 1, 2))).toThrowError(
    new OutlierExposureError(
      'invalid-argument',
      'The detector openmax needs 2 or more correctly classified examples of each class, but class 2 has 1 among the 5 to learn from: give more.',
    ),
  );
});

it.each(['max-logit', 'energy', 'entropy', 'gen', 'msp', 'uniform-ce'])('%s: NaN stays NaN', async (name) => {
  const logits = matrix(Float32Array.of(1, Number.NaN, 3, 1, 2, 3), 3);
  const scores = await scoreOutputs({ detector: findDetector(name), state: {} }, { logits });
  expect([...scores].map(Number.isNaN)).toEqual([true, false]);
});

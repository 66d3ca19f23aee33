import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Head } from '../../classifier/index.ts';
import {
  binarizedFeatures,
  clipFeatures,
  configured,
  findDetector,
  fitDetector,
  matrix,
  msp,
  mspScore,
  plainAlgebra,
  prunedFeatures,
  readFitted,
  rectified,
  rectifiers,
  scaledFeatures,
  scoreOutputs,
  settingsOf,
  sparseWeights,
  strengthenedFeatures,
  writeFitted,
} from '../index.ts';
import { percentile } from './percentile.ts';

const values = (...numbers: number[]) => Float32Array.from(numbers);
const close = (actual: ArrayLike<number>, expected: readonly number[], digits = 5) => {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, digits);
};

describe('by hand, three examples of four features', () => {
  const z = matrix(values(4, 1, 2, 1, 0, 0, 0, 0, 1, 1, 1, 1), 4);
  const e = Math.exp;

  it('react cuts off at the top', () => {
    close(clipFeatures(z, 1.5).data, [1.5, 1, 1.5, 1, 0, 0, 0, 0, 1, 1, 1, 1]);
  });
  it('dice keeps the weights above the percentile of contributions', () => {
    // V = [[1, 4], [−3, 2]]: its median is 1.5.
    const { data } = sparseWeights(matrix(values(1, 2, -3, 1), 2), values(1, 2), 50);
    close(data, [0, 2, 0, 1]);
  });
  it('ash-p prunes the weakest half, of equal ones the later', () => {
    close(prunedFeatures(z, 50).data, [4, 0, 2, 0, 0, 0, 0, 0, 1, 1, 0, 0]);
  });
  it('ash-b puts the mean over the kept in their place', () => {
    close(binarizedFeatures(z, 50).data, [4, 0, 4, 0, 0, 0, 0, 0, 2, 2, 0, 0]);
  });
  it('ash-s prunes and strengthens', () => {
    const [first, last] = [e(8 / 6), e(4 / 2)];
    close(strengthenedFeatures(z, 50).data, [4 * first, 0, 2 * first, 0, 0, 0, 0, 0, last, last, 0, 0]);
  });
  it('scale strengthens alone', () => {
    const [first, last] = [e(8 / 6), e(4 / 2)];
    close(scaledFeatures(z, 50).data, [
      4 * first,
      first,
      2 * first,
      first,
      0,
      0,
      0,
      0,
      last,
      last,
      last,
      last,
    ]);
  });
  it('leaves the features as they were', () => {
    expect([...z.data]).toEqual([4, 1, 2, 1, 0, 0, 0, 0, 1, 1, 1, 1]);
  });
});

describe('percentile', () => {
  it('lies between its neighbours', () => {
    expect([0, 25, 50, 90, 100].map((percent) => percentile(values(3, 1, 2, 5, 4), percent))).toEqual([
      1,
      2,
      3,
      expect.closeTo(4.6, 9),
      5,
    ]);
    expect(percentile(values(7), 42)).toBe(7);
  });
  it('is the value that a share lies below', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 100 }),
        (numbers, percent) => {
          const cut = percentile(Float32Array.from(numbers), percent);
          const below = numbers.filter((value) => value < cut).length;
          const upTo = numbers.filter((value) => value <= cut).length;
          const at = ((numbers.length - 1) * percent) / 100;
          expect(below).toBeLessThanOrEqual(Math.ceil(at));
          expect(upTo).toBeGreaterThan(Math.floor(at));
        },
      ),
    );
  });
});

const fixture = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/rectifiers.json', import.meta.url), 'utf8'),
) as {
  width: number;
  classes: number;
  fit: number[];
  test: number[];
  weights: number[];
  bias: number[];
  rectifiers: Record<string, { logits: number[]; energy: number[] }>;
};
const { width, classes } = fixture;
const head: Head = {
  weights: Float32Array.from(fixture.weights),
  bias: Float32Array.from(fixture.bias),
  classes,
  width,
};
const outputsOf = (numbers: readonly number[]) => {
  const features = matrix(Float32Array.from(numbers), width);
  return { features, logits: matrix(new Float32Array(features.shape[0] * classes), classes) };
};
const [fit, test] = [outputsOf(fixture.fit), outputsOf(fixture.test)];

it('the fixture knows all rectifiers', () => {
  expect(Object.keys(fixture.rectifiers)).toEqual(rectifiers.map(({ name }) => name));
});

describe.each(rectifiers)('$name', (rectifier) => {
  const { name } = rectifier;
  const detector = rectified(rectifier, msp);
  const expected = fixture.rectifiers[name]!;
  const logitsOf = async (features: readonly number[], parameters: Record<string, number> = {}) => {
    const fitted = await fitDetector(configured(detector, parameters), fit, { head });
    const context = { settings: settingsOf(fitted.detector), state: fitted.state, head };
    return (await rectifier.logits(outputsOf(features), { ...context, algebra: plainAlgebra })).data;
  };

  it('gives the logits of the formula, by NumPy', async () => {
    const logits = await logitsOf(fixture.test);
    for (const [i, value] of expected.logits.entries())
      expect(Math.abs(logits[i]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
  });

  it('is scored by any score of logits, and comes back from a file to the same bits', async () => {
    const fitted = await fitDetector(findDetector(`${name}+msp`), fit, { head });
    const scores = await scoreOutputs(fitted, test, { head });
    expect([...scores]).toEqual([...mspScore(await logitsOf(fixture.test), classes)]);
    const again = readFitted(writeFitted(fitted));
    expect(await scoreOutputs(again, test, { head })).toEqual(scores);
  });

  it('is scored by the energy where it is named alone, as its paper has it', async () => {
    const named = findDetector(name);
    expect(named.name).toBe(`${name}+energy`);
    const scores = await scoreOutputs(await fitDetector(named, fit, { head }), test, { head });
    for (const [i, value] of expected.energy.entries())
      expect(Math.abs(scores[i]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
  });

  it('looks at each example by itself, and leaves its features as they are', async () => {
    const before = Float32Array.from(test.features.data);
    const logits = await logitsOf(fixture.test);
    const rows = Array.from({ length: 6 }, (_, i) => fixture.test.slice(i * width, (i + 1) * width));
    const reversed = await logitsOf(rows.toReversed().flat());
    for (let i = 0; i < 6; i++)
      expect(reversed.slice(i * classes, (i + 1) * classes)).toEqual(
        logits.slice((5 - i) * classes, (6 - i) * classes),
      );
    expect(test.features.data).toEqual(before);
  });

  it('is the same whatever the order of the features', async () => {
    const turned = (numbers: readonly number[]) =>
      numbers.map((_, i) => numbers[Math.floor(i / width) * width + (width - 1 - (i % width))]!);
    const mirrored = outputsOf(turned(fixture.fit));
    const weights = Float32Array.from(turned(fixture.weights));
    const options = { head: { ...head, weights } };
    const fitted = await fitDetector(detector, mirrored, options);
    // Equal features are told apart by their places: none but zeros are here, which change nothing.
    const scores = await scoreOutputs(fitted, outputsOf(turned(fixture.test)), options);
    const plain = await scoreOutputs(await fitDetector(detector, fit, { head }), test, { head });
    close(scores, [...plain], 5);
  });

  it('neither overflows nor vanishes', async () => {
    const extremes = [
      new Array<number>(width).fill(0),
      new Array<number>(width).fill(-1),
      Array.from({ length: width }, (_, d) => (d === 0 ? 1e30 : 0)),
      Array.from({ length: width }, (_, d) => (d % 2 ? 1e20 : -1e20)),
    ];
    const fitted = await fitDetector(detector, fit, { head });
    for (const score of await scoreOutputs(fitted, outputsOf(extremes.flat()), { head }))
      expect(score).toSatisfy((value: number) => value >= -1 && value <= -1 / classes + 1e-6);
  });

  it('does not hide a NaN', async () => {
    const broken = [...fixture.test];
    broken[3] = Number.NaN;
    const logits = await logitsOf(broken);
    expect(logits.slice(0, classes).some(Number.isNaN)).toBe(true);
    expect(logits.slice(classes).some(Number.isNaN)).toBe(false);
  });

  it('says what it is and what it can be set by', () => {
    for (const text of [rectifier.title, rectifier.formula, rectifier.source])
      expect(text.length).toBeGreaterThan(3);
    expect(settingsOf(detector)).toHaveProperty('percentile');
    expect(() => configured(detector, { percentile: 101 })).toThrowError(/at least 0 and at most 100/);
    const { grid, least, most } = detector.parameters!.percentile!;
    for (const value of grid!) expect(value >= least! && value <= most!).toBe(true);
  });
});

describe('bad input', () => {
  it('a percentile of 0 changes nothing but what each form does to all features', async () => {
    const plain = await rectifiers
      .find(({ name }) => name === 'ash-p')!
      .logits(test, { settings: { percentile: 0 }, state: {}, head, algebra: plainAlgebra });
    const direct = await plainAlgebra.products(test.features, matrix(head.weights, width));
    close(
      plain.data,
      Array.from(direct.data, (value, i) => value + head.bias[i % classes]!),
    );
  });
  it('needs the last layer, and features that fit it', async () => {
    const react = findDetector('react+msp');
    await expect(fitDetector(react, fit)).rejects.toThrowError(
      "The detector react+msp needs the last linear layer's weights, which were not given.",
    );
    const narrow = { ...fit, features: matrix(new Float32Array(12), 3) };
    await expect(fitDetector(react, narrow, { head })).rejects.toThrowError(
      /features of 3 values, but the last linear layer takes 20/,
    );
    await expect(fitDetector(react, outputsOf([]), { head })).rejects.toThrowError(/was given none/);
  });
  it.each(['react', 'dice'])('%s does not learn from what is no number', async (name) => {
    const broken = [...fixture.fit];
    broken[width + 2] = Number.POSITIVE_INFINITY;
    await expect(fitDetector(findDetector(`${name}+msp`), outputsOf(broken), { head })).rejects.toThrowError(
      'feature 2 of example 1 is Infinity',
    );
  });
  it('dice belongs to the last layer that it was fitted to', async () => {
    const fitted = await fitDetector(findDetector('dice+msp'), fit, { head });
    const fewer = { ...head, classes: 2, weights: head.weights.slice(0, 2 * width), bias: values(0, 0) };
    await expect(scoreOutputs(fitted, test, { head: fewer })).rejects.toThrowError(
      /dice was fitted to other weights: its "dice\/weights" should be float32 \[2, 20\], but is float32 \[4, 20\]/,
    );
  });
});

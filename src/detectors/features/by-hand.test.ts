/** Each detector on features of two values, computed by hand. */
import { describe, expect, it } from 'vitest';
import type { Head } from '../../classifier/index.ts';
import {
  configured,
  type Detector,
  fdbd,
  fitDetector,
  gradNorm,
  knn,
  logitOrigin,
  mahalanobis,
  matrix,
  nnguide,
  principalDirections,
  relativeMahalanobis,
  scoreOutputs,
  she,
  vim,
} from '../index.ts';

interface Example {
  z: readonly [number, number];
  f: readonly number[];
  label?: number;
}

const outputs = (examples: readonly Example[]) => ({
  features: matrix(Float32Array.from(examples.flatMap(({ z }) => z)), 2),
  logits: matrix(Float32Array.from(examples.flatMap(({ f }) => f)), examples[0]!.f.length),
  labels: Int32Array.from(examples, ({ label = 0 }) => label),
});
const headOf = (weights: number[], bias: number[]): Head => ({
  weights: Float32Array.from(weights),
  bias: Float32Array.from(bias),
  classes: bias.length,
  width: weights.length / bias.length,
});

async function expectScores(
  detector: Detector,
  { fit = [], test, head }: { fit?: readonly Example[]; test: readonly Example[]; head?: Head },
  wanted: readonly number[],
): Promise<void> {
  const fitted = await fitDetector(detector, fit.length > 0 ? outputs(fit) : undefined, { head });
  const found = await scoreOutputs(fitted, outputs(test), { head });
  expect(found.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, 5);
}

/** Two classes around (1, 0) and (11, 0), with variance 1 along the first feature and none along the second. */
const two: Example[] = [0, 2, 10, 12].map((x, i) => ({ z: [x, 0], f: [0, 0], label: i >> 1 }));
const points: Example[] = [
  { z: [3, 5], f: [0, 0] },
  { z: [11, 0], f: [0, 0] },
  { z: [6, 1], f: [0, 0] },
];

describe('by hand', () => {
  it('mahalanobis', () => expectScores(mahalanobis, { fit: two, test: points }, [4, 0, 25]));

  it('relative-mahalanobis: all together have variance 26 around (6, 0)', () =>
    expectScores(relativeMahalanobis, { fit: two, test: points }, [4 - 9 / 26, -25 / 26, 25]));

  it('knn', async () => {
    const fit: Example[] = [
      { z: [3, 0], f: [0] },
      { z: [0, 2], f: [0] },
      { z: [4, 4], f: [0] },
      { z: [0, 0], f: [0] },
    ];
    const test: Example[] = [
      { z: [5, 0], f: [0] },
      { z: [-1, 0], f: [0] },
      { z: [0, 0], f: [0] },
    ];
    await expectScores(configured(knn, { k: 1 }), { fit, test }, [0, Math.SQRT2, 1]);
    await expectScores(configured(knn, { k: 2 }), { fit, test }, [
      Math.sqrt(2 - Math.SQRT2),
      Math.sqrt(2 + Math.SQRT2),
      1,
    ]);
    await expectScores(configured(knn, { k: 3 }), { fit, test }, [Math.SQRT2, 2, 1]);
    await expect(fitDetector(configured(knn, { k: 4 }), outputs(fit))).rejects.toThrowError(
      /has 3 examples with features other than zero/,
    );
  });

  it('vim: the second feature is what is left, α = 4', () => {
    const fit: Example[] = [10, -10].flatMap((x) => [1, -1].map((y): Example => ({ z: [x, y], f: [4] })));
    const test: Example[] = [
      { z: [7, 3], f: [2] },
      { z: [5, 0], f: [2] },
      { z: [0, -1], f: [2] },
    ];
    return expectScores(vim, { fit, test, head: headOf([1, 0], [0]) }, [10, -2, 2]);
  });

  it('vim: u = −W⁺b, whichever of classes and features are more, and where W is singular', () => {
    const near = (found: Float64Array, wanted: number[]) => {
      for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, 6);
    };
    near(logitOrigin(headOf([2, 0, 0, 4], [2, 2])), [-1, -0.5]);
    near(logitOrigin(headOf([3, 4], [5])), [-0.6, -0.8]);
    near(logitOrigin(headOf([1, 1], [2, 4])), [-3]);
    near(logitOrigin(headOf([1, 1, -1, -1], [1, -1])), [-0.5, -0.5]);
  });

  it('vim: how many directions are principal', () =>
    expect([10, 128, 512, 768, 2047, 2048].map(principalDirections)).toEqual([5, 64, 256, 512, 512, 1000]));

  it('she: of class 0 the two that are right count, of class 1 the one', () => {
    const fit: Example[] = [
      { z: [2, 0], f: [1, 0], label: 0 },
      { z: [4, 2], f: [1, 0], label: 0 },
      { z: [99, 99], f: [0, 1], label: 0 },
      { z: [0, 5], f: [0, 1], label: 1 },
    ];
    const test: Example[] = [
      { z: [1, 1], f: [3, 2] },
      { z: [1, 1], f: [2, 3] },
      { z: [-2, 3], f: [1, 0] },
    ];
    return expectScores(she, { fit, test }, [-4, -5, 3]);
  });

  it('she: a class that is never right', () => {
    const fit: Example[] = [
      { z: [2, 0], f: [1, 0], label: 0 },
      { z: [2, 0], f: [1, 0], label: 1 },
    ];
    return expect(fitDetector(she, outputs(fit))).rejects.toThrowError(
      /of class 1 there is no example that is classified correctly/,
    );
  });

  it('nnguide', async () => {
    const fit: Example[] = [
      { z: [7, 0], f: [2] },
      { z: [0, 3], f: [4] },
    ];
    const test: Example[] = [
      { z: [3, 0], f: [5] },
      { z: [0, 1], f: [-1] },
      { z: [3, 4], f: [1] },
    ];
    await expectScores(configured(nnguide, { k: 1, bank: 1 }), { fit, test }, [-10, 4, -3.2]);
    await expectScores(configured(nnguide, { k: 2 }), { fit, test }, [-5, 2, -2.2]);
  });

  it('fdbd: class 1 is as class 2, and so has no boundary with it', () => {
    const fit: Example[] = [
      { z: [1, 1], f: [0, 0, 0] },
      { z: [-1, -1], f: [0, 0, 0] },
    ];
    const test: Example[] = [
      { z: [0, 2], f: [5, 0, -5] },
      { z: [3, 4], f: [0, 10, 10] },
      { z: [0, 0], f: [1, 1, 1] },
    ];
    return expectScores(fdbd, { fit, test, head: headOf([3, 4, 0, 0, 0, 0], [0, 0, 0]) }, [
      -(1 + 2) / 2,
      -2 / 5,
      0,
    ]);
  });

  it('gradnorm', () =>
    expectScores(
      gradNorm,
      {
        test: [
          { z: [1, -2], f: [7, 7] },
          { z: [1, -2], f: [Math.log(3), 0] },
          { z: [1, -2], f: [1e9, 0] },
        ],
      },
      [0, -3, -6],
    ));
});

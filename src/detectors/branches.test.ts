import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  confidence,
  confidenceScore,
  fitDetector,
  matrix,
  rejection,
  rejectionScore,
  scoreOutputs,
} from './index.ts';

const logits = matrix(Float32Array.of(0, 0, Math.log(2), 0, 10, -10), 2);

describe('confidence', () => {
  it('is as computed by hand', async () => {
    const branch = matrix(Float32Array.of(0, Math.log(3), -Math.log(3)), 1);
    const scores = await scoreOutputs(await fitDetector(confidence, undefined), {
      logits,
      confidence: branch,
    });
    expect(scores[0]).toBeCloseTo(0.5, 6);
    expect(scores[1]).toBeCloseTo(0.25, 6);
    expect(scores[2]).toBeCloseTo(0.75, 6);
  });

  it('rises as the branch is less sure, within 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, min: -100, max: 100 }),
        fc.float({ noNaN: true, min: 0, max: 100 }),
        (s, more) => {
          const [high, low] = confidenceScore(Float32Array.of(s, s + more));
          expect(low).toBeLessThanOrEqual(high!);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeGreaterThanOrEqual(0);
        },
      ),
    );
    expect([...confidenceScore(Float32Array.of(3e38, -3e38))]).toEqual([0, 1]);
    const [sure, surer] = confidenceScore(Float32Array.of(20, 40));
    expect(surer).toBeLessThan(sure!);
  });

  it('says what it needs', async () => {
    const fitted = await fitDetector(confidence, undefined);
    await expect(scoreOutputs(fitted, { logits })).rejects.toThrowError(
      /needs the output of a confidence branch/,
    );
  });
});

describe('rejection', () => {
  it('is as computed by hand', async () => {
    const reject = matrix(Float32Array.of(0, 0, 5), 1);
    const scores = await scoreOutputs(await fitDetector(rejection, undefined), { logits, reject });
    expect(scores[0]).toBeCloseTo(1 / 3, 6);
    expect(scores[1]).toBeCloseTo(1 / 4, 6);
    const [a, b, r] = [10, -10, 5].map(Math.exp) as [number, number, number];
    expect(scores[2]).toBeCloseTo(r / (a + b + r), 6);
  });

  it('does not change when all logits of an example shift, and never overflows', () => {
    const float = fc.float({ noNaN: true, min: -20, max: 20 });
    fc.assert(
      fc.property(float, float, float, fc.integer({ min: -40, max: 40 }), (a, b, r, shift) => {
        const [plain] = rejectionScore(Float32Array.of(a, b), Float32Array.of(r), 2);
        const [moved] = rejectionScore(Float32Array.of(a + shift, b + shift), Float32Array.of(r + shift), 2);
        expect(moved).toBeCloseTo(plain!, 4);
      }),
    );
    const extreme = rejectionScore(Float32Array.of(3e38, 0, 0, 0), Float32Array.of(0, 3e38), 2);
    expect([...extreme]).toEqual([0, 1]);
  });

  it('says what it needs', async () => {
    const fitted = await fitDetector(rejection, undefined);
    await expect(scoreOutputs(fitted, { logits })).rejects.toThrowError(/needs the output of a reject class/);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bernoulliNoise, type ImageSource, memorySource } from '../data/index.ts';
import { uniformCrossEntropy } from '../detectors/index.ts';
import { detectionMetrics } from '../metrics/index.ts';
import { convNet } from '../nn/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { trainWithOutlierExposure } from '../training/index.ts';
import { averageOverSeeds, evaluate, evaluateClassifier, type ResultRow } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

/** Bright bars, one position a class. */
function bars(count: number, name: string): ImageSource {
  const pixels = new Float32Array(count * 784);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  for (let i = 0; i < pixels.length; i++) {
    const lit = Math.floor((i % 28) / 2.8) === labels[Math.floor(i / 784)];
    pixels[i] = (lit ? 0.8 : 0) + (((i * 7919) % 101) / 101) * 0.2;
  }
  return memorySource({ name, shape: [1, 28, 28], pixels, labels, fingerprint: name });
}
const noise = (seed: number, count = 200) => bernoulliNoise({ count, shape: [1, 28, 28], seed });

describe('evaluate', () => {
  it('shows that a classifier exposed to noise knows noise, and still knows its classes', async () => {
    const inliers = bars(300, 'test');
    const start = convNet({ seed: 1 });
    const outliers = {
      noise: noise(2),
      blank: memorySource({
        name: 'blank',
        shape: [1, 28, 28],
        pixels: new Float32Array(40 * 784),
        fingerprint: '',
      }),
    };
    const before = await evaluate(start, { inliers, outliers, runtime });
    const { model } = await trainWithOutlierExposure({
      model: start,
      inliers: bars(400, 'train'),
      outliers: noise(1),
      epochs: 12,
      learningRate: 0.02,
      batch: { inliers: 20, outliers: 20 },
      runtime,
    });
    const after = await evaluate(model, { inliers, outliers, runtime });
    expect(before.testError).toBeGreaterThan(0.5);
    expect(after.testError).toBeLessThan(0.05);
    expect(Object.keys(after.sets)).toEqual(['noise', 'blank']);
    expect(after.sets.noise).toMatchObject({ inCount: 300, outCount: 60, n: 95 });
    // A set smaller than the share to draw is taken whole.
    expect(after.sets.blank).toMatchObject({ outCount: 40 });
    expect(after.sets.noise!.auroc).toBeGreaterThan(0.95);
    expect(after.sets.noise!.auroc).toBeGreaterThan(before.sets.noise!.auroc);
    expect(after.mean.auroc).toBeCloseTo((after.sets.noise!.auroc + after.sets.blank!.auroc) / 2, 12);
  });

  it('gives the metrics of the scores that it hands out', async () => {
    const inliers = bars(100, 'in');
    const { rows, scores } = await evaluateClassifier(convNet({ seed: 2 }), {
      name: 'plain',
      runtime,
      inliers,
      outlierSets: [{ ...noise(3, 30), name: 'noise' }],
      detectors: [uniformCrossEntropy],
      outRatio: 1,
      seed: 1,
    });
    const { in: inScores, noise: outScores } = scores['uniform-ce']!;
    expect(inScores).toHaveLength(100);
    expect(rows[0]!.auroc).toBe(detectionMetrics(inScores!, outScores!).auroc);
    expect(rows.map(({ set }) => set)).toEqual(['noise', 'mean']);
  });

  it('averages draws, the same ones for every model', async () => {
    const options = { inliers: bars(100, 'in'), outliers: { noise: noise(3, 100) }, runtime, draws: 4 };
    const one = await evaluate(convNet({ seed: 2 }), options);
    expect(one.sets.noise!.drawStd!.auroc).toBeGreaterThan(0);
    expect(await evaluate(convNet({ seed: 2 }), options)).toEqual(one);
  });

  it.each([
    ['labels', { inliers: noise(1), outliers: { noise: noise(2) } }, /has no labels/],
    ['outliers', { inliers: bars(10, 'in'), outliers: {} }, /no set of outliers/],
  ])('says that it needs %s', async (_, options, message) => {
    await expect(evaluate(convNet({ seed: 1 }), { ...options, runtime })).rejects.toThrowError(message);
  });

  it('can be stopped', async () => {
    const signal = AbortSignal.abort();
    await expect(
      evaluate(convNet({ seed: 1 }), {
        inliers: bars(10, 'in'),
        outliers: { noise: noise(1) },
        runtime,
        signal,
      }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('averageOverSeeds', () => {
  const row = (model: string, fpr: number): ResultRow => ({
    model,
    score: 'msp',
    set: 'a',
    fpr,
    n: 95,
    auroc: 0.9,
    aupr: 0.5,
    auprIn: 0.5,
    detectionError: 0.1,
    inCount: 10,
    outCount: 2,
  });

  it('leaves one seed as it is', () => {
    expect(averageOverSeeds([[row('x', 0.2)]])).toEqual([row('x', 0.2)]);
  });

  it('gives means and spreads, a model apart from another', () => {
    const rows = averageOverSeeds([
      [row('x', 0.1), row('y', 0.5)],
      [row('x', 0.3), row('y', 0.5)],
    ]);
    expect(rows.map(({ model, fpr }) => [model, fpr])).toEqual([
      ['x', 0.2],
      ['y', 0.5],
    ]);
    expect(rows[0]!.seedStd!.fpr).toBeCloseTo(0.1, 12);
    expect(rows[1]!.seedStd!.fpr).toBe(0);
  });
});

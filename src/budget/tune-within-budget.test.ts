/** Whole searches, on images that are learned in seconds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subset } from '../data/index.ts';
import { convNet } from '../nn/index.ts';
import { crossEntropy } from '../objectives/index.ts';
import type { Model } from '../onnx/index.ts';
import type { Checkpoint, CheckpointStore } from '../training/checkpoint.ts';
import { bars, counted, noise, runtime, options as training } from '../training/testing.ts';
import { train } from '../training/trainer.ts';
import { type BudgetOptions, type BudgetProgress, tuneWithinBudget } from './index.ts';

const images = bars(400);
let baseline: Model;
beforeAll(async () => {
  const inliers = subset(images, 200);
  const plain = { objective: crossEntropy(), outliers: undefined, batch: { inliers: 10, outliers: 0 } };
  baseline = (await train(convNet({ seed: 1 }), training({ ...plain, inliers, epochs: 4 }))).model;
});
afterAll(() => runtime.dispose());

const search = (more: Partial<BudgetOptions> = {}): BudgetOptions => ({
  model: baseline,
  inliers: subset(images, 200),
  heldOut: subset(
    images,
    Uint32Array.from({ length: 100 }, (_, i) => 300 + i),
  ),
  outliers: noise(150),
  maxErrorIncrease: 0.02,
  epochs: 1,
  learningRate: 0.01,
  batch: { inliers: 10, outliers: 10 },
  seed: 1,
  runtime,
  ...more,
});

const weightsOf = (model: Model) => [...model.graph.initializers].map(([name, { data }]) => [name, data]);
const timeless = <T extends { seconds: number; runs: unknown; model: unknown }>({
  seconds: _,
  runs: __,
  model: ___,
  ...rest
}: T) => rest;

describe('tuneWithinBudget', () => {
  it('keeps the best detector within the budget', async () => {
    const watched = counted(runtime);
    const seen: BudgetProgress[] = [];
    const before = structuredClone(weightsOf(baseline));
    const result = await tuneWithinBudget(
      search({ runtime: watched, onProgress: (each) => seen.push(each) }),
    );
    expect(weightsOf(baseline)).toEqual(before);
    expect(watched.open).toBe(0);
    const { chosen, curve, baseline: start, maxErrorIncrease, runs } = result;
    expect(chosen).toBeDefined();
    expect(chosen!.error - start.error).toBeLessThanOrEqual(maxErrorIncrease + 1e-9);
    expect(chosen!.meanAuroc).toBeGreaterThan(start.meanAuroc);
    for (const point of curve) {
      expect(point.errorIncrease).toBeCloseTo(point.error - start.error, 10);
      expect(point.withinBudget).toBe(point.errorIncrease <= maxErrorIncrease + 1e-9);
      if (point.withinBudget) expect(chosen!.meanAuroc).toBeGreaterThanOrEqual(point.meanAuroc);
      expect(point.settings).toEqual(runs[point.run - 1]!.settings);
    }
    expect(new Set(curve.map(({ run }) => run))).toEqual(new Set([1, 2]));
    expect(weightsOf(result.model)).not.toEqual(before);
    const last = seen.at(-1)!;
    expect(last).toMatchObject({ stage: 'measure', run: 2, runs: 2 });
    expect(last.done).toBe(last.total);
    expect(seen.some(({ stage, remainingSeconds }) => stage === 'tune' && remainingSeconds! > 0)).toBe(true);
  });

  it('gives the baseline back where nothing detects better', async () => {
    const { heldOut } = search();
    // Nobody tells the held-out images from themselves.
    const result = await tuneWithinBudget(search({ validationOutliers: [{ ...heldOut!, name: 'same' }] }));
    expect(result.chosen).toBeUndefined();
    expect(result.model).toBe(baseline);
    expect(result.baseline.aurocs).toEqual({ same: 0.5 });
    expect(result.curve.length).toBeGreaterThan(4);
    for (const { meanAuroc } of result.curve) expect(meanAuroc).toBe(0.5);
  });

  it('takes nothing that is over the budget, however well it detects', async () => {
    // At this rate the classes are forgotten; outliers are told apart by then.
    const result = await tuneWithinBudget(search({ learningRate: 0.05, lambda: 5, maxErrorIncrease: 0 }));
    const over = result.curve.filter(({ withinBudget }) => !withinBudget);
    expect(over.length).toBeGreaterThan(0);
    for (const { errorIncrease } of over) expect(errorIncrease).toBeGreaterThan(0);
    if (result.chosen) expect(result.chosen.errorIncrease).toBeLessThanOrEqual(0);
    else expect(result.model).toBe(baseline);
  });

  it('repeats to the bit, goes on from checkpoints, and holds out a tenth by itself', async () => {
    const { heldOut: _, ...own } = search();
    const stores = new Map<number, Checkpoint>();
    const store = (run: number): CheckpointStore => ({
      load: async () => stores.get(run),
      save: async (checkpoint) => void stores.set(run, structuredClone(checkpoint)),
    });
    const whole = await tuneWithinBudget(own);
    expect(whole.heldOut.count).toBe(20);
    const abort = new AbortController();
    const broken = tuneWithinBudget({
      ...own,
      checkpoints: store,
      signal: abort.signal,
      onProgress: ({ run, stage, done }) => {
        if (run === 2 && stage === 'tune' && done === 5) abort.abort(new Error('enough'));
      },
    });
    await expect(broken).rejects.toThrowError('enough');
    expect([...stores.keys()]).toEqual([1, 2]);
    const steps: number[] = [];
    const resumed = await tuneWithinBudget({
      ...own,
      checkpoints: store,
      onProgress: ({ stage, run }) => void (stage === 'tune' && steps.push(run)),
    });
    expect(steps).not.toContain(1);
    expect(steps.length).toBeLessThan(18);
    expect(timeless(resumed)).toEqual(timeless(whole));
    expect(weightsOf(resumed.model)).toEqual(weightsOf(whole.model));
  });

  it('tries a lower learning rate where training diverges', async () => {
    const result = await tuneWithinBudget(
      search({ learningRate: 1e6, schedule: (rate) => () => (rate > 1e5 ? rate : 0.01) }),
    );
    const rates = result.runs.map(({ settings }) => settings.learningRate);
    expect(rates.every((rate) => rate < 1e5)).toBe(true);
    await expect(tuneWithinBudget(search({ schedule: () => () => 1e9 }))).rejects.toMatchObject({
      code: 'diverged',
    });
  });

  it('stays with the first tuning where the stronger one diverges', async () => {
    const result = await tuneWithinBudget(search({ schedule: (rate) => () => (rate > 0.02 ? 1e9 : rate) }));
    expect(result.runs.length).toBe(1);
    expect(result.chosen?.run).toBe(1);
  });

  it.each<[string, Partial<BudgetOptions>, RegExp]>([
    ['a budget below 0', { maxErrorIncrease: -0.1 }, /must be a share from 0 to below 1/],
    ['a budget in percent', { maxErrorIncrease: 2 }, /0.005 is half a percentage point/],
    ['held-out images without labels', { heldOut: noise(20) }, /"noise" have no labels/],
    ['no validation outliers', { validationOutliers: [] }, /no validation outliers to choose by/],
    ['too few images to hold any out', { heldOut: undefined, heldOutShare: 0.001 }, /cannot be held out/],
  ])('refuses %s', async (_, more, message) => {
    const searching = tuneWithinBudget(search(more));
    await expect(searching).rejects.toThrowError(message);
    await expect(searching).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

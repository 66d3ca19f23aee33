import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runtime } from '../../training/testing.ts';
import { checkpointFolder } from '../checkpoints.ts';
import type { Ablation } from './ablation.ts';
import { ABLATIONS, ablationNamed } from './registry.ts';
import { type AblationOptions, runAblation } from './run-ablation.ts';
import { barExperiment } from './testing.ts';

afterAll(() => runtime.dispose());

const run = (ablation: Ablation | string, more: Partial<AblationOptions> = {}) =>
  runAblation(typeof ablation === 'string' ? ablationNamed(ablation) : ablation, barExperiment, {
    runtime,
    ...more,
  });

/** The levels that are made of 80 lying bars with 10 classes. */
const USUAL: Record<string, string[]> = {
  closeness: ['gaussian', 'noised', 'lying'],
  diversity: ['1', '2', '5', 'all'],
  size: ['all'],
  lambda: ['0', '0.1', '0.25', '0.5', '1', '2'],
  ratio: ['0.25', '0.5', '1', '2', '4'],
  start: ['tune', 'scratch'],
  order: ['shuffled', 'local', 'by-class'],
  mining: ['1', '2', '4'],
  'reject-class': ['uniform', 'reject', 'reject-msp'],
};

describe('every ablation', { timeout: 120_000 }, () => {
  it.each(ABLATIONS)(
    '%s trains one baseline and its levels, and measures all on the same sets',
    async (name) => {
      const results = await run(name, { epochs: 1, tuneEpochs: 1 });
      const names = ['baseline', ...USUAL[name]!];
      expect(results.levels.map((level) => level.name)).toEqual(names);
      expect(results.models.map((model) => model.name)).toEqual(names);
      expect(results.training.map(({ model }) => model)).toEqual(
        names.filter((each) => each !== 'reject-msp'),
      );
      const tested = name === 'closeness' ? ['uniform'] : ['gaussian', 'uniform'];
      for (const level of names) {
        const rows = results.rows.filter(({ model }) => model === level);
        expect(rows.map(({ set }) => set)).toEqual([...tested, 'mean']);
        for (const { auroc } of rows) expect(auroc >= 0 && auroc <= 1).toBe(true);
      }
      const wide = new Set(results.rows.map(({ outCount, set }) => (set === 'mean' ? 30 : outCount)));
      expect([...wide]).toEqual([30]);
    },
  );
});

describe('runAblation', { timeout: 120_000 }, () => {
  it('starts every level from the one baseline of its seed', async () => {
    // A rate of next to nothing leaves the baseline what it was.
    const still: Ablation = {
      ...ablationNamed('lambda'),
      usual: () => ['a', 'b'],
      levels: async (texts) => texts.map((name) => ({ name, title: name, learningRate: 1e-12 })),
    };
    const results = await run(still, { seeds: 2, epochs: 2, tuneEpochs: 1 });
    expect(results.seeds).toEqual([1, 2]);
    expect(results.training.filter(({ model }) => model === 'baseline').map(({ seed }) => seed)).toEqual([
      1, 2,
    ]);
    for (const { rows, models } of results.perSeed) {
      const of = (level: string) => rows.filter(({ model }) => model === level).map(({ auroc }) => auroc);
      for (const level of ['a', 'b'])
        for (const [i, auroc] of of('baseline').entries()) expect(of(level)[i]).toBeCloseTo(auroc, 4);
      expect(new Set(models.map(({ testError }) => testError)).size).toBe(1);
    }
    const [one, two] = results.perSeed.map(({ rows }) => rows.map(({ auroc }) => auroc));
    expect(one).not.toEqual(two);
    const mean = results.rows.find(({ model, set }) => model === 'a' && set === 'mean')!;
    expect(mean.seedStd!.auroc).toBeGreaterThan(0);
  });

  it('trains from scratch without the baseline', async () => {
    const results = await run('start', { epochs: 2, tuneEpochs: 1, levels: ['scratch'] });
    const [, scratch] = results.levels;
    expect(scratch!.training).toMatchObject({
      start: 'new network',
      epochs: 2,
      outliers: { name: 'lying', count: 80 },
    });
    const [, { history }] = results.training as [unknown, { history: { losses: Record<string, number> }[] }];
    // Of an untrained network with ten classes: about log 10.
    expect(history[0]!.losses.crossEntropy).toBeGreaterThan(0.5);
  });

  it('says how many outliers each level was shown', async () => {
    const { levels } = await run('diversity', { epochs: 1, tuneEpochs: 1, levels: ['2', '5'] });
    expect(levels.slice(1).map(({ training }) => training!.outliers.count)).toEqual([16, 16]);
    const sizes = await run('size', { epochs: 1, tuneEpochs: 1, levels: ['3', '40', 'all'] });
    expect(sizes.levels.slice(1).map(({ training }) => training!.outliers.count)).toEqual([3, 40, 80]);
  });

  it('goes on to the same numbers after it was broken off', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oe-ablation-'));
    try {
      const options = { epochs: 1, tuneEpochs: 1, levels: ['0', '1'] };
      const whole = await run('lambda', options);
      const abort = new AbortController();
      const checkpoints = (mode: 'anew' | 'resume') => checkpointFolder(join(folder, 'kept'), mode, {});
      const broken = run('lambda', {
        ...options,
        checkpoints: checkpoints('anew'),
        signal: abort.signal,
        onProgress: ({ stage, done }) => stage.startsWith('Train 2/2') && done > 3 && abort.abort(),
      });
      await expect(broken).rejects.toThrow(/abort/i);
      const stages: string[] = [];
      const resumed = await run('lambda', {
        ...options,
        checkpoints: checkpoints('resume'),
        onProgress: ({ stage, done }) => stage.startsWith('Train') && stages.push(`${stage} ${done}`),
      });
      expect(resumed.rows).toEqual(whole.rows);
      expect(resumed.models).toEqual(whole.models);
      // Neither the baseline nor the first level is trained again.
      expect(stages.filter((stage) => !stage.startsWith('Train 2/2'))).toEqual([]);
      await expect(
        run('lambda', { ...options, levels: ['0', '2'], checkpoints: checkpoints('resume') }),
      ).rejects.toThrow(/other settings \(levels was/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([
    [
      'lambda',
      ['0.5', 'much'],
      /"much" is no level of the ablation lambda here; expected is a number from 0 to 1000/,
    ],
    ['lambda', ['0.5', '0.5'], /"0.5" is there twice/],
    ['lambda', [], /was given no levels/],
    ['size', ['81'], /"81" is no level/],
    ['diversity', ['11'], /"11" is no level/],
    ['ratio', ['-1'], /"-1" is no level/],
    ['start', ['never'], /"never" is no level/],
    ['order', ['backwards'], /expected is "shuffled", "local" or "by-class"/],
    ['mining', ['0'], /"0" is no level/],
    ['reject-class', ['reject-msp', 'reject'], /"reject-msp" is no level/],
  ])('says so when %s has no levels %j', async (name, levels, message) => {
    await expect(run(name, { levels })).rejects.toThrow(message);
  });

  it('knows its ablations by name', () => {
    expect(() => ablationNamed('sise')).toThrow(/There is no ablation "sise"; did you mean "size"\?/);
  });
});

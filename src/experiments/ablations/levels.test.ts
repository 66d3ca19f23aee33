import { describe, expect, it } from 'vitest';
import { gaussianNoise, type ImageSource } from '../../data/index.ts';
import type { Inliers } from '../declaration.ts';
import type { AblationContext, Level } from './ablation.ts';
import { levelsOf } from './levels.ts';
import { ablationNamed } from './registry.ts';
import { barExperiment } from './testing.ts';
import { enough, trainingCost } from './train-level.ts';

async function context(more: Partial<AblationContext> = {}): Promise<AblationContext> {
  const request = { shape: barExperiment.shape, files: {}, training: 'wanted' as const, seed: 1 };
  const inliers = (await barExperiment.loadInliers(request)) as Inliers & { train: ImageSource };
  const load = async (outliers?: string) =>
    (await barExperiment.loadOutliers({ ...request, outliers, exposure: 'wanted', inliers, noiseCount: 30 }))
      .train!;
  const outliers = await load();
  return {
    declaration: barExperiment,
    inliers,
    outliers,
    tuning: {
      outliers,
      lambda: 0.5,
      batch: { inliers: 10, outliers: 20 },
      epochs: 2,
      learningRate: 0.02,
      order: 'local',
      start: 'baseline',
    },
    scratch: undefined,
    noise: (count) => ({
      ...gaussianNoise({ count, shape: barExperiment.shape, seed: 2 }),
      name: 'gaussian',
    }),
    openOutliers: load,
    seed: 1,
    ...more,
  };
}

const levels = async (name: string, texts?: string[], more?: Partial<AblationContext>): Promise<Level[]> =>
  levelsOf(ablationNamed(name), await context(more), texts);
const labels = (level: Level | undefined) => [...level!.outliers!.labels!];

describe('levels', () => {
  it('of diversity hold one another, and as many images each', async () => {
    const [one, two, five, all] = await levels('diversity');
    const classes = [one, two, five, all].map((level) => new Set(labels(level)));
    expect(classes.map(({ size }) => size)).toEqual([1, 2, 5, 8]);
    for (const each of classes[0]!) expect(classes[1]!.has(each)).toBe(true);
    for (const each of classes[1]!) expect(classes[2]!.has(each)).toBe(true);
    expect([one, two, five, all].map((level) => level!.outliers!.length)).toEqual([8, 8, 8, 8]);
  });

  it('of diversity are other ones where there are many classes', async () => {
    const { outliers } = await context();
    const many = { ...outliers, labels: Int32Array.from({ length: 80 }, (_, i) => i) };
    const made = await levels('diversity', undefined, { outliers: many });
    expect(made.map(({ name }) => name)).toEqual(['10', '30', '50', 'all']);
  });

  it('of closeness show as many images each', async () => {
    const made = await levels('closeness', ['gaussian', 'noised', 'uniform']);
    expect(made.map(({ name, outliers }) => [name, outliers!.name, outliers!.length])).toEqual([
      ['gaussian', 'gaussian', 30],
      ['noised', 'noised', 30],
      ['uniform', 'uniform', 30],
    ]);
    expect(made[1]!.outliers!.labels).toBeUndefined();
  });

  it('of size are drawn, not the first', async () => {
    const [part] = await levels('size', ['16']);
    expect(part!.outliers!.length).toBe(16);
    expect(part!.outliers!.fingerprint).toContain('seed 1');
  });

  it('of order go through the classes one after the other', async () => {
    const [, , byClass] = await levels('order');
    expect(byClass!.order).toBe('local');
    expect(labels(byClass)).toEqual(
      labels({ outliers: (await context()).outliers } as Level).sort((a, b) => a - b),
    );
    const unlabelled = { ...(await context()).outliers };
    delete (unlabelled as { labels?: Int32Array }).labels;
    expect((await levels('order', undefined, { outliers: unlabelled })).map(({ name }) => name)).toEqual([
      'shuffled',
      'local',
    ]);
  });

  it('of ratio and mining say how many outliers a step takes', async () => {
    expect((await levels('ratio')).map(({ batch }) => batch!.outliers)).toEqual([3, 5, 10, 20, 40]);
    expect((await levels('mining')).map(({ batch }) => batch!.outliers)).toEqual([20, 40, 80]);
    expect((await levels('mining')).map(({ objective }) => objective!.name)).toEqual(
      Array.from({ length: 3 }, () => 'hard-outlier-exposure'),
    );
  });

  it('of lambda begin with the control', async () => {
    expect((await levels('lambda')).map((level) => level.lambda)).toEqual([0, 0.1, 0.25, 0.5, 1, 2]);
  });
});

describe('enough', () => {
  it('goes through a small set again and again', async () => {
    const { outliers } = await context();
    const repeated = enough(outliers, 100);
    expect(repeated.length).toBe(160);
    const [first, again] = [new Float32Array(784), new Float32Array(784)];
    await repeated.read([3], first);
    await repeated.read([83], again);
    expect(again).toEqual(first);
    expect(enough(outliers, 80)).toBe(outliers);
  });
});

describe('trainingCost', () => {
  it('counts the images of whole batches, there and back', () => {
    expect(trainingCost(105, { batch: { inliers: 10, outliers: 20 }, epochs: 2 })).toBe(3 * 2 * 10 * 30);
  });
});

import { describe, expect, it } from 'vitest';
import { subset } from '../../data/subset.ts';
import { convNet, dcganGenerator, wideResNet } from '../../nn/index.ts';
import { writeModel } from '../../onnx/index.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../checkpoint.ts';
import { trainWithOutlierExposure } from '../outlier-exposure.ts';
import { constantSchedule } from '../schedule.ts';
import { sgd } from '../sgd.ts';
import { bars, counted, noise, runtime } from '../testing.ts';
import { generateOutliers } from './generate.ts';
import { decayedOnce, type SyntheticOutliersOptions, trainWithSyntheticOutliers } from './trainer.ts';

const options = (more: Partial<SyntheticOutliersOptions> = {}): SyntheticOutliersOptions => ({
  model: convNet({ seed: 1 }),
  inliers: bars(120),
  features: 4,
  epochs: 2,
  batch: { inliers: 10, outliers: 12 },
  optimizer: sgd(),
  schedule: constantSchedule(0.02),
  albumSize: 3,
  runtime,
  ...more,
});

describe('trainWithSyntheticOutliers', () => {
  it('learns the task, makes images, and gives the same bits for the same seed', async () => {
    const longer = { epochs: 6, schedule: constantSchedule(0.02) };
    const first = await trainWithSyntheticOutliers(options(longer));
    expect(first.history.at(-1)!.losses.accuracy).toBeGreaterThan(0.9);
    // Of even chances −log ½ each would come to 1.39.
    expect(first.history.at(-1)!.losses.discriminator).toBeLessThan(1.3);
    expect(Object.keys(first.history[0]!.losses).sort()).toEqual(
      [
        'accuracy',
        'crossEntropy',
        'deception',
        'discriminator',
        'generator',
        'loss',
        'uniformDivergence',
      ].sort(),
    );
    expect(first.album.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { pixels } of first.album) expect(pixels.length).toBe(3 * 784);
    expect(first.album[0]!.pixels).not.toEqual(first.album[5]!.pixels);
    const again = await trainWithSyntheticOutliers(options(longer));
    for (const role of ['model', 'generator', 'discriminator'] as const)
      expect(writeModel(again[role])).toEqual(writeModel(first[role]));
    const other = await trainWithSyntheticOutliers(options({ ...longer, seed: 2 }));
    expect(writeModel(other.model)).not.toEqual(writeModel(first.model));
  });

  it('makes the classifier less sure of what the generator makes', async () => {
    const last = async (beta: number) =>
      (await trainWithSyntheticOutliers(options({ beta, epochs: 4 }))).history.at(-1)!.losses;
    const [sure, unsure] = [await last(0), await last(2)];
    expect(unsure.uniformDivergence).toBeLessThan(sure.uniformDivergence! / 2);
  });

  it('goes on from a checkpoint to the same bits, the album included', async () => {
    const whole = await trainWithSyntheticOutliers(options());
    let kept: Checkpoint | undefined;
    const store = {
      load: async () => kept,
      // Through bytes, as a file would keep it.
      save: async (checkpoint: Checkpoint) => {
        kept = decodeCheckpoint(encodeCheckpoint(checkpoint));
      },
    };
    const stop = new AbortController();
    const checkpoints = { store, everySeconds: 1e6 };
    const broken = trainWithSyntheticOutliers(
      options({
        checkpoints,
        signal: stop.signal,
        onProgress: ({ step }) => step === 17 && stop.abort(),
      }),
    );
    await expect(broken).rejects.toMatchObject({ name: 'AbortError' });
    expect(kept!.step).toBeGreaterThan(12);
    expect(kept!.step).toBeLessThan(24);
    const resumed = await trainWithSyntheticOutliers(options({ checkpoints }));
    for (const role of ['model', 'generator', 'discriminator'] as const)
      expect(writeModel(resumed[role])).toEqual(writeModel(whole[role]));
    expect(resumed.album).toEqual(whole.album);
  });

  it('tells how it goes', async () => {
    const steps: number[] = [];
    await trainWithSyntheticOutliers(
      options({
        onProgress: ({ step, steps: all, remainingSeconds, losses }) => {
          expect(all).toBe(24);
          expect(remainingSeconds).toBeGreaterThanOrEqual(0);
          expect(losses.generator).toBeGreaterThan(0);
          steps.push(step);
        },
      }),
    );
    expect(steps).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  });

  it('trains networks with batch normalization, whose averages stay those of what they see', async () => {
    const model = wideResNet({ seed: 1, depth: 10, widen: 1, side: 28, channels: 1, dropRate: 0.3 });
    const { model: trained, generator } = await trainWithSyntheticOutliers(options({ model, epochs: 1 }));
    for (const [before, after] of [
      [model, trained],
      [dcganGenerator({ seed: 1, side: 28, channels: 1, features: 4 }), generator],
    ] as const) {
      const averages = [...after.graph.initializers].filter(([name]) => name.endsWith('running_mean'));
      expect(averages.length).toBeGreaterThan(1);
      for (const [name, { data }] of averages)
        expect(data).not.toEqual(before.graph.initializers.get(name)!.data);
    }
  });

  it('leaves a classifier that Outlier Exposure goes on with', async () => {
    const { model, generator } = await trainWithSyntheticOutliers(options());
    const made = generateOutliers(generator, { count: 100, seed: 2, runtime });
    const settings = { inliers: bars(120), epochs: 1, batch: { inliers: 10, outliers: 10 }, runtime };
    const real = await trainWithOutlierExposure({ model, outliers: noise(50), ...settings });
    const synthetic = await trainWithOutlierExposure({ model, outliers: made, ...settings });
    await made.close!();
    for (const { history } of [real, synthetic])
      expect(history[0]!.losses.uniformCrossEntropy).toBeGreaterThan(2);
  });

  it.each([
    [{ batch: { inliers: 10, outliers: 1 } }, /10 real and 1 made/],
    [{ inliers: noise(50) }, /no labels/],
    [
      { generator: dcganGenerator({ seed: 1, side: 32, channels: 1, features: 2 }) },
      /makes images of the shape \[1, 32, 32\]/,
    ],
    [{ generator: convNet({ seed: 1 }) }, /A generator has one input/],
    [{ epochs: 0.5 }, /epochs is 0\.5/],
    [{ beta: -1 }, /beta = -1/],
    [{ inliers: subset(bars(20), 4) }, /fewer than the 10 of one batch/],
  ])('refuses what does not fit: %#', async (more, sentence) => {
    await expect(
      trainWithSyntheticOutliers(options(more as Partial<SyntheticOutliersOptions>)),
    ).rejects.toThrowError(sentence);
  });
});

describe('generateOutliers', () => {
  const generator = dcganGenerator({ seed: 1, side: 8, channels: 1, features: 2, latent: 4 });
  const read = async (count: number, seed: number, indices: number[]) => {
    const source = generateOutliers(generator, { count, seed, runtime });
    const pixels = new Float32Array(indices.length * 64);
    await source.read(indices, pixels);
    await source.close!();
    return pixels;
  };

  it('makes image i the same whatever is read with it', async () => {
    const all = await read(150, 1, [...Array(150).keys()]);
    const some = await read(200, 1, [149, 3]);
    expect(some.subarray(0, 64)).toEqual(all.subarray(149 * 64));
    expect(some.subarray(64)).toEqual(all.subarray(3 * 64, 4 * 64));
    expect(await read(150, 2, [3])).not.toEqual(some.subarray(64));
  });

  it('says what it is, and lets go of its session', async () => {
    const watched = counted(runtime);
    const source = generateOutliers(generator, { count: 5, seed: 1, runtime: watched });
    expect(source).toMatchObject({ name: 'synthetic', length: 5, shape: [1, 8, 8] });
    const other = dcganGenerator({ seed: 2, side: 8, channels: 1, features: 2, latent: 4 });
    expect(generateOutliers(other, { count: 5, seed: 1, runtime }).fingerprint).not.toBe(source.fingerprint);
    expect(watched.open).toBe(0);
    await source.read([0], new Float32Array(64));
    expect(watched.open).toBe(1);
    await source.close!();
    expect(watched.open).toBe(0);
    await source.read([1], new Float32Array(64));
    expect(watched).toMatchObject({ open: 1, made: 2 });
    await source.close!();
  });

  it('refuses other models and impossible counts', () => {
    expect(() => generateOutliers(convNet({ seed: 1 }), { count: 1, seed: 1, runtime })).toThrowError(
      /one input/,
    );
    expect(() => generateOutliers(generator, { count: 0, seed: 1, runtime })).toThrowError(/0 images/);
  });
});

it('lowers the rate once, behind 60 % of the steps', () => {
  const schedule = decayedOnce({ rate: 2e-4, steps: 100 });
  expect([1, 60].map(schedule)).toEqual([2e-4, 2e-4]);
  expect(schedule(61)).toBeCloseTo(2e-5, 12);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImageSource, memorySource } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { convNet } from '../nn/index.ts';
import { crossEntropy, outlierExposure } from '../objectives/index.ts';
import { type Model, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import {
  type Checkpoint,
  constantSchedule,
  decodeCheckpoint,
  encodeCheckpoint,
  sgd,
  type TrainOptions,
  type TrainProgress,
  train,
} from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

/** Bright bars, one position a class: easy to learn. */
function bars(count: number, name = 'bars'): ImageSource {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  const random = Random.from(1, name);
  const pixels = new Float32Array(count * 784);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < 784; j++) {
      const lit = Math.floor((j % 28) / 2.8) === labels[i];
      pixels[i * 784 + j] = 0.3 * random.uniform() + (lit ? 0.7 : 0);
    }
  }
  return memorySource({ name, shape: [1, 28, 28], pixels, labels, fingerprint: name });
}

function noise(count: number, value?: number): ImageSource {
  const random = Random.from(2, 'noise');
  const pixels = Float32Array.from({ length: count * 784 }, () => value ?? random.uniform());
  return memorySource({ name: 'noise', shape: [1, 28, 28], pixels, fingerprint: 'noise' });
}

const options = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  inliers: bars(200),
  outliers: noise(150),
  objective: outlierExposure(),
  optimizer: sgd(),
  schedule: constantSchedule(0.02),
  epochs: 3,
  batch: { inliers: 10, outliers: 10 },
  seed: 1,
  runtime,
  ...more,
});
const bytes = (model: Model) => Buffer.from(writeModel(model));

describe('train', () => {
  it('learns, and says how it goes', async () => {
    const seen: TrainProgress[] = [];
    const start = convNet({ seed: 1 });
    const before = bytes(start);
    const { model, history, stallShare } = await train(
      start,
      options({ epochs: 8, onProgress: (progress) => seen.push(progress) }),
    );
    expect(bytes(start).equals(before)).toBe(true);
    expect(bytes(model).equals(before)).toBe(false);
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(history.at(-1)!.losses.accuracy).toBeGreaterThan(0.9);
    expect(history.at(-1)!.losses.loss).toBeLessThan(history[0]!.losses.loss!);
    // The uniform term cannot fall below log(10), where predictions are uniform.
    expect(history.at(-1)!.losses.uniformCrossEntropy).toBeGreaterThanOrEqual(Math.log(10) - 1e-4);
    expect(seen.map(({ step }) => step)).toEqual(Array.from({ length: 160 }, (_, i) => i + 1));
    expect(seen.at(-1)).toMatchObject({ epoch: 8, epochs: 8, steps: 160, remainingSeconds: 0 });
    for (const { imagesPerSecond, losses } of seen)
      expect(Number.isFinite(imagesPerSecond) && Number.isFinite(losses.loss)).toBe(true);
    expect(stallShare).toBeGreaterThanOrEqual(0);
    expect(stallShare).toBeLessThan(1);
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    const run = async (seed: number) =>
      bytes((await train(convNet({ seed: 1 }), options({ seed, epochs: 1 }))).model);
    const first = await run(1);
    expect((await run(1)).equals(first)).toBe(true);
    expect((await run(2)).equals(first)).toBe(false);
  });

  it('needs no outliers where the objective needs none', async () => {
    const { history } = await train(
      convNet({ seed: 1 }),
      options({ objective: crossEntropy(), outliers: undefined, batch: { inliers: 10, outliers: 0 } }),
    );
    expect(Object.keys(history[0]!.losses).sort()).toEqual(['accuracy', 'crossEntropy', 'loss']);
  });

  it('ends when told to', async () => {
    const abort = new AbortController();
    let steps = 0;
    const running = train(
      convNet({ seed: 1 }),
      options({ epochs: 1000, signal: abort.signal, onProgress: () => ++steps === 5 && abort.abort() }),
    );
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(steps).toBeLessThan(10);
  });

  it('goes on from a checkpoint of any moment to the same bits and history', async () => {
    const plain = await train(convNet({ seed: 1 }), options());
    for (const stopAfter of [1, 19, 20, 21, 45]) {
      let kept: Checkpoint | undefined;
      // Through bytes, as from a file.
      const checkpoints = {
        store: {
          load: async () => kept && decodeCheckpoint(encodeCheckpoint(kept)),
          save: async (checkpoint: Checkpoint) => void (kept = checkpoint),
        },
      };
      const abort = new AbortController();
      let steps = 0;
      const broken = options({
        checkpoints,
        signal: abort.signal,
        onProgress: () => ++steps === stopAfter && abort.abort(),
      });
      await expect(train(convNet({ seed: 1 }), broken)).rejects.toMatchObject({ name: 'AbortError' });
      expect(kept!.step).toBeGreaterThanOrEqual(stopAfter);
      const resumed = await train(convNet({ seed: 1 }), options({ checkpoints }));
      expect(bytes(resumed.model).equals(bytes(plain.model)), `stopped after ${stopAfter}`).toBe(true);
      expect(resumed.history.map(({ losses }) => losses)).toEqual(plain.history.map(({ losses }) => losses));
      // A finished run is not trained any further.
      const again = await train(convNet({ seed: 1 }), options({ checkpoints }));
      expect(bytes(again.model).equals(bytes(plain.model))).toBe(true);
    }
  });

  it('refuses a checkpoint of another network', async () => {
    let kept: Checkpoint | undefined;
    const store = {
      load: async () => kept,
      save: async (checkpoint: Checkpoint) => void (kept = checkpoint),
    };
    await train(convNet({ seed: 1 }), options({ epochs: 1, checkpoints: { store } }));
    await expect(
      train(convNet({ seed: 1, classes: 11 }), options({ checkpoints: { store } })),
    ).rejects.toThrowError(/checkpoint does not fit the model/);
  });

  it.each<[string, Partial<TrainOptions>, string, RegExp]>([
    ['pixels that are no numbers', { outliers: noise(150, Number.NaN) }, 'diverged', /loss is NaN at step 1/],
    ['no labels', { inliers: noise(150) }, 'invalid-argument', /"noise" has no labels/],
    ['no outliers', { outliers: undefined }, 'invalid-argument', /outlier-exposure needs outliers/],
    [
      'fewer images than a batch',
      { inliers: bars(5) },
      'invalid-argument',
      /"bars" has 5 images, fewer than the 10/,
    ],
    [
      'images of another shape',
      { outliers: { ...noise(150), shape: [3, 32, 32] } },
      'invalid-argument',
      /\[3, 32, 32\].*\[1, 28, 28\]/,
    ],
  ])('refuses %s', async (_, more, code, message) => {
    const running = train(convNet({ seed: 1 }), options(more));
    await expect(running).rejects.toBeInstanceOf(OutlierExposureError);
    await expect(running).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

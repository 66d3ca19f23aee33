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
let abort: AbortController;
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
/** A runtime that counts what is open on it. */
function counted(inner: Runtime): Runtime & { open: number; made: number } {
  const counter = { open: 0, made: 0 };
  const count = <T extends { release(): Promise<void> }>(item: T): T => {
    counter.open++;
    counter.made++;
    const release = item.release.bind(item);
    item.release = () => {
      counter.open--;
      return release();
    };
    return item;
  };
  return Object.assign(counter, {
    createSession: async (...given: Parameters<Runtime['createSession']>) =>
      count(await inner.createSession(...given)),
    createLoop: async (...given: Parameters<Runtime['createLoop']>) =>
      count(await inner.createLoop(...given)),
    dispose: () => inner.dispose(),
  });
}
/** The same images under other labels. */
const labelled = (labels: Int32Array): ImageSource => ({ ...bars(200), labels });
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

  it('does not begin when told to end before', async () => {
    const watched = counted(runtime);
    const running = train(convNet({ seed: 1 }), options({ runtime: watched, signal: AbortSignal.abort() }));
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(watched.made).toBe(0);
  });

  it.each<[string, Partial<TrainOptions>]>([
    ['the end', { epochs: 1 }],
    ['an abort', { onProgress: () => abort.abort() }],
    ['a divergence', { outliers: noise(150, Number.NaN) }],
    ['data that do not fit', { inliers: bars(5) }],
    [
      'data that cannot be read',
      { outliers: { ...noise(150), read: () => Promise.reject(new Error('the disk is gone')) } },
    ],
    [
      'a mistake of the listener',
      {
        onProgress: () => {
          throw new Error('not my day');
        },
      },
    ],
  ])('leaves nothing open after %s', async (_, more) => {
    abort = new AbortController();
    const watched = counted(runtime);
    const running = train(convNet({ seed: 1 }), options({ runtime: watched, signal: abort.signal, ...more }));
    await running.catch(() => {});
    expect(watched.made).toBeGreaterThan(0);
    expect(watched.open).toBe(0);
  });

  it('returns no weights that are not numbers, though no loss has shown them', async () => {
    const running = train(
      convNet({ seed: 1 }),
      options({ epochs: 1, schedule: (step) => (step === 20 ? Number.POSITIVE_INFINITY : 0.02) }),
    );
    await expect(running).rejects.toMatchObject({
      code: 'diverged',
      message: expect.stringMatching(/in its last step/),
    });
  });

  it('begins each epoch at another place among the outliers, and reads on from there', async () => {
    const inner = noise(150);
    const read: number[][] = [];
    const outliers: ImageSource = {
      ...inner,
      read(indices, out) {
        read.push(Array.from(indices));
        return inner.read(indices, out);
      },
    };
    await train(convNet({ seed: 1 }), options({ outliers, epochs: 4 }));
    expect(read.length).toBe(4 * 20);
    const epochs = Array.from({ length: 4 }, (_, epoch) => read.slice(epoch * 20, (epoch + 1) * 20).flat());
    for (const indices of epochs) expect(indices).toEqual(indices.map((_, i) => (indices[0]! + i) % 150));
    expect(new Set(epochs.map(([first]) => first)).size).toBeGreaterThan(2);
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
      'a place for outliers without any',
      { outliers: undefined, objective: crossEntropy() },
      'invalid-argument',
      /10 outliers, but there is no set/,
    ],
    [
      'fewer outliers than a batch',
      { outliers: noise(9) },
      'invalid-argument',
      /"noise" has 9 images, fewer than the 10/,
    ],
    [
      'a label below 0',
      { inliers: labelled(new Int32Array(200).fill(-1, 3)) },
      'invalid-argument',
      /Image 3 of "bars" has the label -1, but the model's 10 classes are numbered 0 to 9/,
    ],
    [
      'a label too large',
      { inliers: labelled(new Int32Array(200).fill(10)) },
      'invalid-argument',
      /Image 0 of "bars" has the label 10/,
    ],
    [
      'fewer labels than images',
      { inliers: labelled(new Int32Array(199)) },
      'invalid-argument',
      /200 images, but 199 labels/,
    ],
    ['half an epoch', { epochs: 0.5 }, 'invalid-argument', /epochs is 0.5/],
    [
      'a batch of nothing',
      { batch: { inliers: 0, outliers: 10 } },
      'invalid-argument',
      /A batch of 0 inliers and 10 outliers/,
    ],
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

import { afterAll, describe, expect, it } from 'vitest';
import { type ImageSource, randomCropAndFlip } from '../data/index.ts';
import { convNet } from '../nn/index.ts';
import { crossEntropy } from '../objectives/index.ts';
import { type Model, writeModel } from '../onnx/index.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, type TrainProgress, train } from './index.ts';
import { counted, noise, options, runtime } from './testing.ts';

afterAll(() => runtime.dispose());

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
    const augmentation = randomCropAndFlip({ padding: 2 });
    const augmented = (more = {}) =>
      options({
        augment: { inliers: augmentation, outliers: augmentation },
        outlierOrder: 'shuffled',
        ...more,
      });
    const plain = await train(convNet({ seed: 1 }), augmented());
    expect(
      bytes(plain.model).equals(bytes((await train(convNet({ seed: 1 }), options())).model)),
      'augmentation must show',
    ).toBe(false);
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
      const broken = augmented({
        checkpoints,
        signal: abort.signal,
        onProgress: () => ++steps === stopAfter && abort.abort(),
      });
      await expect(train(convNet({ seed: 1 }), broken)).rejects.toMatchObject({ name: 'AbortError' });
      expect(kept!.step).toBeGreaterThanOrEqual(stopAfter);
      const resumed = await train(convNet({ seed: 1 }), augmented({ checkpoints }));
      expect(bytes(resumed.model).equals(bytes(plain.model)), `stopped after ${stopAfter}`).toBe(true);
      expect(resumed.history.map(({ losses }) => losses)).toEqual(plain.history.map(({ losses }) => losses));
      // A finished run is not trained any further.
      const again = await train(convNet({ seed: 1 }), augmented({ checkpoints }));
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
});

/** Training on texts: batches, and runs that are broken off. */
import { afterAll, describe, expect, it } from 'vitest';
import {
  buildVocabulary,
  createTokenizer,
  type EncodedText,
  encodeTexts,
  memoryTexts,
  PAD_ID,
  textInput,
} from '../data/index.ts';
import { gruClassifier } from '../nn/index.ts';
import { crossEntropy, outlierExposure } from '../objectives/index.ts';
import { type Model, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import type { Tensors } from '../runtime/index.ts';
import type { TextLengths, TextTrainOptions } from './feeder.ts';
import {
  adam,
  type Checkpoint,
  cosineByEpoch,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainOptions,
  train,
} from './index.ts';
import { bars, runtime } from './testing.ts';
import { TextFeeder } from './text-feeder.ts';

afterAll(() => runtime.dispose());

const WORDS = ['red', 'green', 'blue'];
const FILLERS = ['the', 'a', 'of', 'and', 'to'];

/** Texts of 1 to 20 words; one of them is a colour, and tells the class. */
function colours(count: number, name = 'colours') {
  const random = Random.from(1, name);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const texts = Array.from(labels, (label) => {
    const words = Array.from({ length: 1 + random.integer(20) }, () => FILLERS[random.integer(5)]!);
    words[random.integer(words.length)] = WORDS[label]!;
    return words.join(' ');
  });
  return memoryTexts({ name, texts, labels, fingerprint: name });
}

function strangers(count: number) {
  const random = Random.from(2, 'strangers');
  const texts = Array.from({ length: count }, () =>
    Array.from({ length: 5 + random.integer(30) }, () => FILLERS[random.integer(5)]!).join(' '),
  );
  return memoryTexts({ name: 'strangers', texts, fingerprint: 'strangers' });
}

const known = colours(120);
const tokenizer = createTokenizer({ vocabulary: buildVocabulary(known) });
const inliers = encodeTexts(known, tokenizer);
const outliers = encodeTexts(strangers(70), tokenizer);
const model = () =>
  gruClassifier({
    seed: 1,
    vocabulary: tokenizer.vocabulary.size,
    classes: 3,
    embedding: 8,
    hidden: 16,
    padding: PAD_ID,
  });

const options = (more: Partial<TrainOptions> = {}): TrainOptions => {
  const epochs = more.epochs ?? 3;
  return {
    inliers,
    outliers,
    objective: outlierExposure({ lambda: 1 }),
    optimizer: adam(),
    schedule: cosineByEpoch({ peak: 0.01, epochs, stepsPerEpoch: 12 }),
    epochs,
    batch: { inliers: 10, outliers: 10 },
    seed: 1,
    runtime,
    ...more,
  };
};
const bytes = (trained: Model) => Buffer.from(writeModel(trained));

interface Fed {
  feeds: Tensors;
  lengths: TextLengths;
}
async function fed(more: Partial<TrainOptions>, epoch: number, from?: number): Promise<Fed[]> {
  const inputs = { pixels: 'x', labels: 'y', dropoutSeed: undefined, outliers: 'o' };
  const input = textInput('x', { elementType: 'int64', shape: ['batch', 'time'] });
  const feeder = new TextFeeder(options(more) as TextTrainOptions, { inputs, classes: 3 }, input);
  const batches: Fed[] = [];
  for await (const { feeds, lengths } of feeder.epoch(epoch, from))
    batches.push({ feeds, lengths: lengths! });
  return batches;
}

/** The words of each row of a batch. */
function rows({ data, shape }: Tensors[string]): string[] {
  return Array.from({ length: shape[0]! }, (_, i) =>
    tokenizer.vocabulary.decode(
      Array.from((data as BigInt64Array).subarray(i * shape[1]!, (i + 1) * shape[1]!), Number),
    ),
  );
}

describe('TextFeeder', () => {
  it('gives every text once an epoch, with its label, padded in front to the length of its batch', async () => {
    const batches = await fed({}, 1);
    expect(batches).toHaveLength(12);
    const seen = batches.flatMap(({ feeds }) => {
      const labels = feeds.y!.data as BigInt64Array;
      return rows(feeds.x!).map((text, i) => `${labels[i]} ${text}`);
    });
    const all = Array.from({ length: 120 }, (_, i) => `${known.labels![i]} ${known.text(i)}`);
    expect(seen.sort()).toEqual(all.sort());
    for (const { feeds, lengths } of batches) {
      expect([feeds.x!.shape, feeds.o!.shape]).toEqual([
        [10, lengths.inliers],
        [10, lengths.outliers],
      ]);
      for (const name of ['x', 'o']) {
        const longest = Math.max(...rows(feeds[name]!).map((text) => text.split(' ').length));
        expect(feeds[name]!.shape[1]).toBe(Math.ceil(longest / 8) * 8);
        for (let row = 0, [count, length] = feeds[name]!.shape as [number, number]; row < count; row++)
          expect(feeds[name]!.data[(row + 1) * length - 1]).not.toBe(BigInt(PAD_ID));
      }
    }
    expect(new Set(batches.map(({ lengths }) => lengths.inliers)).size).toBeGreaterThan(1);
  });

  it('depends on seed and epoch alone, wherever it begins', async () => {
    const first = await fed({}, 1);
    expect(await fed({}, 1, 7)).toEqual(first.slice(7));
    expect(await fed({}, 2)).not.toEqual(first);
    expect(await fed({ seed: 2 }, 1)).not.toEqual(first);
  });

  it('takes outliers in their order from a random place on when told so', async () => {
    const texts = (await fed({ outlierOrder: 'local', batch: { inliers: 60, outliers: 20 } }, 1)).flatMap(
      ({ feeds }) => rows(feeds.o!),
    );
    const all = Array.from({ length: 70 }, (_, i) => outliers.text(i));
    const runs = all.map((_, start) => Array.from({ length: 40 }, (_, i) => all[(start + i) % 70]!).sort());
    expect(runs).toContainEqual(texts.sort());
  });
});

describe('train, on texts', () => {
  it('learns, and grows unsure of outliers', async () => {
    const { model: trained, history } = await train(model(), options({ epochs: 10 }));
    const last = history.at(-1)!.losses;
    expect(last.accuracy).toBeGreaterThan(0.95);
    expect(last.uniformCrossEntropy! - Math.log(3)).toBeLessThan(0.05);
    expect(history.map(({ learningRate }) => learningRate)[0]).toBe(0.01);
    const padding = trained.graph.initializers
      .get('embedding.weight')!
      .data.slice(8 * PAD_ID, 8 * PAD_ID + 8);
    expect(Array.from(padding as Float32Array)).toEqual(Array(8).fill(0));
  });

  it('goes on from a checkpoint of any moment to the same bits', async () => {
    const plain = await train(model(), options());
    expect(bytes((await train(model(), options())).model).equals(bytes(plain.model))).toBe(true);
    for (const stopAfter of [1, 12, 20]) {
      let kept: Checkpoint | undefined;
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
      await expect(train(model(), broken)).rejects.toMatchObject({ name: 'AbortError' });
      const resumed = await train(model(), options({ checkpoints }));
      expect(bytes(resumed.model).equals(bytes(plain.model)), `stopped after ${stopAfter}`).toBe(true);
      expect(resumed.history.map(({ losses }) => losses)).toEqual(plain.history.map(({ losses }) => losses));
    }
  });

  it('needs no outliers where the objective needs none', async () => {
    const { history } = await train(
      model(),
      options({ outliers: undefined, objective: crossEntropy(), batch: { inliers: 10, outliers: 0 } }),
    );
    expect(history).toHaveLength(3);
    expect(history[2]!.losses.loss).toBeLessThan(history[0]!.losses.loss!);
  });

  it('says in a sentence what does not fit', async () => {
    const labels = (value: number): EncodedText => ({ ...inliers, labels: new Int32Array(120).fill(value) });
    await expect(train(model(), options({ inliers: labels(3) }))).rejects.toThrowError(
      /Text 0 of "colours" has the label 3/,
    );
    await expect(train(model(), options({ batch: { inliers: 200, outliers: 10 } }))).rejects.toThrowError(
      /has 120 texts, fewer than the 200/,
    );
    await expect(train(model(), options({ outliers: bars(50) }))).rejects.toThrowError(/texts and images/);
    const { convNet } = await import('../nn/index.ts');
    await expect(train(convNet({ seed: 1 }), options())).rejects.toThrowError(
      /holds texts, but the model's input/,
    );
  });
});

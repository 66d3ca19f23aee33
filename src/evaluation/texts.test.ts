/** Texts as sets to be measured and scored. */
import { afterAll, describe, expect, it } from 'vitest';
import {
  buildVocabulary,
  createTokenizer,
  type EncodedText,
  encodeTexts,
  memorySource,
  memoryTexts,
  PAD_ID,
} from '../data/index.ts';
import { msp, mspScore } from '../detectors/index.ts';
import { convNet, gruClassifier } from '../nn/index.ts';
import { type Model, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { runtime } from '../training/testing.ts';
import { type ExtremeText, evaluate, evaluateClassifier, readLogits, scoreStream } from './index.ts';

afterAll(() => runtime.dispose());

/** Texts of 1 to 30 words. */
function made(name: string, count: number) {
  const random = Random.from(1, name);
  const words = (length: number) => Array.from({ length }, () => `w${random.integer(50)}`).join(' ');
  return memoryTexts({
    name,
    texts: Array.from({ length: count }, () => words(1 + random.integer(30))),
    labels: Int32Array.from({ length: count }, (_, i) => i % 3),
    fingerprint: name,
  });
}
const [known, strange] = [made('known', 60), made('strange', 40)];
const tokenizer = createTokenizer({ vocabulary: buildVocabulary(known, { size: 40 }) });
const encode = (of: typeof known) => encodeTexts(of, tokenizer);
const model = gruClassifier({
  seed: 1,
  vocabulary: tokenizer.vocabulary.size,
  classes: 3,
  embedding: 4,
  hidden: 6,
  padding: PAD_ID,
});
const all = Uint32Array.from({ length: 60 }, (_, i) => i);

async function logitsOf(of: Model, set: EncodedText, indices: Uint32Array): Promise<number[]> {
  const session = await runtime.createSession(writeModel(of));
  const done: number[] = [];
  const ends = { pixels: 'tokens', logits: 'logits' };
  const { logits, classes } = await readLogits(session, ends, set, indices, (count) => done.push(count));
  await session.release();
  expect([classes, done.reduce((sum, count) => sum + count, 0)]).toEqual([3, indices.length]);
  return [...logits];
}

/** The model for one number of texts a call, or one number of words, or numbers of 32 bits. */
function variant(change: { batch?: number; time?: number }): Model {
  const graph = model.graph.clone();
  const { batch = 'batch', time = 'time' } = change;
  graph.inputs.set('tokens', { elementType: 'int64', shape: [batch, time] });
  graph.outputs.set('logits', undefined);
  return { ...model, graph };
}

describe('readLogits of texts', () => {
  it('gives those of each text, whatever stands beside it, in the order asked for', async () => {
    const set = encode(known);
    const together = await logitsOf(model, set, all);
    const some = Uint32Array.of(31, 2, 2, 59, 0);
    const picked = [...some].flatMap((index) => together.slice(3 * index, 3 * index + 3));
    for (const [i, value] of (await logitsOf(model, set, some)).entries())
      expect(value).toBeCloseTo(picked[i]!, 5);
    const alone = encodeTexts(
      memoryTexts({ name: 'one', texts: [known.text(31)], fingerprint: '' }),
      tokenizer,
    );
    for (const [i, value] of (await logitsOf(model, alone, Uint32Array.of(0))).entries())
      expect(value).toBeCloseTo(picked[i]!, 5);
    expect(new Set(together).size).toBeGreaterThan(100);
  });

  it('fills up for models of one batch size, and cuts for those of one length', async () => {
    const set = encode(known);
    const expected = await logitsOf(model, set, all);
    for (const [i, value] of (await logitsOf(variant({ batch: 7 }), set, all)).entries())
      expect(value).toBeCloseTo(expected[i]!, 5);
    const cut = encodeTexts(known, { ...tokenizer, maxTokens: 8 });
    const atEight = await logitsOf(model, cut, all);
    for (const [i, value] of (await logitsOf(variant({ time: 8 }), set, all)).entries())
      expect(value).toBeCloseTo(atEight[i]!, 5);
  });

  it('refuses images for a model of texts, and texts for one of images', async () => {
    const pixels = memorySource({
      name: 'dots',
      shape: [1, 28, 28],
      pixels: new Float32Array(784),
      labels: Int32Array.of(0),
      fingerprint: '',
    });
    const outliers = { pixels };
    await expect(evaluate(model, { inliers: encode(known), outliers, runtime })).rejects.toThrowError(
      /"pixels" holds images, but the model takes texts/,
    );
    await expect(
      evaluate(convNet({ seed: 1 }), { inliers: pixels, outliers: { known: encode(known) }, runtime }),
    ).rejects.toThrowError(/holds texts, but the model's input "pixels" is float32/);
    await expect(scoreStream(convNet({ seed: 1 }), encode(known), { runtime }).next()).rejects.toThrowError(
      /holds texts/,
    );
    await expect(scoreStream(model, pixels, { runtime }).next()).rejects.toThrowError(
      /holds images, but the model takes texts/,
    );
  });
});

describe('texts', () => {
  it('are measured, and the most and least anomalous are shown', async () => {
    const inliers = encode(known);
    const { testError, rows, scores, extremes } = await evaluateClassifier(model, {
      name: 'm',
      runtime,
      inliers,
      outlierSets: [encode(strange)],
      detectors: [msp],
      seed: 1,
      outRatio: 0.5,
      extremes: 2,
    });
    expect(testError).toBeGreaterThan(0);
    expect(rows.map(({ set, inCount, outCount }) => [set, inCount, outCount])).toEqual([
      ['strange', 60, 30],
      ['mean', 60, 30],
    ]);
    const { in: ofIn } = scores.msp!;
    expect(ofIn).toHaveLength(60);
    const most = extremes.in!.most as ExtremeText[];
    expect(most[0]!.scores.msp).toBe(Math.max(...ofIn!));
    expect(most.map(({ text }) => text)).toEqual(most.map(({ index }) => known.text(index)));
    expect('shape' in extremes.in!).toBe(false);
  });

  it('are scored as a stream, in their order', async () => {
    const set = encode(known);
    const logits = await logitsOf(model, set, all);
    const expected = mspScore(Float32Array.from(logits), 3);
    for (const batch of [undefined, 7]) {
      const found: number[] = [];
      const options = { runtime, ...(batch === undefined ? {} : { batch }) };
      for await (const { from, scores, predicted } of scoreStream(model, set, options)) {
        expect([from, predicted.length]).toEqual([found.length, scores.length]);
        found.push(...scores);
      }
      expect(found).toHaveLength(60);
      for (const [i, score] of found.entries()) expect(score).toBeCloseTo(expected[i]!, 5);
    }
    await expect(scoreStream(model, set, { runtime, batch: 0 }).next()).rejects.toThrowError(
      /A batch of 0 texts/,
    );
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import { withLogitsOutput } from '../classifier/index.ts';
import { type ImageSource, memorySource } from '../data/index.ts';
import { matrix, msp, mspScore, predictions, scoreOutputs, uniformCrossEntropy } from '../detectors/index.ts';
import { convNet } from '../nn/index.ts';
import { createModel, Graph, type Model, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { counted, runtime } from '../training/testing.ts';
import { readLogits } from './logits.ts';
import { type ScoredBatch, scoreStream } from './score-stream.ts';

afterAll(() => runtime.dispose());

const model = convNet({ seed: 1 });
const random = Random.from(1, 'images');
const images = memorySource({
  name: 'images',
  shape: [1, 28, 28],
  pixels: Float32Array.from({ length: 45 * 784 }, () => random.uniform()),
  fingerprint: '',
});

async function collect(stream: AsyncIterable<ScoredBatch>): Promise<ScoredBatch[]> {
  const batches: ScoredBatch[] = [];
  for await (const batch of stream) batches.push(batch);
  return batches;
}
const joined = (batches: ScoredBatch[], key: 'scores' | 'predicted' | 'confidence') =>
  batches.flatMap((batch) => [...batch[key]]);
/** Flattens, whatever the batch: a model of 4 pixels and as many classes. */
function flat(batch: number | string, more?: (graph: Graph, value: string) => string): Model {
  const graph = new Graph('flat');
  const x = graph.addInput('pixels', 'float32', [batch, 1, 2, 2]);
  const value = graph.add('Flatten', [x], { axis: 1 });
  graph.addOutput(more?.(graph, value) ?? value);
  return createModel(graph);
}
const small = (count: number, name = 'small') =>
  memorySource({
    name,
    shape: [1, 2, 2],
    pixels: Float32Array.from({ length: 4 * count }, (_, i) => (i * 7) % 11),
    fingerprint: '',
  });

describe('scoreStream', () => {
  it.each([msp, uniformCrossEntropy])('gives what $name gives for all logits at once', async (detector) => {
    const session = await runtime.createSession(writeModel(model));
    const all = Uint32Array.from({ length: 45 }, (_, i) => i);
    const { logits, classes } = await readLogits(
      session,
      { pixels: 'pixels', logits: 'logits' },
      images,
      all,
      () => {},
    );
    for (const batches of [
      await collect(scoreStream(model, images, { detector, batch: 10, runtime })),
      await collect(scoreStream(model, images, { detector, batch: 45, runtime })),
    ]) {
      const scores = joined(batches, 'scores');
      expect(scores).toHaveLength(45);
      for (const [i, score] of (
        await scoreOutputs({ detector, state: {} }, { logits: matrix(logits, classes) })
      ).entries())
        expect(scores[i]).toBeCloseTo(score, 5);
      expect(joined(batches, 'predicted')).toEqual([...predictions(logits, classes)]);
      for (const [i, score] of mspScore(logits, classes).entries())
        expect(joined(batches, 'confidence')[i]).toBeCloseTo(-score, 5);
    }
    const froms = (await collect(scoreStream(model, images, { batch: 10, runtime }))).map(({ from }) => from);
    expect(froms).toEqual([0, 10, 20, 30, 40]);
    await session.release();
  });

  it('reads one batch ahead and no further, and closes what it opened when left early', async () => {
    const watched = counted(runtime);
    const asked: number[] = [];
    const source: ImageSource = {
      ...images,
      async read(indices, out) {
        asked.push(indices[0]!);
        await images.read(indices, out);
      },
    };
    for await (const { from } of scoreStream(model, source, { batch: 5, runtime: watched })) {
      expect(asked.at(-1)).toBe(from + 5);
      if (from === 10) break;
    }
    expect(asked).toEqual([0, 5, 10, 15]);
    expect([watched.made, watched.open]).toEqual([1, 0]);
  });

  it('fills up the last batch of a model of a fixed batch size', async () => {
    const whole = await collect(scoreStream(flat('n'), small(10), { batch: 10, runtime }));
    const fixed = await collect(scoreStream(flat(4), small(10), { runtime }));
    expect(fixed.map(({ scores }) => scores.length)).toEqual([4, 4, 2]);
    expect(joined(fixed, 'scores')).toEqual(joined(whole, 'scores'));
  });

  it('takes the logits of a model that ends in Softmax', async () => {
    const probable = flat('n', (graph, value) => graph.add('Identity', [graph.add('Softmax', [value])]));
    const plain = await collect(scoreStream(flat('n'), small(10), { runtime }));
    expect(await collect(scoreStream(probable, small(10), { runtime }))).toEqual(plain);
    expect(withLogitsOutput(model)).toBe(model);
  });

  it('has nothing to say of an empty set', async () => {
    expect(await collect(scoreStream(flat('n'), small(0), { runtime }))).toEqual([]);
  });

  it('passes on what goes wrong in reading, and stops when told to', async () => {
    const broken: ImageSource = {
      ...small(10),
      read(indices) {
        if (indices[0] === 4) throw new Error('image 4 is broken');
      },
    };
    const watched = counted(runtime);
    await expect(
      collect(scoreStream(flat('n'), broken, { batch: 2, runtime: watched })),
    ).rejects.toThrowError('image 4 is broken');
    const abort = new AbortController();
    const stopped = async () => {
      for await (const { from } of scoreStream(flat('n'), small(10), {
        batch: 2,
        runtime: watched,
        signal: abort.signal,
      }))
        if (from === 2) abort.abort();
    };
    await expect(stopped()).rejects.toMatchObject({ name: 'AbortError' });
    expect(watched.open).toBe(0);
  });

  it.each([
    ['images of another size', model, small(3, 'tiny'), /"tiny" are \[1, 2, 2\] .* takes \[1, 28, 28\]/],
    [
      'a map instead of logits',
      flat('n', (graph) => graph.add('Relu', ['pixels'])),
      small(3),
      /no logits: .* is float32 \[n, 1, 2, 2\]/,
    ],
    [
      'one class',
      flat('n', (graph, value) => graph.add('ReduceMean', [value, graph.ints([1])], { keepdims: 1 })),
      small(3),
      /2 classes or more, but has 1/,
    ],
    [
      'whole numbers',
      flat('n', (graph, value) => graph.add('ArgMax', [value], { axis: 1 })),
      small(3),
      /no logits: .* is int64/,
    ],
  ])('refuses %s with a sentence', async (_, wrong, source, message) => {
    await expect(collect(scoreStream(wrong, source, { runtime }))).rejects.toThrowError(message);
  });

  it('refuses a batch of nothing', async () => {
    await expect(collect(scoreStream(flat('n'), small(3), { batch: 0, runtime }))).rejects.toThrowError(
      /batch of 0/,
    );
  });
});

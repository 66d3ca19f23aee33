import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stream } from '../../test/fixtures/pytorch.ts';
import { buildNetwork, convNet, gruClassifier } from '../nn/index.ts';
import { createModel, float32, Graph, type Model, readModel, writeModel } from '../onnx/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { ensembleOf, partsOf } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

async function logitsOf(model: Model, pixels: Float32Array, shape: number[]): Promise<Float32Array> {
  const { pixels: input, logits } = partsOf(model);
  const session = await runtime.createSession(writeModel(model));
  const outputs = await session.run({ [input]: float32(pixels, shape) });
  await session.release();
  return outputs[logits]!.data as Float32Array;
}

const softmax = (z: ArrayLike<number>) => {
  const most = Math.max(...Array.from(z));
  const parts = Array.from(z, (value) => Math.exp(value - most));
  const sum = parts.reduce((total, value) => total + value, 0);
  return parts.map((value) => value / sum);
};

/** Logits that are the pixels times a factor. */
function times(
  factor: number,
  { batch = 'batch', input = 'pixels' }: { batch?: string | number; input?: string } = {},
) {
  const graph = new Graph('times');
  const pixels = graph.addInput(input, 'float32', [batch, 1, 1, 3]);
  const flat = graph.add('Flatten', [pixels], { axis: 1 });
  graph.addOutput(graph.add('Mul', [flat, graph.scalar(factor)], {}, { name: 'logits' }));
  return createModel(graph);
}

describe('ensembleOf', () => {
  it('answers with the mean of the probabilities, by hand', async () => {
    const model = ensembleOf([times(1), times(-1, { input: 'x' }), times(0)]);
    const rows = [
      [0, 0, 0],
      [Math.log(2), 0, 0],
      [5, -5, 1],
    ];
    const logits = await logitsOf(model, Float32Array.from(rows.flat()), [3, 1, 1, 3]);
    for (const [i, row] of rows.entries()) {
      const members = [1, -1, 0].map((factor) => softmax(row.map((value) => factor * value)));
      for (let k = 0; k < 3; k++)
        expect(Math.exp(logits[i * 3 + k]!)).toBeCloseTo(
          members.reduce((sum, p) => sum + p[k]! / 3, 0),
          6,
        );
    }
  });

  it('of copies is the model itself', async () => {
    const model = convNet({ seed: 1 });
    const pixels = stream(1, 2 * 784);
    const [alone, together] = [
      await logitsOf(model, pixels, [2, 1, 28, 28]),
      await logitsOf(ensembleOf([model, model]), pixels, [2, 1, 28, 28]),
    ];
    for (const row of [0, 1]) {
      const expected = softmax(alone.subarray(row * 10, row * 10 + 10));
      for (const [k, p] of softmax(together.subarray(row * 10, row * 10 + 10)).entries())
        expect(p).toBeCloseTo(expected[k]!, 6);
    }
  });

  it('mixes architectures and normalizations, and comes back from a file', async () => {
    const normalize = { mean: [0.5], std: [0.25] };
    const members = [
      convNet({ seed: 1 }),
      buildNetwork('wrn-10-1', { seed: 2, side: 28, channels: 1, normalize }),
      buildNetwork('resnet-20', { seed: 3, side: 28, channels: 1 }),
    ];
    const bytes = () => members.map((model) => Buffer.from(writeModel(model)));
    const before = bytes();
    const pixels = stream(2, 2 * 784);
    const model = readModel(writeModel(ensembleOf(members)));
    const logits = await logitsOf(model, pixels, [2, 1, 28, 28]);
    const each = await Promise.all(members.map((member) => logitsOf(member, pixels, [2, 1, 28, 28])));
    for (const row of [0, 1]) {
      const all = each.map((z) => softmax(z.subarray(row * 10, row * 10 + 10)));
      for (let k = 0; k < 10; k++)
        expect(Math.exp(logits[row * 10 + k]!)).toBeCloseTo(
          all.reduce((sum, p) => sum + p[k]! / 3, 0),
          5,
        );
    }
    expect(bytes().every((each, i) => each.equals(before[i]!))).toBe(true);
    // Members differ in these.
    expect(model.metadata.has('architecture')).toBe(false);
  });

  it('sees members that end in probabilities as they are', async () => {
    const ending = times(1);
    ending.graph.outputs.clear();
    ending.graph.addOutput(ending.graph.add('Softmax', ['logits'], { axis: -1 }));
    const logits = await logitsOf(ensembleOf([ending]), Float32Array.of(1, 2, 4), [1, 1, 1, 3]);
    for (const [k, p] of softmax([1, 2, 4]).entries()) expect(Math.exp(logits[k]!)).toBeCloseTo(p, 6);
  });

  it('neither overflows nor vanishes', async () => {
    const pixels = Float32Array.of(3e38, -3e38, 0, 0, 0, 0, -3e38, -3e38, -3e38);
    const logits = await logitsOf(ensembleOf([times(1), times(0.5)]), pixels, [3, 1, 1, 3]);
    for (const value of logits) expect(Number.isFinite(value)).toBe(true);
    expect(softmax(logits.subarray(0, 3))[0]).toBeCloseTo(1, 6);
    for (const p of softmax(logits.subarray(6))) expect(p).toBeCloseTo(1 / 3, 6);
  });

  it('keeps what is small: the logarithm of a mean that no float holds as such', async () => {
    const logits = await logitsOf(ensembleOf([times(1), times(1)]), Float32Array.of(500, 0, 0), [1, 1, 1, 3]);
    expect(logits[1]).toBeCloseTo(-500, 2);
  });

  it('takes the batch size that a member is made for', () => {
    const model = ensembleOf([times(1), times(2, { batch: 4 })]);
    expect(model.graph.inputs.get('pixels')!.shape).toEqual([4, 1, 1, 3]);
  });

  it('says what does not fit', () => {
    expect(() => ensembleOf([])).toThrowError('An ensemble needs at least one model.');
    expect(() => ensembleOf([convNet({ seed: 1 }), convNet({ seed: 1, channels: 3 })])).toThrowError(
      'model 2 takes float32 [batch, 3, 28, 28] and those before it float32 [batch, 1, 28, 28]',
    );
    expect(() => ensembleOf([convNet({ seed: 1 }), convNet({ seed: 1, classes: 5 })])).toThrowError(
      'model 2 has 5 and another 10',
    );
    const text = (tokenizer: string) => {
      const model = gruClassifier({ seed: 1, vocabulary: 20, classes: 3 });
      model.metadata.set('tokenizer', tokenizer);
      return model;
    };
    expect(() => ensembleOf([text('a'), text('b')])).toThrowError(
      'model 2 has another "tokenizer" in its metadata than model 1',
    );
    expect(ensembleOf([text('a'), text('a')]).metadata.get('tokenizer')).toBe('a');
  });
});

/** Smaller weights: what they are restored to, and what the model then says. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endsOf } from '../classifier/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { convNet, gruClassifier } from '../nn/index.ts';
import { createModel, float32, Graph, type Model, readModel, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { nodeRuntime, type Runtime, type Tensors } from '../runtime/index.ts';
import { withHalfWeights } from './half-weights.ts';
import { withInt8Weights } from './int8-weights.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

async function run(model: Model, feeds: Tensors, output: string): Promise<Float32Array> {
  const session = await runtime.createSession(writeModel(model));
  try {
    return (await session.run(feeds, [output]))[output]!.data as Float32Array;
  } finally {
    await session.release();
  }
}

/** A model that gives a weight back, as runtimes restore it. */
function echo(values: Float32Array, shape: number[], consumer: 'MatMul' | 'Conv'): Model {
  const graph = new Graph();
  graph.addInitializer('w', float32(values, shape));
  graph.addInput('x', 'float32', consumer === 'MatMul' ? [1, shape[0]!] : [1, shape[1]!, 8, 8]);
  graph.addOutput(graph.add(consumer, ['x', 'w']));
  graph.addOutput(graph.add('Identity', ['w'], {}, { name: 'echo' }));
  return createModel(graph);
}

const restored = (model: Model): Promise<Float32Array> => {
  const [name, type] = [...model.graph.inputs][0]!;
  const shape = type.shape as number[];
  return run(model, { [name]: float32(new Float32Array(shape.reduce((a, b) => a * b)), shape) }, 'echo');
};

const largest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);

describe('half precision', () => {
  it('keeps every weight to half a unit in the last of 11 places', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.float({ min: -60000, max: 60000, noNaN: true }), { minLength: 64, maxLength: 64 }),
        async (values) => {
          const before = Float32Array.from(values);
          const { model, changed, kept } = withHalfWeights(echo(before, [8, 8], 'MatMul'));
          expect([changed, kept]).toEqual([64, 0]);
          const after = await restored(model);
          for (const [i, value] of before.entries())
            expect(Math.abs(after[i]! - value)).toBeLessThanOrEqual(
              Math.max(2 ** -25, Math.abs(value) * 2 ** -11),
            );
        },
      ),
      { numRuns: 20 },
    );
  });

  it('leaves what it cannot hold', () => {
    for (const value of [65505, Number.NaN, Number.NEGATIVE_INFINITY]) {
      const values = new Float32Array(64).fill(value);
      expect(withHalfWeights(echo(values, [8, 8], 'MatMul'))).toMatchObject({ changed: 0, kept: 64 });
    }
  });
});

describe('eight bits', () => {
  it('lies within half a step of every weight, the step of its channel', async () => {
    const random = Random.from(1, 'int8');
    // Channels of very different sizes, one of them empty.
    const sizes = [100, 1, 0.01, 0];
    const kernel = Float32Array.from(
      { length: 4 * 8 * 9 },
      (_, i) => sizes[Math.floor(i / 72)]! * random.normal(),
    );
    const { model } = withInt8Weights(echo(kernel, [4, 8, 3, 3], 'Conv'));
    const after = await restored(model);
    for (let channel = 0; channel < 4; channel++) {
      const part = (values: Float32Array) => values.subarray(72 * channel, 72 * (channel + 1));
      const most = part(kernel).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      expect(largest(part(after), part(kernel))).toBeLessThanOrEqual((most / 254) * 1.0001);
    }
    // One scale for all loses the small channels, and says nothing of their zeros.
    const whole = await restored(
      withInt8Weights(echo(kernel, [4, 8, 3, 3], 'Conv'), { scales: 'tensor' }).model,
    );
    expect(whole.subarray(144, 216).every((value) => value === 0)).toBe(true);
    expect(after.subarray(144, 216).some((value) => value !== 0)).toBe(true);
  });

  it("takes a product's columns for channels", async () => {
    const weights = Float32Array.from({ length: 256 }, (_, i) => (i % 2 === 0 ? 1000 : 0.5) * ((i % 7) - 3));
    const after = await restored(withInt8Weights(echo(weights, [128, 2], 'MatMul')).model);
    for (let i = 1; i < 256; i += 2)
      expect(Math.abs(after[i]! - weights[i]!)).toBeLessThanOrEqual((0.5 * 3) / 254 + 1e-6);
  });

  it('says which operator set it needs', () => {
    const old = { ...convNet({ seed: 1 }), opsets: new Map([['', 11]]) };
    expect(() => withInt8Weights(old)).toThrow(OutlierExposureError);
    expect(() => withInt8Weights(old)).toThrow(/set 11.*channel need 13/);
    expect(() => withInt8Weights(old, { scales: 'tensor' })).not.toThrow();
  });
});

describe.each([
  ['half precision', (model: Model) => withHalfWeights(model), 0.55, 2e-3],
  ['eight bits, by channel', (model: Model) => withInt8Weights(model), 0.4, 0.05],
  ['eight bits, by tensor', (model: Model) => withInt8Weights(model, { scales: 'tensor' }), 0.4, 0.1],
] as const)('a network in %s', (_, small, share, allowed) => {
  it('of images says nearly the same, from a smaller file', async () => {
    const model = convNet({ seed: 1 });
    const { pixels, logits } = endsOf(model.graph);
    const random = Random.from(2, 'images');
    const feeds = {
      [pixels]: float32(
        Float32Array.from({ length: 784 * 4 }, () => random.uniform()),
        [4, 1, 28, 28],
      ),
    };
    const before = await run(model, feeds, logits);
    const bytes = writeModel(small(model).model);
    const after = await run(readModel(bytes), feeds, logits);
    const scale = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest(after, before) / scale).toBeLessThan(allowed);
    expect(largest(after, before)).toBeGreaterThan(0);
    expect(bytes.length / writeModel(model).length).toBeLessThan(share);
  });

  it('of texts too, through loops and lookups', async () => {
    const model = gruClassifier({ seed: 1, vocabulary: 100, classes: 5, padding: 0 });
    const { pixels, logits } = endsOf(model.graph);
    const data = BigInt64Array.from({ length: 24 }, (_, i) => BigInt((i * 7) % 100));
    const feeds: Tensors = { [pixels]: { elementType: 'int64', shape: [3, 8], data } };
    const before = await run(model, feeds, logits);
    const after = await run(small(model).model, feeds, logits);
    const scale = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest(after, before) / scale).toBeLessThan(allowed);
    expect(largest(after, before)).toBeGreaterThan(0);
  });
});

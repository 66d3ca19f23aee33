/** Text classifiers that train, against PyTorch (test/fixtures/recurrent.py). */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, difference, stream } from '../../test/fixtures/pytorch.ts';
import { embedding, gruClassifier, linear } from '../nn/index.ts';
import { outlierExposure } from '../objectives/index.ts';
import {
  createModel,
  float32,
  Graph,
  int64,
  type Model,
  sizeOf,
  type TensorData,
  writeModel,
} from '../onnx/index.ts';
import { Random } from '../random.ts';
import { nodeRuntime, type Runtime, type Tensors } from '../runtime/index.ts';
import { adam, compileTrainingStep, stepValue, type TrainingStep } from './index.ts';

interface Trained {
  initialLogits: string;
  finalLogits: string;
  losses: number[];
  final: Record<string, string>;
}
const fixture = JSON.parse(
  readFileSync(new URL('../../test/fixtures/recurrent.json', import.meta.url), 'utf8'),
) as Record<'gru' | 'lstm', Trained>;

const [VOCABULARY, EMBEDDING, HIDDEN, CLASSES, PADDING] = [40, 6, 8, 5, 1];
const LENGTHS = [7, 4, 7, 9];
const STEPS = 10;
const BATCH = { inliers: 4, outliers: 6 };

const lengthOf = (step: number) => LENGTHS[step % LENGTHS.length]!;

/** The script's `batch`. */
function batch(step: number, inliers: number, outliers: number): { tokens: TensorData; labels: TensorData } {
  const shape = [inliers + outliers, lengthOf(step)] as const;
  const tokens = Array.from(stream(step, sizeOf(shape)), (u, i) =>
    i % shape[1] < Math.floor(i / shape[1]) % 3 ? PADDING : Math.floor(u * VOCABULARY),
  );
  return {
    tokens: int64(tokens, shape),
    labels: int64(Array.from({ length: inliers }, (_, i) => (i * 7 + step) % CLASSES)),
  };
}

/** The script's `start`. */
function withStart(model: Model): Model {
  const { initializers } = model.graph;
  const names = [...initializers.keys()].filter((name) => /^(embedding|gru|lstm|linear)\./.test(name)).sort();
  for (const [salt, name] of names.entries()) {
    const { shape } = initializers.get(name)!;
    const bound = 1 / Math.sqrt(sizeOf(shape.length > 1 ? shape.slice(1) : shape));
    const values = stream(1000 + salt, sizeOf(shape)).map((u) => (2 * u - 1) * bound);
    if (name === 'embedding.weight') values.fill(0, PADDING * EMBEDDING, (PADDING + 1) * EMBEDDING);
    initializers.set(name, float32(values, shape));
  }
  return model;
}

/** Only here: a layer of LSTM in both directions, PyTorch's gates i, f, g, o brought into ONNX's order i, o, f, g. */
function bidirectionalLstm(): Model {
  const graph = new Graph('lstm');
  const scope = { graph, random: Random.from(1) };
  const tokens = graph.addInput('tokens', 'int64', ['batch', 'time']);
  const vectors = embedding(scope, tokens, {
    name: 'embedding',
    vocabulary: VOCABULARY,
    size: EMBEDDING,
    padding: PADDING,
  });
  const zeros = (shape: readonly number[]) => float32(new Float32Array(sizeOf(shape)), shape);
  const parameter = (part: string, shape: readonly number[]) =>
    ['', '_reverse'].map((suffix) => graph.addInitializer(`lstm.${part}_l0${suffix}`, zeros(shape)));
  const gates = (value: string) => {
    const [i, f, g, o] = graph.addMany('Split', [value], 4, { axis: 0, num_outputs: 4 });
    return graph.add('Concat', [i!, o!, f!, g!], { axis: 0 });
  };
  const stacked = (values: string[]) =>
    graph.add(
      'Concat',
      values.map((value) => graph.add('Unsqueeze', [value, graph.ints([0])])),
      { axis: 0 },
    );
  const weight = parameter('weight_ih', [4 * HIDDEN, EMBEDDING]);
  const recurrent = parameter('weight_hh', [4 * HIDDEN, HIDDEN]);
  const biases = [parameter('bias_ih', [4 * HIDDEN]), parameter('bias_hh', [4 * HIDDEN])];
  const both = [0, 1].map((direction) =>
    graph.add(
      'Concat',
      biases.map((bias) => gates(bias[direction]!)),
      { axis: 0 },
    ),
  );
  const [, states, cells] = graph.addMany(
    'LSTM',
    [
      graph.add('Transpose', [vectors], { perm: [1, 0, 2] }),
      stacked(weight.map(gates)),
      stacked(recurrent.map(gates)),
      stacked(both),
    ],
    3,
    { hidden_size: HIDDEN, direction: 'bidirectional' },
  );
  const last = graph.add('Concat', [states!, cells!], { axis: 0 });
  const flat = graph.add('Flatten', [graph.add('Transpose', [last], { perm: [1, 0, 2] })], { axis: 1 });
  graph.addOutput(linear(scope, flat, { name: 'linear', in: 4 * HIDDEN, out: CLASSES }));
  return createModel(graph);
}

const networks: Record<'gru' | 'lstm', () => Model> = {
  gru: () =>
    gruClassifier({
      seed: 1,
      vocabulary: VOCABULARY,
      classes: CLASSES,
      embedding: EMBEDDING,
      hidden: HIDDEN,
      padding: PADDING,
    }),
  lstm: bidirectionalLstm,
};

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

async function logitsOf(model: Model): Promise<Float32Array> {
  const session = await runtime.createSession(writeModel(model));
  const outputs = await session.run({ tokens: batch(99, 4, 0).tokens });
  await session.release();
  return Object.values(outputs)[0]!.data as Float32Array;
}

const compile = (model: Model, time: number) =>
  compileTrainingStep(model, {
    objective: outlierExposure({ lambda: 1 }),
    optimizer: adam(),
    batch: BATCH,
    dimensions: { time },
    runtime,
  });

function feedsOf({ inputs }: TrainingStep, step: number): Tensors {
  const { tokens, labels } = batch(step, BATCH.inliers, BATCH.outliers);
  const feeds: Tensors = { [inputs.pixels]: tokens, [inputs.labels]: labels };
  for (const [scalar, value] of Object.entries(adam().scalars(0.01, step)))
    feeds[stepValue(scalar)] = float32([value], []);
  return feeds;
}

describe.each(['gru', 'lstm'] as const)('%s', (name) => {
  const expected = fixture[name];

  it('gives the same logits', async () => {
    const model = withStart(networks[name]());
    expect(difference(await logitsOf(model), decode(expected.initialLogits))).toBeLessThan(1e-5);
  });

  it('is the same after ten steps of Outlier Exposure, over batches of several lengths', async () => {
    const model = withStart(networks[name]());
    const steps = new Map<number, TrainingStep>();
    for (const time of new Set(LENGTHS)) steps.set(time, await compile(model, time));
    const first = steps.get(LENGTHS[0]!)!;
    const loop = await runtime.createLoop(first.model, first.variables);
    for (const [time, { model }] of steps) await loop.add(`${time}`, model);
    for (let number = 1; number <= STEPS; number++) {
      const time = lengthOf(number);
      const { outputs } = await loop.step(feedsOf(steps.get(time)!, number), `${time}`);
      expect(outputs[stepValue('loss')]!.data[0]).toBeCloseTo(expected.losses[number - 1]!, 5);
    }
    const variables = await loop.read();
    await loop.release();
    const trained = Object.entries(expected.final);
    expect(new Set(first.parameters)).toEqual(new Set(trained.map(([key]) => key)));
    for (const [parameter, values] of trained) {
      const ours = variables[parameter]!;
      expect(difference(ours.data as Float32Array, decode(values)), parameter).toBeLessThan(1e-4);
      model.graph.initializers.set(parameter, ours);
    }
    const padding = (variables['embedding.weight']!.data as Float32Array).subarray(
      PADDING * EMBEDDING,
      (PADDING + 1) * EMBEDDING,
    );
    expect(padding.every((value) => value === 0)).toBe(true);
    expect(difference(await logitsOf(model), decode(expected.finalLogits))).toBeLessThan(1e-4);
  });
});

describe('the dimensions of a step', () => {
  it('have to be named by the input, and numbers', async () => {
    await expect(compile(networks.gru(), 0.5)).rejects.toThrowError(/time cannot be set to 0.5/);
    const options = {
      objective: outlierExposure(),
      optimizer: adam(),
      batch: BATCH,
      runtime,
    };
    await expect(
      compileTrainingStep(networks.gru(), { ...options, dimensions: { length: 4 } }),
    ).rejects.toThrowError(/length cannot be set to 4.*\(left to name: time\)/);
    await expect(compileTrainingStep(networks.gru(), options)).rejects.toThrowError(/named dimension/);
  });
});

describe('gruClassifier', () => {
  it('starts as PyTorch does: embeddings from N(0, 1), padding at zero, the rest within ±1/√hidden', () => {
    const model = gruClassifier({ seed: 3, vocabulary: 500, classes: 4, hidden: 25, padding: 2 });
    const values = (name: string) => model.graph.initializers.get(name)!;
    const vectors = values('embedding.weight');
    expect(vectors.shape).toEqual([500, 50]);
    const data = vectors.data as Float32Array;
    expect(data.subarray(100, 150).every((value) => value === 0)).toBe(true);
    const square = data.reduce((sum, value) => sum + value * value, 0) / (499 * 50);
    expect(square).toBeGreaterThan(0.95);
    expect(square).toBeLessThan(1.05);
    const recurrent = values('gru.weight_hh_l1');
    expect(recurrent.shape).toEqual([75, 25]);
    const largest = (recurrent.data as Float32Array).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(largest).toBeGreaterThan(0.195);
    expect(largest).toBeLessThanOrEqual(0.2);
    expect(gruClassifier({ seed: 4, vocabulary: 500, classes: 4 }).graph.initializers).not.toEqual(
      model.graph.initializers,
    );
  });

  it('refuses sizes that cannot be', () => {
    expect(() => gruClassifier({ seed: 1, vocabulary: 0, classes: 2 })).toThrowError(/vocabulary is 0/);
    expect(() => gruClassifier({ seed: 1, vocabulary: 9, classes: 2, layers: 1.5 })).toThrowError(
      /layers is 1.5/,
    );
    expect(() => gruClassifier({ seed: 1, vocabulary: 9, classes: 2, padding: 9 })).toThrowError(
      /one of the tokens 0 to 8/,
    );
  });
});

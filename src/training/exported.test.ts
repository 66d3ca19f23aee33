/** Models as PyTorch exports them, in several operator sets, against PyTorch (test/fixtures/exported/export.py). */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, difference, stream } from '../../test/fixtures/pytorch.ts';
import { endsOf } from '../classifier/index.ts';
import { outlierExposure } from '../objectives/index.ts';
import {
  float32,
  int64,
  type Model,
  readModel,
  type TensorData,
  upgradeModel,
  withWeights,
  writeModel,
} from '../onnx/index.ts';
import { nodeRuntime, type Runtime, type Tensors } from '../runtime/index.ts';
import { compileTrainingStep, sgd, stepValue } from './index.ts';

interface Expected {
  initialLogits: string;
  losses: number[];
  finalLogits: string;
}
const folder = new URL('../../test/fixtures/exported/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<
  string,
  Expected
>;
const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
const nameOf = (file: string) => file.replace(/(-melted)?-\d+\.onnx$/, '');
const TIME = 12;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const read = (file: string) => readModel(readFileSync(new URL(file, folder)), { name: file });

function examples(name: string, salt: number, count: number): TensorData {
  if (name !== 'distilbert') return float32(stream(salt, count * 3 * 16 * 16), [count, 3, 16, 16]);
  const words = Array.from(stream(salt, count * TIME), (u, i) => {
    const [text, place] = [Math.floor(i / TIME), i % TIME];
    if (place === 0) return 1;
    return text % 2 === 0 && place >= 9 ? 0 : Math.floor(Math.fround(u * 40));
  });
  return int64(words, [count, TIME]);
}

async function logitsOf(model: Model, name: string): Promise<Float32Array> {
  const session = await runtime.createSession(writeModel(model));
  const { logits } = await session.run({ input: examples(name, 99, 4) });
  await session.release();
  return logits!.data as Float32Array;
}

it('covers every network that was exported', () => {
  expect([...new Set(files.map(nameOf))].sort()).toEqual(Object.keys(expected).sort());
  expect(new Set(files.map((file) => read(file).opsets.get('')))).toEqual(
    new Set([9, 11, 12, 13, 14, 16, 17]),
  );
});

describe.each(files)('%s', (file) => {
  const name = nameOf(file);
  const { initialLogits, losses, finalLogits } = expected[name]!;

  it('answers as in PyTorch, in its own operator set and in ours', async () => {
    const model = read(file);
    expect(difference(await logitsOf(model, name), decode(initialLogits))).toBeLessThan(1e-4);
    expect(difference(await logitsOf(upgradeModel(model), name), decode(initialLogits))).toBeLessThan(1e-4);
  });

  it('takes three steps of Outlier Exposure as in PyTorch', async () => {
    const model = read(file);
    // Batch normalization melted into convolutions: it learns, but along a way of its own, here on one batch.
    const melted = file.includes('melted');
    const before = [...model.graph.initializers].map(([key, { shape }]) => [key, shape]);
    const optimizer = sgd({ weightDecay: 5e-4 });
    const step = await compileTrainingStep(model, {
      objective: outlierExposure(),
      optimizer,
      batch: { inliers: 4, outliers: 6 },
      runtime,
      ...(name === 'distilbert' ? { dimensions: { time: TIME } } : {}),
    });
    const loop = await runtime.createLoop(step.model, step.variables);
    const ours: number[] = [];
    for (let number = 1; number <= losses.length; number++) {
      const salt = melted ? 1 : number;
      const labels = int64(Array.from({ length: 4 }, (_, i) => (i * 7 + salt) % 10));
      const feeds: Tensors = {
        [step.inputs.pixels]: examples(name, salt, 10),
        [step.inputs.labels]: labels,
        ...(step.inputs.dropoutSeed
          ? {
              [step.inputs.dropoutSeed]: {
                elementType: 'uint32',
                shape: [],
                data: Uint32Array.of(number),
              } as TensorData,
            }
          : {}),
      };
      for (const [scalar, value] of Object.entries(optimizer.scalars(0.02, number)))
        feeds[stepValue(scalar)] = float32([value], []);
      const { outputs } = await loop.step(feeds);
      ours.push((outputs[stepValue('loss')]!.data as Float32Array)[0]!);
    }
    const variables = await loop.read();
    await loop.release();
    if (melted) {
      expect(ours.at(-1)).toBeLessThan(ours[0]!);
      return;
    }
    for (const [i, loss] of losses.entries()) expect(ours[i]).toBeCloseTo(loss, 4);
    const trained = withWeights(
      model,
      new Map(step.parameters.map((parameter) => [parameter, variables[parameter]!])),
    );
    expect(difference(await logitsOf(trained, name), decode(finalLogits))).toBeLessThan(1e-3);
    // Their model, with other weights.
    expect(trained.opsets).toEqual(model.opsets);
    expect([...trained.graph.initializers].map(([key, { shape }]) => [key, shape])).toEqual(
      expect.arrayContaining(before),
    );
    expect(endsOf(trained.graph)).toEqual(endsOf(model.graph));
    expect(trained.graph.outputs).toEqual(model.graph.outputs);
  });
});

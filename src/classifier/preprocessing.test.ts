import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModel, type ElementType, float32, Graph, readModel, writeModel } from '../onnx/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import {
  declarePreprocessing,
  endsOf,
  type Preprocessing,
  preprocessingOf,
  withPreprocessing,
} from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

/** Logits that are the model's input as it stands, flattened. */
function echo(elementType: ElementType, shape: (number | string)[]) {
  const graph = new Graph('echo');
  const given = graph.add('Cast', [graph.addInput('image', elementType, shape)], { to: 1 });
  graph.addOutput(graph.add('Flatten', [given], { axis: 1 }, { name: 'logits' }));
  return createModel(graph);
}

/** Two pixels: red, green and blue of each. */
const IMAGE = [
  [0.1, 0.2],
  [0.3, 0.4],
  [0.5, 1],
];

async function seen(model: ReturnType<typeof echo>): Promise<number[]> {
  const ready = withPreprocessing(readModel(writeModel(model)));
  const { pixels } = endsOf(ready.graph);
  expect(ready.graph.inputs.get(pixels)).toEqual({ elementType: 'float32', shape: ['batch', 3, 1, 2] });
  expect(preprocessingOf(ready)).toBeUndefined();
  const session = await runtime.createSession(writeModel(ready));
  const { logits } = await session.run({ [pixels]: float32(IMAGE.flat(), [1, 3, 1, 2]) });
  await session.release();
  return [...(logits!.data as Float32Array)];
}

describe('preprocessing', () => {
  it.each<[string, ElementType, (number | string)[], Preprocessing, number[]]>([
    ['nothing', 'float32', ['batch', 3, 1, 2], {}, IMAGE.flat()],
    [
      'a mean and a deviation a channel',
      'float32',
      ['batch', 3, 1, 2],
      { mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 0.1] },
      [0, 0.2, 0.4, 0.8, 2, 7],
    ],
    [
      'one of each for all',
      'float32',
      ['batch', 3, 1, 2],
      { mean: [0.5], std: [0.5] },
      IMAGE.flat().map((x) => 2 * x - 1),
    ],
    [
      'Caffe’s: bytes, blue first, a mean in that order',
      'float32',
      ['batch', 3, 1, 2],
      { scale: 255, channels: 'bgr', mean: [100, 10, 1] },
      [27.5, 155, 66.5, 92, 24.5, 50],
    ],
    ['channels last', 'float32', ['batch', 1, 2, 3], { layout: 'nhwc', scale: 10 }, [1, 3, 5, 2, 4, 10]],
    ['bytes', 'uint8', ['batch', 3, 1, 2], { scale: 255 }, [26, 51, 76, 102, 128, 255]],
  ])('%s', async (_, elementType, shape, declared, expected) => {
    const model = declarePreprocessing(echo(elementType, shape), declared);
    expect(preprocessingOf(model)).toEqual(declared);
    // Whoever feeds it without us feeds it as before.
    expect(model.graph.inputs.get('image')).toEqual({ elementType, shape });
    const values = await seen(model);
    for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 4);
  });

  it('is nothing where nothing is declared', () => {
    const model = echo('float32', ['batch', 3, 1, 2]);
    expect(withPreprocessing(model)).toBe(model);
  });

  it.each<[Preprocessing, (number | string)[], RegExp]>([
    [{ mean: [1, 2] }, ['batch', 3, 1, 2], /mean \[1, 2\] has 2 numbers, but the model has 3 channels/],
    [{ channels: 'bgr' }, ['batch', 1, 1, 2], /need a model of 3 channels; this one has 1/],
    [{ layout: 'nhwc' }, ['batch', 3, 16, 16], /16 channels if they come last/],
    [{ std: [0] }, ['batch', 3, 1, 2], /its std 0 is wrong/],
    [{ scale: 2 }, ['batch', 3], /only images/],
  ])('refuses %o for %o', (declared, shape, message) => {
    expect(() => declarePreprocessing(echo('float32', shape), declared)).toThrow(message);
  });

  it.each(['', '[]', '{"std":[0]}', '{"scale":"x"}', '{"colour":1}', '{"mean":[1e999]}'])(
    'refuses the entry %s',
    (entry) => {
      const model = echo('float32', ['batch', 3, 1, 2]);
      model.metadata.set('preprocessing', entry);
      expect(() => preprocessingOf(model)).toThrow(/"preprocessing" is no declaration.*oe declare/);
    },
  );
});

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, stream, withStart } from '../../../test/fixtures/pytorch.ts';
import { ensembleOf, partsOf } from '../../classifier/index.ts';
import {
  batchNorm,
  buildNetwork,
  conv2d,
  linear,
  maxPool2d,
  type Normalization,
  normalizePixels,
  relu,
} from '../../nn/index.ts';
import { createModel, float32, Graph, type Model, writeModel } from '../../onnx/index.ts';
import { Random } from '../../random.ts';
import { nodeRuntime, type Runtime } from '../../runtime/index.ts';
import {
  configured,
  describeDetector,
  findDetector,
  mspScore,
  odin,
  settingsOf,
  withInputStep,
} from '../index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

/** Odin's scores, the input that it scored, and the classifier's own logits. */
async function run(model: Model, pixels: Float32Array, input: number[], settings: Record<string, number>) {
  const context = { settings: settingsOf(configured(odin, settings)), parts: partsOf(model), input, runtime };
  const rewritten = await withInputStep(model, context);
  if (settings.epsilon !== 0) rewritten.model.graph.addOutput('odin/pixels');
  const session = await runtime.createSession(writeModel(rewritten.model));
  const outputs = await session.run({ pixels: float32(pixels, input) });
  await session.release();
  const data = (name: string) => outputs[name]?.data as Float32Array;
  const [own, logits] = [data(context.parts.logits), data(rewritten.logits)];
  return { own, logits, scores: mspScore(logits, logits.length / input[0]!), changed: data('odin/pixels') };
}

async function logitsOf(model: Model, pixels: Float32Array, input: number[]): Promise<Float32Array> {
  const session = await runtime.createSession(writeModel(model));
  const { logits } = await session.run({ pixels: float32(pixels, input) });
  await session.release();
  return logits!.data as Float32Array;
}

/** One pixel, two classes: f(x) = [3x, −3x] + b. */
function line(): Model {
  const graph = new Graph('line');
  const pixels = graph.addInput('pixels', 'float32', ['batch', 1, 1, 1]);
  const flat = graph.add('Flatten', [pixels], { axis: 1 });
  const weights = graph.constant(float32([3, -3], [2, 1]));
  graph.add(
    'Gemm',
    [flat, weights, graph.constant(float32([0.5, 0], [2]))],
    { transB: 1 },
    { name: 'logits' },
  );
  graph.addOutput('logits');
  return createModel(graph);
}

describe('by hand', () => {
  it('steps where the predicted class gains', async () => {
    // 3x + 0.5 wins for x > −1/12, so that the step is up there, and down for the third.
    const pixels = Float32Array.of(0.5, 0, -0.5);
    const { changed, logits, scores, own } = await run(line(), pixels, [3, 1, 1, 1], {
      temperature: 2,
      epsilon: 0.25,
    });
    expect([...changed]).toEqual([0.75, 0.25, -0.75]);
    expect([...own]).toEqual([2, -1.5, 0.5, 0, -1, 1.5]);
    expect([...logits]).toEqual([2.75 / 2, -2.25 / 2, 1.25 / 2, -0.75 / 2, -1.75 / 2, 2.25 / 2]);
    for (const [i, gap] of [5 / 2, 1, 2].entries())
      expect(scores[i]).toBeCloseTo(-1 / (1 + Math.exp(-gap)), 6);
  });

  it('without a step is the maximum softmax probability at a temperature', async () => {
    const pixels = Float32Array.of(0.5, 0, -0.5);
    const { own, scores } = await run(line(), pixels, [3, 1, 1, 1], { temperature: 1, epsilon: 0 });
    expect(scores).toEqual(mspScore(own, 2));
  });
});

const fixture = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/odin.json', import.meta.url), 'utf8'),
) as Normalization & {
  cases: { temperature: number; epsilon: number; changed: string; scores: string }[];
};

/** The script's network. */
function network(): Model {
  const scope = { graph: new Graph('small'), random: Random.from(1) };
  const { mean, std } = fixture;
  let x = scope.graph.addInput('pixels', 'float32', ['batch', 3, 8, 8]);
  x = normalizePixels(scope, x, { mean, std, channels: 3 });
  x = conv2d(scope, x, { name: 'conv1', in: 3, out: 6, kernel: 3, padding: 1 });
  x = maxPool2d(scope, relu(scope, batchNorm(scope, x, { name: 'bn1', channels: 6 })), 2);
  x = relu(scope, conv2d(scope, x, { name: 'conv2', in: 6, out: 8, kernel: 3, padding: 1 }));
  x = scope.graph.add('Flatten', [x], { axis: 1 });
  linear(scope, x, { name: 'fc', in: 8 * 4 * 4, out: 5 });
  scope.graph.nodes.at(-1)!.outputs[0] = 'logits';
  scope.graph.addOutput('logits');
  const model = withStart(
    createModel(scope.graph),
    (name, shape) => shape.length === 1 && name.endsWith('weight'),
  );
  const { initializers } = model.graph;
  initializers.set(
    'bn1.running_mean',
    float32(
      stream(7, 6).map((value) => value - 0.5),
      [6],
    ),
  );
  initializers.set(
    'bn1.running_var',
    float32(
      stream(8, 6).map((value) => value + 0.5),
      [6],
    ),
  );
  return model;
}

describe.each(fixture.cases)(
  'as PyTorch, T = $temperature, ε = $epsilon',
  ({ temperature, epsilon, ...expected }) => {
    it('takes the same step and gives the same scores', async () => {
      const pixels = stream(9, 7 * 3 * 8 * 8);
      const { changed, scores } = await run(network(), pixels, [7, 3, 8, 8], { temperature, epsilon });
      for (const [actual, values] of [
        [changed, decode(expected.changed)],
        [scores, decode(expected.scores)],
      ] as const) {
        expect(actual.length).toBe(values.length);
        for (const [i, value] of values.entries()) expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-5);
      }
      // The step is seen at all.
      expect(Math.max(...changed.map((value, i) => Math.abs(value - pixels[i]!)))).toBeCloseTo(epsilon, 5);
    });
  },
);

describe.each(['convnet', 'wrn-10-1', 'resnet-20'])('%s', (name) => {
  const channels = name === 'convnet' ? 1 : 3;
  const side = name === 'convnet' ? 28 : 16;
  const shape = [channels, side, side];
  const size = channels * side * side;
  const build = () => buildNetwork(name, { seed: 3, side, channels });
  const pixels = stream(5, 3 * size);

  it('steps against the slope of the cross-entropy, by finite differences', {
    timeout: 120_000,
  }, async () => {
    const model = build();
    const epsilon = 0.01;
    const { changed, own } = await run(model, pixels.slice(0, size), [1, ...shape], {
      temperature: 2,
      epsilon,
    });
    const steps = changed.map((value, i) => Math.sign(Math.round((pixels[i]! - value) / epsilon)));
    const predicted = own.indexOf(Math.max(...own));
    const lossOf = (logits: Float32Array) => {
      const tempered = Array.from(logits, (value) => value / 2);
      const most = Math.max(...tempered);
      return most + Math.log(tempered.reduce((sum, z) => sum + Math.exp(z - most), 0)) - tempered[predicted]!;
    };
    const random = Random.from(1, 'directions', name);
    // Random directions: the slope along each, and the share of it that the signs explain.
    const session = await runtime.createSession(writeModel(model));
    const at = async (factor: number, direction: Float32Array) => {
      const moved = pixels.slice(0, size).map((value, i) => value + factor * direction[i]!);
      const { logits } = await session.run({ pixels: float32(moved, [1, ...shape]) });
      return lossOf(logits!.data as Float32Array);
    };
    let [agreeing, clear] = [0, 0];
    for (let tried = 0; tried < 40; tried++) {
      const chosen = random.integer(size);
      const direction = new Float32Array(size);
      direction[chosen] = 1;
      const h = 0.02;
      const slope = ((await at(h, direction)) - (await at(-h, direction))) / (2 * h);
      if (Math.abs(slope) < 2e-4) continue;
      clear++;
      if (Math.sign(slope) === steps[chosen]) agreeing++;
    }
    // Along all signs at once the loss falls by far more than any rounding.
    const along = Float32Array.from(steps);
    expect(await at(-1e-3, along)).toBeLessThan(await at(0, along));
    await session.release();
    expect(clear).toBeGreaterThan(5);
    // Kinks of ReLU and of pooling turn a slope now and then.
    expect(agreeing / clear).toBeGreaterThan(0.9);
  });

  it('scores an example alike beside others and alone, and gives the own logits', {
    timeout: 120_000,
  }, async () => {
    const model = build();
    const together = await run(model, pixels, [3, ...shape], {});
    const alone = await run(model, pixels.slice(size, 2 * size), [1, ...shape], {});
    expect(together.scores[1]).toBeCloseTo(alone.scores[0]!, 6);
    const logits = await logitsOf(model, pixels, [3, ...shape]);
    for (const [i, value] of logits.entries()) expect(together.own[i]).toBeCloseTo(value, 4);
    for (const score of together.scores) expect(score).toBeLessThanOrEqual(-1 / 10);
  });
});

it('steps on an ensemble', async () => {
  const model = ensembleOf([1, 2].map((seed) => buildNetwork('convnet', { seed })));
  const { changed } = await run(model, stream(5, 784), [1, 1, 28, 28], { epsilon: 0.1 });
  expect(changed.filter((value, i) => Math.abs(value - stream(5, 784)[i]!) > 0.05).length).toBeGreaterThan(
    300,
  );
});

it('neither overflows nor vanishes at extreme logits', async () => {
  const { scores } = await run(line(), Float32Array.of(1e38, -1e38, 0), [3, 1, 1, 1], { temperature: 1 });
  expect([...scores.slice(0, 2)]).toEqual([-1, -1]);
  expect(scores[2]).toBeCloseTo(-1 / (1 + Math.exp(-0.5 - 6 * 0.0014)), 6);
});

describe('bad input', () => {
  it('says which operator has no gradient, and a way without', async () => {
    const model = line();
    const { graph } = model;
    const flatten = graph.nodes[0]!;
    const before = graph.add('Asinh', ['pixels']);
    graph.nodes.unshift(graph.nodes.pop()!);
    flatten.inputs = [before];
    const run1 = (epsilon: number) => run(model, Float32Array.of(0.5), [1, 1, 1, 1], { epsilon });
    await expect(run1(0.1)).rejects.toThrowError(
      /no gradient rule for the operator Asinh.*odin:epsilon=0 it goes without/,
    );
    expect((await run1(0)).scores.length).toBe(1);
  });
  it('says which images the model takes', async () => {
    await expect(run(network(), new Float32Array(3 * 49), [1, 3, 7, 7], {})).rejects.toThrowError(
      'The images are [3, 7, 7] (channels, height, width), but the model takes [3, 8, 8].',
    );
  });
  it('has bounds for its parameters, and names what differs from the defaults', () => {
    expect(describeDetector(findDetector('odin:epsilon=0.01'))).toBe('odin:epsilon=0.01');
    expect(() => findDetector('odin:epsilon=-1')).toThrowError(/epsilon = -1: give a number of at least 0/);
    expect(() => findDetector('odin:temperature=0')).toThrowError(/at least 0.001/);
  });
});

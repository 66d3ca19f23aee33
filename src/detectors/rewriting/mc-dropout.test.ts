import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stream } from '../../../test/fixtures/pytorch.ts';
import { partsOf } from '../../classifier/index.ts';
import { buildNetwork, convNet, dropout, linear } from '../../nn/index.ts';
import { createModel, float32, Graph, type Model, writeModel } from '../../onnx/index.ts';
import { Random } from '../../random.ts';
import { nodeRuntime, type Runtime } from '../../runtime/index.ts';
import {
  configured,
  type Detector,
  findDetector,
  matrix,
  mcDropout,
  mcDropoutMutualInformation,
  mspScore,
  plainAlgebra,
  settingsOf,
  withDropoutPasses,
} from '../index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

async function rewrite(model: Model, input: number[], settings: Record<string, number> = {}) {
  const context = {
    settings: settingsOf(configured(mcDropout, settings)),
    parts: partsOf(model),
    input,
    runtime,
  };
  return withDropoutPasses(model, context);
}

/** Scores of both detectors, the classifier's own logits, and those of each pass. */
async function run(
  model: Model,
  pixels: Float32Array,
  input: number[],
  settings: Record<string, number> = {},
) {
  const rewritten = await rewrite(model, input, settings);
  rewritten.model.graph.addOutput('mc-dropout/passes');
  const session = await runtime.createSession(writeModel(rewritten.model));
  const outputs = await session.run({ pixels: float32(pixels, input) });
  await session.release();
  const data = (name: string) => outputs[name]!.data as Float32Array;
  const classes = outputs[rewritten.logits]!.shape[1]!;
  const read = {
    logits: matrix(data(rewritten.logits), classes),
    features: matrix(data(rewritten.features!), 1),
  };
  const score = (detector: Detector) =>
    detector.score(read, {
      settings: settingsOf(detector),
      state: {},
      algebra: plainAlgebra,
    }) as Float32Array;
  return {
    classes,
    own: data(partsOf(model).logits),
    passes: data('mc-dropout/passes'),
    scores: score(mcDropout),
    information: score(mcDropoutMutualInformation),
  };
}

/** Logits are the pixels, some of them dropped. */
function dropping(classes: number, ratio = 0.5): Model {
  const scope = { graph: new Graph('dropping'), random: Random.from(1) };
  const pixels = scope.graph.addInput('pixels', 'float32', ['batch', 1, 1, classes]);
  const flat = scope.graph.add('Flatten', [pixels], { axis: 1 });
  const dropped = dropout(scope, flat, { name: 'drop', ratio });
  scope.graph.addOutput(scope.graph.add('Identity', [dropped], {}, { name: 'logits' }));
  return createModel(scope.graph);
}

describe('by hand', () => {
  it('every pass drops or doubles, and the scores are those of the passes', async () => {
    const [classes, samples] = [5, 400];
    const pixels = Float32Array.of(1, 2, 3, -1, 0.5, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0);
    const { passes, scores, information, own } = await run(dropping(classes), pixels, [3, 1, 1, classes], {
      samples,
    });
    expect(own).toEqual(pixels);
    let kept = 0;
    for (const [i, value] of passes.entries()) {
      const pixel = pixels[i % 15]!;
      expect([0, 2 * pixel]).toContain(value + 0);
      if (pixel !== 0 && value !== 0) kept++;
    }
    expect(kept / (6 * samples)).toBeCloseTo(0.5, 1);
    for (let i = 0; i < 3; i++) {
      const mean = new Float64Array(classes);
      let entropy = 0;
      for (let s = 0; s < samples; s++) {
        const z = [...passes.subarray((s * 3 + i) * classes, (s * 3 + i + 1) * classes)];
        const sum = z.reduce((total, value) => total + Math.exp(value), 0);
        for (const [k, value] of z.entries()) {
          const p = Math.exp(value) / sum;
          mean[k]! += p / samples;
          entropy -= (p * Math.log(p)) / samples;
        }
      }
      expect(scores[i]).toBeCloseTo(-Math.max(...mean), 5);
      expect(information[i]).toBeCloseTo(mean.reduce((sum, p) => sum - p * Math.log(p), 0) - entropy, 5);
    }
    // Nothing to drop, nothing to disagree on.
    expect(information[1]).toBe(0);
    expect(information[0]).toBeGreaterThan(0.1);
  });

  it('drops the same of every example', async () => {
    const pixels = Float32Array.of(1, 2, 3, 1, 2, 3);
    const { scores, information } = await run(dropping(3), pixels, [2, 1, 1, 3]);
    expect(scores[0]).toBe(scores[1]);
    expect(information[0]).toBe(information[1]);
  });

  it('without anything dropped is the maximum softmax probability', async () => {
    const pixels = Float32Array.of(1, 2, 3, -5, 0, 5);
    const { scores, information } = await run(dropping(3, 0), pixels, [2, 1, 1, 3]);
    for (const [i, value] of mspScore(pixels, 3).entries()) expect(scores[i]).toBeCloseTo(value, 6);
    for (const value of information) expect(value).toBeLessThan(1e-7);
  });

  it('neither overflows nor vanishes at extreme logits', async () => {
    const pixels = Float32Array.of(1.5e38, -1.5e38, 0, 1e38, 1e38, 1e38);
    const { scores, information } = await run(dropping(3), pixels, [2, 1, 1, 3]);
    for (const score of scores) expect(score >= -1 && score <= -1 / 3 + 1e-6).toBe(true);
    for (const score of information) expect(score >= 0 && score <= Math.log(3) + 1e-6).toBe(true);
  });
});

describe.each(['convnet', 'wrn-10-1', 'allconv'])('%s', (name) => {
  const channels = name === 'convnet' ? 1 : 3;
  const side = name === 'convnet' ? 28 : 32;
  const shape = [channels, side, side];
  const size = channels * side * side;
  const model = () => buildNetwork(name, { seed: 2, side, channels });
  const pixels = stream(6, 3 * size);

  it('follows its seed alone: not the batch, nor the place in it', { timeout: 120_000 }, async () => {
    const settings = { samples: 8, seed: 3 };
    const together = await run(model(), pixels, [3, ...shape], settings);
    const alone = await run(model(), pixels.slice(size, 2 * size), [1, ...shape], settings);
    expect(together.scores[1]).toBeCloseTo(alone.scores[0]!, 5);
    expect(together.information[1]).toBeCloseTo(alone.information[0]!, 5);
    const other = await run(model(), pixels, [3, ...shape], { samples: 8, seed: 4 });
    expect(other.scores).not.toEqual(together.scores);
    // Passes differ from each other, and the own logits have nothing dropped.
    const { passes, classes } = together;
    expect(passes.slice(0, 3 * classes)).not.toEqual(passes.slice(3 * classes, 6 * classes));
    const session = await runtime.createSession(writeModel(model()));
    const { logits } = await session.run({ pixels: float32(pixels, [3, ...shape]) });
    await session.release();
    for (const [i, value] of (logits!.data as Float32Array).entries())
      expect(together.own[i]).toBeCloseTo(value, 4);
  });

  it('takes any number of examples, as the classifier does', { timeout: 120_000 }, async () => {
    const { model: rewritten, logits } = await rewrite(model(), [2, ...shape], { samples: 2 });
    const session = await runtime.createSession(writeModel(rewritten));
    const outputs = await session.run({ pixels: float32(pixels, [3, ...shape]) });
    await session.release();
    expect(outputs[logits]!.shape).toEqual([3, 10]);
  });
});

it('computes once what comes before the first dropout', async () => {
  const { model } = await rewrite(convNet({ seed: 1 }), [2, 1, 28, 28]);
  const scan = model.graph.nodes.find(({ op }) => op === 'Scan')!;
  const body = scan.attributes.body as Graph;
  expect(model.graph.nodes.filter(({ op }) => op === 'Conv').length).toBe(2);
  expect(body.nodes.filter(({ op }) => op === 'Conv').length).toBe(0);
  expect(body.nodes.filter(({ op }) => op === 'Gemm').length).toBe(2);
});

describe('bad input', () => {
  it('needs something to drop', async () => {
    const plain = convNet({ seed: 1, dropRate: 0 });
    await expect(rewrite(plain, [1, 1, 28, 28])).rejects.toThrowError(
      /needs a model with Dropout nodes before its logits, and this one has none/,
    );
  });
  it('needs the batch to come first where it drops', async () => {
    const scope = { graph: new Graph('turned'), random: Random.from(1) };
    const pixels = scope.graph.addInput('pixels', 'float32', ['batch', 1, 1, 4]);
    const flat = scope.graph.add('Flatten', [pixels], { axis: 1 });
    const turned = scope.graph.add('Transpose', [flat], { perm: [1, 0] });
    const dropped = dropout(scope, turned, { name: 'drop' });
    const back = scope.graph.add('Transpose', [dropped], { perm: [1, 0] });
    scope.graph.addOutput(linear(scope, back, { name: 'fc', in: 4, out: 3 }));
    await expect(rewrite(createModel(scope.graph), [2, 1, 1, 4])).rejects.toThrowError(
      /"drop" is of values whose first dimension is not the batch/,
    );
  });
  it('has bounds for its parameters', () => {
    expect(() => findDetector('mc-dropout:samples=0')).toThrowError(/a whole number of at least 1/);
    expect(() => findDetector('mc-dropout-mi:seed=0.5')).toThrowError(/a whole number/);
  });
});

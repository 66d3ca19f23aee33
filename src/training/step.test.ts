import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convNet, wideResNet } from '../nn/index.ts';
import { crossEntropy, outlierExposure } from '../objectives/index.ts';
import { createModel, float32, Graph, int64, type Model, readModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { nodeRuntime, type Runtime, type Tensors } from '../runtime/index.ts';
import { compileTrainingStep, type StepOptions, sgd, stepValue, type TrainingStep } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const compile = (model: Model, more: Partial<StepOptions> = {}) =>
  compileTrainingStep(model, {
    objective: outlierExposure(),
    optimizer: sgd(),
    batch: { inliers: 2, outliers: 2 },
    runtime,
    ...more,
  });

/** logits = x · w + b, for images of 2 × 2. */
function linear(edit: (graph: Graph, logits: string) => string = (_, logits) => logits): Model {
  const graph = new Graph('linear');
  const x = graph.addInput('x', 'float32', ['n', 1, 2, 2]);
  const random = Random.from(1);
  const values = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  const w = graph.addInitializer('w', float32(values(12), [4, 3]));
  const b = graph.addInitializer('b', float32(values(3), [3]));
  const flat = graph.add('Flatten', [x]);
  graph.addOutput(edit(graph, graph.add('Gemm', [flat, w, b])));
  return createModel(graph);
}

function feedsOf(step: TrainingStep, learningRate: number, seed = 1): Tensors {
  const random = Random.from(seed, 'feeds');
  const size = step.batchShape.reduce((product, dimension) => product * dimension, 1);
  const pixels = Float32Array.from({ length: size }, () => random.uniform());
  const feeds: Tensors = {
    [step.inputs.pixels]: float32(pixels, step.batchShape),
    [step.inputs.labels]: int64([0, 2]),
    [stepValue('learningRate')]: float32([learningRate], []),
    [stepValue('momentum')]: float32([0.9], []),
  };
  if (step.inputs.dropoutSeed) {
    feeds[step.inputs.dropoutSeed] = { elementType: 'uint32', shape: [], data: Uint32Array.of(seed) };
  }
  return feeds;
}

describe('compileTrainingStep', () => {
  it('leaves the model as it is, and trains its parameters alone', async () => {
    const model = wideResNet({ seed: 1, depth: 10, widen: 1, side: 8 });
    const before = [...model.graph.initializers.keys()];
    const nodes = model.graph.nodes.length;
    const step = await compile(model);
    expect([...model.graph.initializers.keys()]).toEqual(before);
    expect(model.graph.nodes.length).toBe(nodes);
    expect([...step.parameters].sort()).toEqual(
      before.filter((name) => /\.(weight|bias|running_mean|running_var)$/.test(name)).sort(),
    );
    // Each has its momentum, the running averages excepted.
    const averages = step.parameters.filter((name) => name.includes('.running_'));
    expect(step.variables.length).toBe(2 * step.parameters.length - averages.length);
    expect(step.losses).toEqual(['loss', 'crossEntropy', 'uniformCrossEntropy', 'accuracy']);
    expect(step.classes).toBe(10);
    expect(step.batchShape).toEqual([4, 3, 8, 8]);
  });

  it('is a valid model that takes what it says', async () => {
    const step = await compile(convNet({ seed: 1 }));
    const { inputs } = readModel(step.model).graph;
    expect([...inputs.keys()].sort()).toEqual(
      [
        ...Object.values(step.inputs).filter((name) => name !== undefined),
        ...step.variables.map(({ input }) => input),
        stepValue('learningRate'),
        stepValue('momentum'),
      ].sort(),
    );
    expect((await compile(linear())).inputs.dropoutSeed).toBeUndefined();
  });

  it('moves nothing at a learning rate of 0, and the loss down at a small one', async () => {
    const step = await compile(linear());
    const loop = await runtime.createLoop(step.model, step.variables);
    const loss = async (rate: number) =>
      Number((await loop.step(feedsOf(step, rate))).outputs[stepValue('loss')]!.data[0]);
    const first = await loss(0);
    const { w } = await loop.read();
    expect(w!.data).toEqual(step.variables.find(({ input }) => input === 'w')!.initial.data);
    expect(await loss(0.05)).toBe(first);
    expect(await loss(0)).toBeLessThan(first);
    await loop.release();
  });

  it.each([
    [[1, 0, 0], 0.5],
    [[0, 1, 0], 0],
  ])('counts the accuracy over the in-distribution examples: bias %j, %d', async (bias, expected) => {
    const model = linear();
    model.graph.initializers.set('w', float32(new Float32Array(12), [4, 3]));
    model.graph.initializers.set('b', float32(bias, [3]));
    const step = await compile(model);
    const loop = await runtime.createLoop(step.model, step.variables);
    const { outputs } = await loop.step(feedsOf(step, 0));
    expect(outputs[stepValue('accuracy')]!.data[0]).toBe(expected);
    await loop.release();
  });

  it('lets outliers without a loss of their own change nothing', async () => {
    const steps = await Promise.all(
      [0, 2].map((outliers) =>
        compile(linear(), { objective: crossEntropy(), batch: { inliers: 2, outliers } }),
      ),
    );
    const trained = [];
    for (const step of steps) {
      const loop = await runtime.createLoop(step.model, step.variables);
      await loop.step(feedsOf(step, 0.1));
      trained.push((await loop.read()).w!.data);
      await loop.release();
    }
    expect(trained[1]).toEqual(trained[0]);
    expect(trained[0]).not.toEqual(steps[0]!.variables[0]!.initial.data);
  });

  it('keeps a parameter that the loss does not depend on', async () => {
    const model = linear();
    const idle = model.graph.addInitializer('idle', float32([1, 2], [2]));
    const step = await compile(model);
    const loop = await runtime.createLoop(step.model, step.variables);
    await loop.step(feedsOf(step, 0.1));
    expect((await loop.read())[idle]!.data).toEqual(Float32Array.of(1, 2));
    await loop.release();
  });

  it.each<[string, () => Model, Partial<StepOptions>, RegExp]>([
    [
      'two outputs',
      () => {
        const model = linear();
        model.graph.addOutput(model.graph.nodes[0]!.outputs[0]!);
        return model;
      },
      {},
      /one input and one output of logits/,
    ],
    [
      'a fixed batch',
      () => {
        const model = linear();
        model.graph.inputs.set('x', { elementType: 'float32', shape: [1, 1, 2, 2] });
        return model;
      },
      {},
      /takes batches of 1, but training needs 4/,
    ],
    [
      'an output that is no row of logits',
      () => linear((graph, logits) => graph.add('Unsqueeze', [logits, graph.ints([2])])),
      {},
      /output is \[batch, classes\], but the shape of "Unsqueeze" is \[4, 3, 1\]/,
    ],
    [
      'an old operator set',
      () => ({ ...linear(), opsets: new Map([['', 6]]) }),
      {},
      /uses operator set 6, but 7 to 24 can be read/,
    ],
    ['half an inlier', linear, { batch: { inliers: 1.5, outliers: 1 } }, /A batch of 1.5 inliers/],
    ['outliers below 0', linear, { batch: { inliers: 1, outliers: -1 } }, /-1 outliers/],
    ['no outliers', linear, { batch: { inliers: 1, outliers: 0 } }, /needs outliers in the batch/],
  ])('refuses %s', async (_, make, more, message) => {
    const compiling = compile(make(), more);
    await expect(compiling).rejects.toThrowError(message);
    await expect(compiling).rejects.toMatchObject({ name: 'OutlierExposureError' });
  });
});

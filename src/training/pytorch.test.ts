/** Networks, training steps and optimizers against PyTorch (test/fixtures/pytorch.py). */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  batch,
  decode,
  difference,
  withStart as startAsScript,
  stream,
} from '../../test/fixtures/pytorch.ts';
import { convNet, isRunningStatistic, wideResNet } from '../nn/index.ts';
import { outlierExposure } from '../objectives/index.ts';
import { createModel, float32, Graph, type Model, writeModel } from '../onnx/index.ts';
import { nodeRuntime, type Runtime, type Tensors } from '../runtime/index.ts';
import { adam, compileTrainingStep, cosineSchedule, type Optimizer, sgd, stepValue } from './index.ts';

interface Trained {
  initialLogits: string;
  finalLogits: string;
  losses: number[];
  rates: number[];
  final: Record<string, string>;
}
const fixture = JSON.parse(
  readFileSync(new URL('../../test/fixtures/pytorch.json', import.meta.url), 'utf8'),
) as {
  convNet: Trained;
  wideResNet: Trained;
  optimizers: Record<string, number[][]>;
};
const STEPS = 10;

const withStart = (model: Model) => startAsScript(model, (name) => /bn.*\.weight$/.test(name));

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

async function logitsOf(model: Model, shape: readonly number[]): Promise<Float32Array> {
  const session = await runtime.createSession(writeModel(model));
  const { logits } = await session.run({ pixels: batch(99, 4, 0, shape).pixels });
  await session.release();
  return logits!.data as Float32Array;
}

const networks: {
  name: 'convNet' | 'wideResNet';
  make: () => Model;
  shape: number[];
  optimizer: Optimizer;
}[] = [
  {
    name: 'convNet',
    make: () => {
      const model = convNet({ seed: 1 });
      // Masks are ours alone: compare without dropout.
      for (const node of model.graph.nodes)
        if (node.op === 'Dropout') Object.assign(node, { op: 'Identity', inputs: node.inputs.slice(0, 1) });
      return model;
    },
    shape: [1, 28, 28],
    optimizer: sgd(),
  },
  {
    name: 'wideResNet',
    make: () => wideResNet({ seed: 1, depth: 10, widen: 1, dropRate: 0, side: 16 }),
    shape: [3, 16, 16],
    optimizer: sgd({ weightDecay: 5e-4 }),
  },
];

describe.each(networks)('$name', ({ name, make, shape, optimizer }) => {
  const expected = fixture[name];

  it('gives the same logits', async () => {
    expect(difference(await logitsOf(withStart(make()), shape), decode(expected.initialLogits))).toBeLessThan(
      1e-5,
    );
  });

  it('is the same after ten steps of Outlier Exposure', async () => {
    const model = withStart(make());
    const step = await compileTrainingStep(model, {
      objective: outlierExposure(),
      optimizer,
      batch: { inliers: 4, outliers: 8 },
      runtime,
    });
    const loop = await runtime.createLoop(step.model, step.variables);
    const schedule = cosineSchedule({ peak: 0.01, steps: STEPS });
    for (let number = 1; number <= STEPS; number++) {
      const { pixels, labels } = batch(number, 4, 8, shape);
      const feeds: Tensors = { [step.inputs.pixels]: pixels, [step.inputs.labels]: labels };
      expect(schedule(number)).toBeCloseTo(expected.rates[number - 1]!, 12);
      for (const [scalar, value] of Object.entries(optimizer.scalars(schedule(number), number)))
        feeds[stepValue(scalar)] = float32([value], []);
      const { outputs } = await loop.step(feeds);
      expect(outputs[stepValue('loss')]!.data[0]).toBeCloseTo(expected.losses[number - 1]!, 5);
    }
    const variables = await loop.read();
    await loop.release();
    const trained = new Map(Object.entries(expected.final).map(([key, text]) => [key, decode(text)]));
    expect(trained.size).toBe(step.parameters.length);
    expect(step.parameters.some(isRunningStatistic)).toBe(name === 'wideResNet');
    for (const [parameter, values] of trained) {
      const ours = variables[parameter]!.data as Float32Array;
      const sampled = ours.length > 2000 ? ours.filter((_, i) => i % 4 === 0) : ours;
      expect(difference(sampled, values), parameter).toBeLessThan(1e-5);
      model.graph.initializers.set(parameter, variables[parameter]!);
    }
    expect(difference(await logitsOf(model, shape), decode(expected.finalLogits))).toBeLessThan(1e-5);
  });
});

describe('optimizers', () => {
  const made: Record<string, Optimizer> = {
    'sgd plain': sgd({ momentum: 0 }),
    'sgd momentum': sgd({ momentum: 0.9, nesterov: 'off' }),
    'sgd nesterov': sgd(),
    'sgd nesterov decay': sgd({ weightDecay: 0.1 }),
    adam: adam(),
    'adam decay': adam({ beta1: 0.5, beta2: 0.99, weightDecay: 0.1 }),
  };

  it('covers every path of the fixture', () => {
    expect(Object.keys(made)).toEqual(Object.keys(fixture.optimizers));
  });

  it.each(Object.keys(fixture.optimizers))('%s walks the same path', async (name) => {
    const optimizer = made[name]!;
    const path = fixture.optimizers[name]!;
    // The gradient of ½‖A w − b‖² by hand, so that only the update is under test.
    const matrix = stream(1, 20).map((u) => 2 * u - 1);
    const target = stream(2, 5);
    const graph = new Graph('update');
    const inputs = ['w', 'g', ...optimizer.slots.map((slot) => `w/${slot}`)].map((input) =>
      graph.addInput(input, 'float32', [4]),
    );
    const scalars = Object.fromEntries(
      Object.keys(optimizer.scalars(1, 1)).map((scalar) => [scalar, graph.addInput(scalar, 'float32', [])]),
    );
    const next = optimizer.update({ graph, parameter: 'w', gradient: 'g', slots: inputs.slice(2), scalars });
    for (const output of [next.parameter, ...next.slots]) graph.addOutput(output);
    const session = await runtime.createSession(writeModel(createModel(graph)));
    let w: Float32Array = stream(3, 4).map((u) => 2 * u - 1);
    let slots: Float32Array[] = optimizer.slots.map(() => new Float32Array(4));
    for (let step = 1; step <= STEPS; step++) {
      const residual = Array.from(target, (b, i) =>
        w.reduce((sum, value, j) => sum + matrix[4 * i + j]! * value, -b),
      );
      const gradient = Float32Array.from({ length: 4 }, (_, j) =>
        residual.reduce((sum, r, i) => sum + r * matrix[4 * i + j]!, 0),
      );
      const feeds: Tensors = { w: float32(w, [4]), g: float32(gradient, [4]) };
      for (const [i, slot] of inputs.slice(2).entries()) feeds[slot] = float32(slots[i]!, [4]);
      for (const [scalar, value] of Object.entries(optimizer.scalars(0.05, step)))
        feeds[scalar] = float32([value], []);
      const outputs = await session.run(feeds);
      w = outputs[next.parameter]!.data as Float32Array;
      slots = next.slots.map((slot) => outputs[slot]!.data as Float32Array);
      expect(difference(w, path[step - 1]!)).toBeLessThan(1e-5);
    }
    await session.release();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endsOf, partsOf } from '../classifier/index.ts';
import { createModel, float32, Graph, readModel, writeModel } from '../onnx/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { convNet, withConfidenceBranch, withRejectClass } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

/** Two pixels, which are the features, to two classes. */
function tiny(end: (graph: Graph, logits: string) => string = (_, logits) => logits) {
  const graph = new Graph('tiny');
  const pixels = graph.addInput('pixels', 'float32', ['n', 2, 1, 1]);
  const features = graph.add('Flatten', [pixels], { axis: 1 });
  const weight = graph.addInitializer('w', float32([1, 0, 0, 1], [2, 2]));
  graph.addOutput(end(graph, graph.add('MatMul', [features, weight])));
  return createModel(graph);
}

async function run(model: ReturnType<typeof tiny>) {
  const session = await runtime.createSession(writeModel(model));
  const outputs = await session.run({ pixels: float32([2, 3, -1, 0.5], [2, 2, 1, 1]) });
  await session.release();
  return outputs;
}

describe.each([
  ['confidence', withConfidenceBranch],
  ['reject', withRejectClass],
] as const)('a branch called %s', (branch, add) => {
  it('is one linear output more, of the features', async () => {
    const model = add(tiny(), { seed: 1 });
    const [a, b] = model.graph.initializers.get(`${branch}.weight`)!.data as Float32Array;
    const [bias] = model.graph.initializers.get(`${branch}.bias`)!.data as Float32Array;
    const outputs = await run(model);
    expect(outputs[branch]!.shape).toEqual([2, 1]);
    expect(outputs[branch]!.data[0]).toBeCloseTo(2 * a! + 3 * b! + bias!, 5);
    expect(outputs[branch]!.data[1]).toBeCloseTo(-a! + 0.5 * b! + bias!, 5);
    expect([...outputs[endsOf(model.graph).logits]!.data]).toEqual([2, 3, -1, 0.5]);
  });

  it('starts from its seed, within ±1/√width, and leaves the model that it was given', () => {
    const model = convNet({ seed: 1 });
    const weights = (seed: number) => [
      ...(add(model, { seed }).graph.initializers.get(`${branch}.weight`)!.data as Float32Array),
    ];
    expect(weights(1)).toHaveLength(50);
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
    expect(Math.max(...weights(1).map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(50));
    expect(model.graph.outputs.size).toBe(1);
  });

  it('is found by its name, in a file too, beside the other parts', () => {
    const model = readModel(writeModel(add(convNet({ seed: 1 }), { seed: 1 })));
    expect(endsOf(model.graph)).toEqual({ pixels: 'pixels', logits: 'logits', [branch]: branch });
    expect(partsOf(model).head).toMatchObject({ classes: 10, width: 50 });
    expect(add(model, { seed: 9 })).toBe(model);
  });

  it('makes room for logits where the model ended in probabilities', async () => {
    const model = add(
      tiny((graph, logits) => graph.add('Softmax', [logits], { axis: -1 })),
      { seed: 1 },
    );
    const { logits } = endsOf(model.graph);
    expect([...(await run(model))[logits]!.data]).toEqual([2, 3, -1, 0.5]);
  });

  it('needs a last linear layer, and its name free', () => {
    const ending = tiny((graph, logits) => graph.add('Relu', [logits]));
    expect(() => add(ending, { seed: 1 })).toThrowError(
      /come from another operator: export it with a linear/,
    );
    const taken = tiny((graph, logits) =>
      graph.add('Identity', [graph.add('Identity', [logits], {}, { name: branch })]),
    );
    expect(() => add(taken, { seed: 1 })).toThrowError(`has a value "${branch}" already`);
  });
});

it('one model may have both', () => {
  const model = withRejectClass(withConfidenceBranch(convNet({ seed: 1 }), { seed: 1 }), { seed: 1 });
  expect([...model.graph.outputs.keys()]).toEqual(['logits', 'confidence', 'reject']);
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endsOf } from '../classifier/index.ts';
import { detectors, findDetector, settingsOf } from '../detectors/index.ts';
import { convNet, withConfidenceBranch, withRejectClass } from '../nn/index.ts';
import { createModel, float32, float64, Graph, type Model, readModel, writeModel } from '../onnx/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { TOLD_DETECTORS, withToldOutputs } from './told-outputs.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const CLASSES = 3;
/** A model whose logits are its input, with both branches: the last two columns. */
function passing(): Model {
  const graph = new Graph('passing');
  const input = graph.addInput('pixels', 'float32', ['batch', 1, 1, CLASSES + 2]);
  const flat = graph.add('Flatten', [input], { axis: 1 });
  const part = (from: number, to: number, name: string) =>
    graph.addOutput(
      graph.add('Slice', [flat, graph.ints([from]), graph.ints([to]), graph.ints([1])], {}, { name }),
    );
  part(0, CLASSES, 'logits');
  part(CLASSES, CLASSES + 1, 'confidence');
  part(CLASSES + 1, CLASSES + 2, 'reject');
  return createModel(graph);
}
const STATES: Record<string, Record<string, ReturnType<typeof float64>>> = {
  temperature: { temperature: float64([2.5], [1]) },
};

describe('withToldOutputs', () => {
  it.each(TOLD_DETECTORS)('tells the score of %s as the detector computes it', async (name) => {
    const detector = findDetector(name === 'energy' ? 'energy:temperature=3' : name);
    const state = STATES[name] ?? {};
    const model = withToldOutputs(passing(), { detector: { detector, state } });
    const session = await runtime.createSession(writeModel(model));
    const value = fc.float({ min: -80, max: 80, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(value, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
        async (rows) => {
          const outputs = await session.run({ pixels: float32(rows.flat(), [rows.length, 1, 1, 5]) });
          const columns = (from: number, to: number) =>
            Float32Array.from(rows.flatMap((row) => row.slice(from, to)));
          const expected = await detector.score(
            {
              logits: { data: columns(0, 3), shape: [rows.length, 3] },
              confidence: { data: columns(3, 4), shape: [rows.length, 1] },
              reject: { data: columns(4, 5), shape: [rows.length, 1] },
            },
            { settings: settingsOf(detector), state, algebra: undefined as never },
          );
          const told = outputs.anomaly_score!;
          expect(told.shape).toEqual([rows.length]);
          for (const [i, score] of expected.entries())
            expect(Math.abs((told.data as Float32Array)[i]! - score)).toBeLessThanOrEqual(
              2e-6 * Math.max(1, Math.abs(score)),
            );
        },
      ),
      { numRuns: 30 },
    );
    await session.release();
  });

  it('knows all detectors whose score is a formula of outputs alone', () => {
    const alone = detectors.filter(
      ({ needs, rewrite }) =>
        !rewrite && needs.every((need) => ['logits', 'confidence', 'reject'].includes(need)),
    );
    const others = alone.map(({ name }) => name).filter((name) => !TOLD_DETECTORS.includes(name));
    expect(others).toEqual(['gen', 'kl-matching', 'openmax']);
  });

  it('adds to a network: its own outputs stay, and features and a verdict come', async () => {
    const model = convNet({ seed: 1 });
    const detector = { detector: findDetector('msp'), state: {} };
    const told = readModel(writeModel(withToldOutputs(model, { features: true, detector, threshold: -0.3 })));
    expect([...told.graph.outputs.keys()]).toEqual(['logits', 'features', 'anomaly_score', 'is_outlier']);
    // Commands take it for the classifier that it was.
    expect(endsOf(told.graph)).toEqual(endsOf(model.graph));
    const pixels = float32(
      Float32Array.from({ length: 2 * 784 }, (_, i) => (i % 7) / 7),
      [2, 1, 28, 28],
    );
    const [before, after] = await Promise.all(
      [model, told].map(async (each) => {
        const session = await runtime.createSession(writeModel(each));
        const outputs = await session.run({ pixels });
        await session.release();
        return outputs;
      }),
    );
    expect(after!.logits).toEqual(before!.logits);
    expect(after!.features!.shape).toEqual([2, 50]);
    const scores = after!.anomaly_score!.data as Float32Array;
    expect([...(after!.is_outlier!.data as Uint8Array)].map(Boolean)).toEqual(
      [...scores].map((score) => score >= -0.3),
    );
  });

  it.each(TOLD_DETECTORS)('calls it an outlier when what %s scores is not a number', async (name) => {
    const detector = { detector: findDetector(name), state: STATES[name] ?? {} };
    const session = await runtime.createSession(
      writeModel(withToldOutputs(passing(), { detector, threshold: 1e9 })),
    );
    const { is_outlier: told } = await session.run({
      pixels: float32([1, Number.NaN, 2, Number.NaN, 3, 1, 2, 3, 4, Number.NaN], [2, 1, 1, 5]),
    });
    await session.release();
    const ofReject = name === 'reject-class';
    expect([...(told!.data as Uint8Array)].map(Boolean)).toEqual([true, ofReject]);
  });

  it('is the same when done twice', () => {
    const options = { features: true, detector: { detector: findDetector('energy'), state: {} } };
    const once = withToldOutputs(convNet({ seed: 1 }), options);
    const twice = withToldOutputs(once, options);
    expect([...twice.graph.outputs.keys()]).toEqual([...once.graph.outputs.keys()]);
    const lasting = twice.graph.nodes.filter(({ outputs }) => outputs[0] === 'anomaly_score');
    expect(lasting).toHaveLength(1);
  });

  it('tells what it cannot', () => {
    const model = convNet({ seed: 1 });
    const tell = (name: string, given = model) =>
      withToldOutputs(given, { detector: { detector: findDetector(name), state: {} } });
    expect(() => tell('knn')).toThrow(/knn cannot be told.*msp/);
    expect(() => tell('confidence')).toThrow(/needs the output "confidence"/);
    expect(
      tell('confidence', withConfidenceBranch(model, { seed: 1 })).graph.outputs.has('anomaly_score'),
    ).toBe(true);
    expect(tell('reject-class', withRejectClass(model, { seed: 1 })).graph.outputs.has('anomaly_score')).toBe(
      true,
    );
    expect(() => withToldOutputs(passing(), { features: true })).toThrow(/no last linear layer/);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropout } from '../nn/index.ts';
import { createModel, float32, Graph, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { inferTypes, nodeRuntime, type Runtime } from '../runtime/index.ts';
import { DROPOUT_SEED, trainingMode } from './training-mode.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const SHAPE = [20, 30, 4, 4];

/** What dropout makes of ones, for some seeds. */
async function dropped(
  unit: 'values' | 'channels',
  ratio: number,
  seeds: number[],
  name = 'drop',
): Promise<Float32Array[]> {
  const graph = new Graph();
  const x = graph.addInput('x', 'float32', SHAPE);
  graph.addOutput(dropout({ graph, random: Random.from(1) }, x, { name, ratio, unit }));
  trainingMode(graph, await inferTypes(graph, runtime));
  const session = await runtime.createSession(writeModel(createModel(graph)));
  const results: Float32Array[] = [];
  for (const seed of seeds) {
    const outputs = await session.run({
      x: float32(new Float32Array(9600).fill(1), SHAPE),
      [DROPOUT_SEED]: { elementType: 'uint32', shape: [], data: Uint32Array.of(seed) },
    });
    results.push(Object.values(outputs)[0]!.data as Float32Array);
  }
  return results;
}
const keptShare = (values: Float32Array) => values.filter((value) => value !== 0).length / values.length;

describe('dropout while training', () => {
  it.each([0.1, 0.3, 0.5])('drops a share of %d and scales the rest', async (ratio) => {
    const [values] = await dropped('values', ratio, [123456789]);
    expect(keptShare(values!)).toBeCloseTo(1 - ratio, 1);
    for (const value of values!) expect([0, Math.fround(1 / (1 - ratio))]).toContain(value);
  });

  it('follows the seed', async () => {
    const [a, again, b] = await dropped('values', 0.5, [1, 1, 2]);
    expect(again).toEqual(a);
    // Independent masks agree on half of the values.
    expect(a!.filter((value, i) => value === b![i]).length / a!.length).toBeCloseTo(0.5, 1);
    const [other] = await dropped('values', 0.5, [1], 'another');
    expect(a!.filter((value, i) => value === other![i]).length / a!.length).toBeCloseTo(0.5, 1);
  });

  it('drops every value now and then', async () => {
    const runs = await dropped(
      'values',
      0.5,
      Array.from({ length: 60 }, (_, i) => i * 7919),
    );
    for (let at = 0; at < 200; at++) {
      const kept = runs.filter((values) => values[at] !== 0).length;
      expect(kept).toBeGreaterThan(10);
      expect(kept).toBeLessThan(50);
    }
  });

  it('drops whole channels together', async () => {
    const [values] = await dropped('channels', 0.5, [5]);
    for (let channel = 0; channel < 600; channel++) {
      expect(new Set(values!.subarray(channel * 16, channel * 16 + 16)).size).toBe(1);
    }
    expect(keptShare(values!)).toBeGreaterThan(0.4);
    expect(keptShare(values!)).toBeLessThan(0.6);
  });
});

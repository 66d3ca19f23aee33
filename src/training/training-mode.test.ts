import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchNorm, dropout } from '../nn/index.ts';
import { createModel, float32, Graph, type Node, writeModel } from '../onnx/index.ts';
import { hashSeed, Random } from '../random.ts';
import { inferTypes, nodeRuntime, type Runtime } from '../runtime/index.ts';
import { type BatchStatistics, DROPOUT_SEED, trainingMode } from './training-mode.ts';

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

  it('drops each value regardless of the others, of the step before and of other nodes', async () => {
    const seeds = Array.from({ length: 40 }, (_, step) => hashSeed(1, 'dropout', 1, step));
    const signs = (values: Float32Array) => Float64Array.from(values, (value) => (value === 0 ? -1 : 1));
    const masks = (await dropped('values', 0.5, seeds)).map(signs);
    const others = (await dropped('values', 0.5, seeds, 'another')).map(signs);
    const correlation = (a: Float64Array, b: Float64Array, lag = 0) => {
      let sum = 0;
      for (let i = 0; i < a.length; i++) sum += a[i]! * b[(i + lag) % b.length]!;
      return sum / a.length;
    };
    // Of 9600 independent signs: a standard deviation of 1 / √9600, of which 6 are almost never seen.
    const most = 6 / Math.sqrt(9600);
    for (const [step, mask] of masks.entries()) {
      // Neighbours in a row, a column, a channel and an example.
      for (const lag of [1, 4, 16, 480]) expect(Math.abs(correlation(mask, mask, lag))).toBeLessThan(most);
      expect(Math.abs(correlation(mask, others[step]!))).toBeLessThan(most);
      if (step > 0) expect(Math.abs(correlation(mask, masks[step - 1]!))).toBeLessThan(most);
    }
  });

  /** Two layers of dropout over ones, nameless as in some exporters' files. */
  async function twice(edit: (graph: Graph, nodes: Node[]) => void): Promise<Float32Array[]> {
    const graph = new Graph();
    const x = graph.addInput('x', 'float32', SHAPE);
    for (let i = 0; i < 2; i++)
      graph.addOutput(dropout({ graph, random: Random.from(1) }, x, { name: `drop${i}` }));
    for (const node of graph.nodes) node.name = '';
    edit(graph, graph.nodes);
    trainingMode(graph, await inferTypes(graph, runtime));
    const session = await runtime.createSession(writeModel(createModel(graph)));
    const outputs = await session.run({
      x: float32(new Float32Array(9600).fill(1), SHAPE),
      [DROPOUT_SEED]: { elementType: 'uint32', shape: [], data: Uint32Array.of(1) },
    });
    await session.release();
    return Object.values(outputs).map(({ data }) => data as Float32Array);
  }

  it('tells nodes without names apart', async () => {
    const [a, b] = await twice(() => {});
    expect(a!.filter((value, i) => value === b![i]).length / a!.length).toBeCloseTo(0.5, 1);
  });

  it('finds the ratio wherever a file may have it', async () => {
    const [constant, left] = await twice((graph, [first, second]) => {
      const ratio = graph.add('Constant', [], { value: float32([0.2], []) });
      graph.nodes.unshift(graph.nodes.pop()!);
      first!.inputs = ['x', ratio];
      second!.inputs = ['x'];
    });
    expect(keptShare(constant!)).toBeCloseTo(0.8, 1);
    expect(keptShare(left!)).toBeCloseTo(0.5, 1);
  });

  it('keeps everything at a ratio of 0, and refuses to drop all', async () => {
    const [values] = await dropped('values', 0, [1]);
    expect(keptShare(values!)).toBe(1);
    await expect(dropped('values', 1, [1])).rejects.toThrowError(
      /ratio of drop is 1, but it must be at least 0 and below 1/,
    );
    await expect(
      twice((graph, [first]) => void (first!.inputs[1] = graph.addInput('ratio', 'float32', []))),
    ).rejects.toThrowError(/ratio "ratio" of drop0 is computed by the graph/);
  });
});

describe('batch normalization while training', () => {
  it("uses the batch's statistics, and moves the running ones as PyTorch does", async () => {
    const graph = new Graph();
    const x = graph.addInput('x', 'float32', [2, 1, 1, 2]);
    const y = batchNorm({ graph, random: Random.from(1) }, x, { name: 'bn', channels: 1 });
    graph.initializers.set('bn.weight', float32([3], [1]));
    graph.initializers.set('bn.bias', float32([10], [1]));
    graph.initializers.set('bn.running_mean', float32([5], [1]));
    graph.initializers.set('bn.running_var', float32([2], [1]));
    graph.addOutput(y);
    const statistics = trainingMode(graph, await inferTypes(graph, runtime));
    for (const { next } of statistics) graph.addOutput(next);
    const session = await runtime.createSession(writeModel(createModel(graph)));
    const outputs = await session.run({ x: float32([1, 2, 3, 6], [2, 1, 1, 2]) });
    await session.release();
    // Mean 3; variance 14 / 4 over the batch, 14 / 3 without bias.
    const expected = [1, 2, 3, 6].map((value) => (3 * (value - 3)) / Math.sqrt(3.5 + 1e-5) + 10);
    for (const [i, value] of expected.entries()) expect(outputs[y]!.data[i]).toBeCloseTo(value, 5);
    expect(statistics.map(({ name }) => name)).toEqual(['bn.running_mean', 'bn.running_var']);
    expect(outputs[statistics[0]!.next]!.data[0]).toBeCloseTo(0.9 * 5 + 0.1 * 3, 5);
    expect(outputs[statistics[1]!.next]!.data[0]).toBeCloseTo(0.9 * 2 + (0.1 * 14) / 3, 5);
  });

  /** A batch of 2 inliers and 1 outlier, of 2 values each, in one channel: scale 3, bias 10, averages 5 and 2. */
  async function normalized(normalization: BatchStatistics, values: number[]) {
    const graph = new Graph();
    const x = graph.addInput('x', 'float32', [3, 1, 1, 2]);
    const y = batchNorm({ graph, random: Random.from(1) }, x, { name: 'bn', channels: 1 });
    const parameters = { weight: 3, bias: 10, running_mean: 5, running_var: 2 };
    for (const [name, value] of Object.entries(parameters))
      graph.initializers.set(`bn.${name}`, float32([value], [1]));
    graph.addOutput(y);
    const types = await inferTypes(graph, runtime);
    const statistics = trainingMode(graph, types, { normalization, inliers: 2 });
    for (const { next } of statistics) if (!graph.initializers.has(next)) graph.addOutput(next);
    const session = await runtime.createSession(writeModel(createModel(graph)));
    const outputs = await session.run({ x: float32(values, [3, 1, 1, 2]) });
    await session.release();
    return { y: outputs[y]!.data as Float32Array, statistics, outputs };
  }

  it('takes the statistics of the inliers alone, for the outliers too', async () => {
    const { y, statistics, outputs } = await normalized('inliers', [1, 2, 3, 6, 100, -7]);
    const expected = [1, 2, 3, 6, 100, -7].map((value) => (3 * (value - 3)) / Math.sqrt(3.5 + 1e-5) + 10);
    for (const [i, value] of expected.entries()) expect(y[i]).toBeCloseTo(value, 4);
    expect(statistics.map(({ name }) => name)).toEqual(['bn.running_mean', 'bn.running_var']);
    expect(outputs[statistics[0]!.next]!.data[0]).toBeCloseTo(0.9 * 5 + 0.1 * 3, 5);
    expect(outputs[statistics[1]!.next]!.data[0]).toBeCloseTo(0.9 * 2 + (0.1 * 14) / 3, 5);
  });

  it('leaves the running averages as they are, and uses them, where they are frozen', async () => {
    const { y, statistics } = await normalized('frozen', [1, 2, 3, 6, 100, -7]);
    const expected = [1, 2, 3, 6, 100, -7].map((value) => (3 * (value - 5)) / Math.sqrt(2 + 1e-5) + 10);
    for (const [i, value] of expected.entries()) expect(y[i]).toBeCloseTo(value, 3);
    expect(statistics).toEqual([
      { name: 'bn.running_mean', next: 'bn.running_mean' },
      { name: 'bn.running_var', next: 'bn.running_var' },
    ]);
  });

  it.each([1, 3, 8, 9, 40])(
    'keeps the statistics of several layers of %d channels apart',
    async (channels) => {
      const graph = new Graph();
      const scope = { graph, random: Random.from(1) };
      const shape = [6, channels];
      const names = ['a', 'b', 'c'];
      for (const name of names)
        graph.addOutput(
          batchNorm(scope, graph.addInput(name, 'float32', shape), { name: `bn-${name}`, channels }),
        );
      const statistics = trainingMode(graph, await inferTypes(graph, runtime));
      for (const { next } of statistics) graph.addOutput(next);
      const random = Random.from(channels, 'features');
      const values = names.map((_, i) =>
        Float32Array.from({ length: 6 * channels }, () => 5 * i + (i + 1) * random.normal()),
      );
      const session = await runtime.createSession(writeModel(createModel(graph)));
      const feeds = Object.fromEntries(names.map((name, i) => [name, float32(values[i]!, shape)]));
      await session.run(feeds);
      // Twice, since the first run must leave nothing behind.
      const outputs = await session.run(feeds);
      await session.release();
      for (const [i, layer] of values.entries()) {
        for (let channel = 0; channel < channels; channel++) {
          const column = layer.filter((_, j) => j % channels === channel);
          const mean = column.reduce((sum, value) => sum + value, 0) / 6;
          const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5;
          expect(outputs[statistics[2 * i]!.next]!.data[channel]).toBeCloseTo(0.1 * mean, 5);
          expect(outputs[statistics[2 * i + 1]!.next]!.data[channel]).toBeCloseTo(0.9 + 0.1 * variance, 4);
        }
      }
    },
  );
});

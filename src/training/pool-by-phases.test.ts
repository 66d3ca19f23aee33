import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differentiate } from '../autodiff/index.ts';
import { createModel, float32, Graph, type Node, type TensorData, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { inferTypes, nodeRuntime, type Runtime } from '../runtime/index.ts';
import { poolByPhases } from './pool-by-phases.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

interface Layer {
  channels: number;
  outputs: number;
  kernel: number;
  padding: number;
  side: number;
  stride?: number;
  pool?: number;
}

function build({ channels, outputs, kernel, padding, side, stride = 1, pool = 2 }: Layer): Graph {
  const graph = new Graph();
  const x = graph.addInput('x', 'float32', [2, channels, side, side]);
  const w = graph.addInput('w', 'float32', [outputs, channels, kernel, kernel]);
  const b = graph.addInput('b', 'float32', [outputs]);
  const conv = graph.add('Conv', [x, w, b], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: Array(4).fill(padding) as number[],
  });
  const pooled = graph.add(
    'MaxPool',
    [conv],
    { kernel_shape: [pool, pool], strides: [pool, pool] },
    { name: 'pooled' },
  );
  graph.addOutput(pooled);
  return graph;
}

/** Output, and gradients of the sum of its squares. */
async function evaluate(graph: Graph, feeds: Record<string, TensorData>): Promise<Float32Array[]> {
  const [pooled] = graph.outputs.keys() as unknown as [string];
  const loss = graph.add('ReduceSum', [graph.add('Mul', [pooled, pooled])], { keepdims: 0 });
  graph.addOutput(loss);
  const gradients = differentiate(graph, await inferTypes(graph, runtime), loss, ['x', 'w', 'b']);
  for (const gradient of gradients.values()) graph.addOutput(gradient);
  const session = await runtime.createSession(writeModel(createModel(graph)));
  const outputs = await session.run(feeds);
  await session.release();
  return [pooled, ...gradients.values()].map((name) => outputs[name]!.data as Float32Array);
}

describe('poolByPhases', () => {
  it('changes neither results nor gradients, ties included', async () => {
    const layers = fc.record({
      channels: fc.integer({ min: 1, max: 3 }),
      outputs: fc.integer({ min: 1, max: 4 }),
      kernel: fc.constantFrom(1, 3, 5),
      padding: fc.integer({ min: 0, max: 1 }),
      half: fc.integer({ min: 3, max: 5 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(layers, async ({ half, seed, ...rest }) => {
        // Kernels are odd, so that an odd side would leave an even output only with such a side.
        const layer = { ...rest, side: 2 * half + rest.kernel - 1 - 2 * rest.padding };
        const random = Random.from(seed, 'pool');
        // Few values, and flat regions: many windows tie, as on the background of digits.
        const values = (count: number) =>
          Float32Array.from({ length: count }, () => Math.max(0, random.integer(5) - 2));
        const { channels, outputs, kernel, side } = layer;
        const feeds = {
          x: float32(values(2 * channels * side * side), [2, channels, side, side]),
          w: float32(values(outputs * channels * kernel * kernel), [outputs, channels, kernel, kernel]),
          b: float32(values(outputs), [outputs]),
        };
        const plain = await evaluate(build(layer), feeds);
        const graph = build(layer);
        poolByPhases(graph, await inferTypes(graph, runtime));
        expect(graph.nodes.some(({ op }) => op === 'MaxPool')).toBe(false);
        const rewritten = await evaluate(graph, feeds);
        for (const [i, values] of plain.entries()) {
          for (const [j, value] of values.entries()) expect(rewritten[i]![j]).toBeCloseTo(value, 2);
        }
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it.each([
    ['many channels', { channels: 8, outputs: 2, kernel: 3, padding: 1, side: 8 }],
    ['odd outputs', { channels: 1, outputs: 2, kernel: 3, padding: 1, side: 7 }],
    ['strides', { channels: 1, outputs: 2, kernel: 3, padding: 1, side: 8, stride: 2 }],
    ['other windows', { channels: 1, outputs: 2, kernel: 3, padding: 1, side: 9, pool: 3 }],
  ])('leaves %s alone', async (_, layer) => {
    const graph = build(layer);
    poolByPhases(graph, await inferTypes(graph, runtime));
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Conv', 'MaxPool']);
  });

  const pair = { channels: 2, outputs: 2, kernel: 3, padding: 1, side: 8 };
  it.each<[string, (conv: Node, pool: Node, graph: Graph) => void]>([
    ['groups', (conv) => Object.assign(conv.attributes, { group: 2 })],
    ['dilations', (conv) => Object.assign(conv.attributes, { dilations: [2, 2], pads: [2, 2, 2, 2] })],
    [
      'automatic padding',
      (conv) => {
        delete conv.attributes.pads;
        conv.attributes.auto_pad = 'SAME_UPPER';
      },
    ],
    ['overlapping windows', (_, pool) => Object.assign(pool.attributes, { strides: [1, 1] })],
    ['windows without strides', (_, pool) => delete pool.attributes.strides],
    ['padded windows', (_, pool) => Object.assign(pool.attributes, { pads: [1, 1, 1, 1] })],
    ['spread windows', (_, pool) => Object.assign(pool.attributes, { dilations: [2, 2] })],
    ['a last window that is cut off', (_, pool) => Object.assign(pool.attributes, { ceil_mode: 1 })],
    ['positions that are asked for', (_, pool, graph) => pool.outputs.push(graph.unique('positions'))],
    ['averages', (_, pool) => Object.assign(pool, { op: 'AveragePool' })],
    ['a convolution that is read twice', (conv, _, graph) => void graph.add('Relu', [conv.outputs[0]])],
    ['a convolution that comes out', (conv, _, graph) => graph.addOutput(conv.outputs[0]!)],
  ])('leaves %s alone', async (_, change) => {
    const graph = build(pair);
    const [conv, pool] = graph.nodes as [Node, Node];
    change(conv, pool, graph);
    if (conv.attributes.group) graph.inputs.set('w', { elementType: 'float32', shape: [2, 1, 3, 3] });
    const before = structuredClone(graph.nodes);
    poolByPhases(graph, await inferTypes(graph, runtime));
    expect(graph.nodes).toEqual(before);
  });

  it('rewrites the pair that those cases vary', async () => {
    const graph = build(pair);
    poolByPhases(graph, await inferTypes(graph, runtime));
    expect(graph.nodes.map(({ op }) => op)).not.toContain('MaxPool');
  });

  it('takes kernels, images and borders that are not square, and no bias', async () => {
    const make = () => {
      const graph = new Graph();
      graph.addInput('x', 'float32', [2, 1, 9, 14]);
      graph.addInput('w', 'float32', [3, 1, 4, 2]);
      graph.addInput('b', 'float32', [3]);
      const conv = graph.add('Conv', ['x', 'w'], { kernel_shape: [4, 2], pads: [0, 1, 2, 0] });
      const pool = graph.add('MaxPool', [conv], { kernel_shape: [2, 2], strides: [2, 2] });
      graph.addOutput(pool);
      return graph;
    };
    const random = Random.from(3, 'oblong');
    const values = (count: number) => Float32Array.from({ length: count }, () => random.normal());
    const feeds = {
      x: float32(values(252), [2, 1, 9, 14]),
      w: float32(values(24), [3, 1, 4, 2]),
      b: float32(values(3), [3]),
    };
    const graph = make();
    poolByPhases(graph, await inferTypes(graph, runtime));
    expect(graph.nodes.map(({ op }) => op)).not.toContain('MaxPool');
    const [plain, rewritten] = [await evaluate(make(), feeds), await evaluate(graph, feeds)];
    for (const [i, values] of plain.entries()) {
      expect(rewritten[i]!.length).toBe(values.length);
      for (const [j, value] of values.entries()) expect(rewritten[i]![j]).toBeCloseTo(value, 3);
    }
  });

  it('gives digits on an even background the same kernel gradients', async () => {
    const layer = { channels: 1, outputs: 10, kernel: 5, padding: 0, side: 28 };
    const random = Random.from(4, 'background');
    const values = (count: number) => Float32Array.from({ length: count }, () => random.normal() / 5);
    for (const background of [0, 1, 0.37]) {
      const pixels = Float32Array.from({ length: 2 * 784 }, (_, i) => {
        const inside = [i % 28, Math.floor(i / 28) % 28].every((at) => at >= 9 && at < 19);
        return inside ? random.uniform() : background;
      });
      const feeds = {
        x: float32(pixels, [2, 1, 28, 28]),
        w: float32(values(250), [10, 1, 5, 5]),
        b: float32(values(10), [10]),
      };
      const graph = build(layer);
      poolByPhases(graph, await inferTypes(graph, runtime));
      const [plain, rewritten] = [await evaluate(build(layer), feeds), await evaluate(graph, feeds)];
      // The image's own gradient may go to another of the pixels that tie; nothing is trained by it.
      for (const i of [0, 2, 3]) {
        const largest = plain[i]!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        for (const [j, value] of plain[i]!.entries())
          expect(Math.abs(rewritten[i]![j]! - value)).toBeLessThan(1e-5 * largest);
      }
    }
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differentiate } from '../autodiff/index.ts';
import { createModel, float32, Graph, type TensorData, writeModel } from '../onnx/index.ts';
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
});

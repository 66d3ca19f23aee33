/** What the ONNX Runtime behind a runtime can do beyond what all can: found out by trying. */
import { createModel, float32, Graph, writeModel } from '../onnx/index.ts';
import type { Runtime } from './runtime.ts';

export interface Abilities {
  /**
   * How many channels its blocked image layout (domain `com.microsoft.nchwc`) keeps together: 8 or 16 by the
   * processor's vectors; 1 where there is no such layout, as in a browser.
   */
  block: number;
  /**
   * What computes. Two things that the processor can are not to be had from WebGPU (ONNX Runtime 1.30): max pooling
   * that says where the maxima stood, and convolutions that are right in all forms that gradients use.
   */
  device: 'cpu' | 'gpu';
}

/** What all can do. */
export const LEAST_ABILITIES: Abilities = { block: 1, device: 'gpu' };

/** No processor's vectors hold more 32-bit numbers. */
const MOST = 32;

const known = new WeakMap<Runtime, Promise<Abilities>>();

/** Tries some small models, once a runtime. */
export function abilitiesOf(runtime: Runtime): Promise<Abilities> {
  const found = known.get(runtime) ?? tryOut(runtime);
  known.set(runtime, found);
  return found;
}

async function tryOut(runtime: Runtime): Promise<Abilities> {
  return { block: await blockSize(runtime), device: await device(runtime) };
}

/** Reorders two positions of many channels: the second position begins behind the first one's block. */
async function blockSize(runtime: Runtime): Promise<number> {
  const shape = [1, MOST, 1, 2];
  const values = Float32Array.from({ length: 2 * MOST }, (_, i) => i);
  const [blocked] = await results(runtime, shape, values, (graph, x) => [
    graph.add('ReorderInput', [x], {}, { domain: 'com.microsoft.nchwc' }),
  ]);
  return Math.max(1, (blocked ?? []).indexOf(1));
}

/** Pools with indices. */
async function device(runtime: Runtime): Promise<'cpu' | 'gpu'> {
  const [, indices] = await results(runtime, [1, 1, 2, 2], Float32Array.of(1, 2, 4, 3), (graph, x) =>
    graph.addMany('MaxPool', [x], 2, { kernel_shape: [2, 2] }),
  );
  return indices?.[0] === 2 ? 'cpu' : 'gpu';
}

/** What a small model gives; nothing where ONNX Runtime does not know its operators. */
async function results(
  runtime: Runtime,
  shape: readonly number[],
  values: Float32Array,
  build: (graph: Graph, x: string) => readonly string[],
): Promise<number[][]> {
  const graph = new Graph('abilities');
  const outputs = build(graph, graph.addInput('x', 'float32', shape));
  for (const output of outputs) graph.addOutput(output);
  try {
    const session = await runtime.createSession(writeModel(createModel(graph)), { optimization: 'none' });
    try {
      const tensors = await session.run({ x: float32(values, shape) });
      return outputs.map((name) => Array.from(tensors[name]!.data as Iterable<number | bigint>, Number));
    } finally {
      await session.release();
    }
  } catch {
    return [];
  }
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeRuntime } from '../runtime/node.ts';
import { createModel, float, Graph } from './graph.ts';
import { readModel } from './read.ts';
import { float32, type TensorData } from './tensor.ts';
import { ELEMENT_TYPES, models, sampleModel, tensors } from './testing.ts';
import { writeModel } from './write.ts';

const SEED = { seed: 20_181_211 };

describe('what is written and read again', () => {
  it('is the same', () => {
    fc.assert(
      fc.property(models, (model) => {
        const bytes = writeModel(model);
        const read = readModel(bytes);
        expect(read).toEqual(model);
        expect([...read.metadata]).toEqual([...model.metadata]);
        expect(writeModel(read)).toEqual(bytes);
      }),
      { ...SEED, numRuns: 200 },
    );
  });

  it('is the same in a buffer that begins anywhere', () => {
    fc.assert(
      fc.property(tensors, fc.nat(7), (tensor, offset) => {
        const graph = new Graph();
        graph.addInitializer('w', tensor);
        const bytes = writeModel(createModel(graph));
        // Node's Buffer, as files are read into, and its views.
        const buffer = Buffer.alloc(bytes.length + offset);
        buffer.set(bytes, offset);
        expect(readModel(buffer.subarray(offset)).graph.initializers.get('w')).toEqual(tensor);
      }),
      { ...SEED, numRuns: 100 },
    );
  });

  it('keeps the end of an int64 range, which no JavaScript number is', () => {
    const graph = new Graph();
    graph.add('Made', [], { ends: [2 ** 63, -(2 ** 63)], end: 2 ** 70 });
    const [node] = readModel(writeModel(createModel(graph))).graph.nodes;
    expect(node!.attributes).toEqual({ ends: [2 ** 63, -(2 ** 63)], end: 2 ** 63 });
  });

  it('rounds float attributes to float32', () => {
    const graph = new Graph();
    graph.add('Made', [], { alpha: float(0.1) });
    const [node] = readModel(writeModel(createModel(graph))).graph.nodes;
    expect(node!.attributes.alpha).toEqual(float(Math.fround(0.1)));
  });
});

describe('ONNX Runtime', () => {
  it('runs what is written, and the same after reading and writing again', async () => {
    const runtime = await nodeRuntime({ threads: 1, place: 'here' });
    const bytes = writeModel(sampleModel());
    const x = float32([1, 0, 2], [1, 3]);
    for (const model of [bytes, writeModel(readModel(bytes))]) {
      const session = await runtime.createSession(model);
      const value = async (flag: number) => {
        const feeds = {
          x,
          flag: { elementType: 'bool', shape: [], data: Uint8Array.of(flag) } as TensorData,
        };
        const [output] = Object.values(await session.run(feeds));
        return [...(output!.data as Float32Array)];
      };
      // 0.5 · x·w is [5.5, 7]; the row added is [1, 2], the least [-3, -4].
      expect(await value(1)).toEqual([-3, -4]);
      expect(await value(0)).toEqual([6.5, 9]);
    }
    await runtime.dispose();
  });

  // The JavaScript binding has no arrays for halves.
  it.each(ELEMENT_TYPES.filter((type) => !type.endsWith('float16')))('reads %s as it was', async (type) => {
    const runtime = await nodeRuntime({ threads: 1, place: 'here' });
    const some = tensors.filter((tensor) => tensor.elementType === type && tensor.data.length > 2);
    const [tensor] = fc.sample(some, { ...SEED, numRuns: 1 });
    const graph = new Graph();
    graph.addInitializer('w', tensor!);
    graph.addOutput('w');
    const session = await runtime.createSession(writeModel(createModel(graph)));
    const { w } = await session.run({});
    expect({ ...w!, shape: [...w!.shape] }).toEqual(tensor);
    await runtime.dispose();
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import { memorySource } from '../data/index.ts';
import { createModel, Graph, writeModel } from '../onnx/index.ts';
import { runtime } from '../training/testing.ts';
import { readLogits } from './logits.ts';

afterAll(() => runtime.dispose());

describe('readLogits', () => {
  it.each(['batch', 4, 1])('reads the images asked for, with a batch of %s', async (batch) => {
    const graph = new Graph('flat');
    graph.addOutput(graph.add('Flatten', [graph.addInput('x', 'float32', [batch, 1, 1, 2])], { axis: 1 }));
    const [logits] = graph.outputs.keys();
    const session = await runtime.createSession(writeModel(createModel(graph)));
    const pixels = Float32Array.from({ length: 20 }, (_, i) => i);
    const set = memorySource({ name: 'set', shape: [1, 1, 2], pixels, fingerprint: '' });
    const done: number[] = [];
    const indices = Uint32Array.of(9, 0, 3, 3, 5, 1);
    const read = await readLogits(session, { pixels: 'x', logits: logits! }, set, indices, (count) =>
      done.push(count),
    );
    expect(read.classes).toBe(2);
    expect([...read.logits]).toEqual([18, 19, 0, 1, 6, 7, 6, 7, 10, 11, 2, 3]);
    expect(done.reduce((sum, count) => sum + count)).toBe(6);
    await session.release();
  });
});

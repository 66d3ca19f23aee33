import { expect, it } from 'vitest';
import { type Attribute, createModel, float32, Graph, sizeOf, writeModel } from '../../onnx/index.ts';
import { Random } from '../../random.ts';
import { inferTypes } from '../../runtime/index.ts';
import { runtime } from '../testing.ts';
import { transposedProducts } from './transposed-products.ts';

it.each<[string, number[], number[], Record<string, Attribute>, string[]]>([
  ['from a point', [3, 5, 1, 1], [5, 2, 4, 4], {}, ['MatMul']],
  ['doubling', [2, 3, 4, 5], [3, 2, 4, 4], { strides: [2, 2], pads: [1, 1, 1, 1] }, ['MatMul', 'Col2Im']],
  ['dilated', [2, 3, 4, 4], [3, 2, 3, 2], { dilations: [2, 1], pads: [1, 0, 0, 0] }, ['MatMul', 'Col2Im']],
  ['in groups, left as it is', [2, 4, 3, 3], [4, 2, 3, 3], { group: 2 }, ['ConvTranspose']],
  [
    'padded behind, left as it is',
    [1, 2, 3, 3],
    [2, 2, 3, 3],
    { strides: [2, 2], output_padding: [1, 0] },
    ['ConvTranspose'],
  ],
])('gives what the convolution gives: %s', async (_, x, w, attributes, operators) => {
  const random = Random.from(1);
  const shapes: Record<string, number[]> = { x, w };
  const feeds = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      float32(
        Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
        shape,
      ),
    ]),
  );
  const graph = new Graph();
  for (const [name, shape] of Object.entries(shapes)) graph.addInput(name, 'float32', shape);
  const y = graph.add('ConvTranspose', ['x', 'w'], attributes);
  graph.addOutput(y);
  const run = async () => {
    const session = await runtime.createSession(writeModel(createModel(graph)));
    const results = await session.run(feeds);
    await session.release();
    return results[y]!;
  };
  const before = await run();
  transposedProducts(graph, await inferTypes(graph, runtime));
  const used = graph.nodes.map(({ op }) => op);
  for (const op of operators) expect(used).toContain(op);
  const after = await run();
  expect(after.shape).toEqual(before.shape);
  for (const [i, value] of (before.data as Float32Array).entries())
    expect(after.data[i]).toBeCloseTo(value, 4);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { float32, Graph, int64, staticShape } from '../onnx/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { foldShapes } from './static-shapes.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

it('works out what follows from shapes, and nothing that follows from values', async () => {
  const graph = new Graph();
  graph.addInput('x', 'float32', [2, 6, 4]);
  graph.addInitializer('w', float32([1, 2], [2]));
  const shape = graph.add('Shape', ['x']);
  const batch = graph.add('Gather', [shape, graph.constant(int64([0], []))]);
  const time = graph.add('Gather', [shape, graph.constant(int64([1], []))]);
  const half = graph.add('Div', [time, graph.constant(int64([2], []))], {}, { name: 'half' });
  const end = graph.add('Unsqueeze', [half, graph.ints([0])], {}, { name: 'end' });
  const sizes = graph.add(
    'Concat',
    [graph.add('Unsqueeze', [batch, graph.ints([0])]), end, graph.ints([-1])],
    { axis: 0 },
  );
  const part = graph.add('Slice', ['x', graph.ints([0]), end, graph.ints([1])], {}, { name: 'part' });
  const reshaped = graph.add('Reshape', [part, sizes], {}, { name: 'reshaped' });
  const largest = graph.add('ArgMax', [reshaped], { axis: 2 }, { name: 'largest' });
  graph.addOutput(graph.add('Cast', [largest], { to: 1 }));
  const types = await foldShapes(graph, runtime);
  expect(graph.nodes.map(({ name }) => name)).toEqual(['part', 'reshaped', 'largest', 'Cast']);
  expect(graph.initializers.get('end')).toEqual(int64([3]));
  expect(graph.initializers.get(sizes)).toEqual(int64([2, 3, -1]));
  expect(staticShape(types.get('reshaped'))).toEqual([2, 3, 4]);
  expect(staticShape(types.get('largest'))).toEqual([2, 3, 1]);
});

it('leaves a graph without such things alone', async () => {
  const graph = new Graph();
  graph.addInput('x', 'float32', [2]);
  graph.addOutput(graph.add('Relu', ['x']));
  const nodes = structuredClone(graph.nodes);
  await foldShapes(graph, runtime);
  expect(graph.nodes).toEqual(nodes);
});

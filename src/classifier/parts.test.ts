import { describe, expect, it } from 'vitest';
import { convNet } from '../nn/index.ts';
import { createModel, float32, Graph } from '../onnx/index.ts';
import { partsOf } from './parts.ts';

const weights = Float32Array.of(1, 2, 3, 4, 5, 6);

/** Three features to two classes, by a layer built as given. */
function ending(build: (graph: Graph, features: string) => string) {
  const graph = new Graph('ending');
  const x = graph.addInput('pixels', 'float32', ['n', 3, 1, 1]);
  graph.addOutput(build(graph, graph.add('Flatten', [x], { axis: 1 }, { name: 'features' })));
  return createModel(graph);
}
const stored = (graph: Graph, name: string, shape: number[], data: Float32Array) =>
  graph.addInitializer(name, float32(data, shape));
const bias = (graph: Graph) => stored(graph, 'b', [2], Float32Array.of(7, 8));

describe('partsOf', () => {
  it.each([
    [
      'Gemm with transposed weights',
      (graph: Graph, z: string) =>
        graph.add('Gemm', [z, stored(graph, 'w', [2, 3], weights), bias(graph)], { transB: 1 }),
    ],
    [
      'MatMul and Add',
      (graph: Graph, z: string) => {
        const w = stored(graph, 'w', [3, 2], Float32Array.of(1, 4, 2, 5, 3, 6));
        return graph.add('Add', [bias(graph), graph.add('MatMul', [z, w])]);
      },
    ],
    [
      'MatMul with a Transpose, behind an Identity',
      (graph: Graph, z: string) => {
        const w = graph.add('Transpose', [stored(graph, 'w', [2, 3], weights)], { perm: [1, 0] });
        const sum = graph.add('Add', [graph.add('MatMul', [z, w]), bias(graph)]);
        return graph.add('Identity', [sum]);
      },
    ],
  ])('finds the last layer: %s', (_, build) => {
    const parts = partsOf(ending(build));
    expect(parts.features).toBe('features');
    expect(parts.head).toEqual({ weights, bias: Float32Array.of(7, 8), classes: 2, width: 3 });
  });

  it('knows a layer without bias, and none at all', () => {
    const without = partsOf(
      ending((graph, z) => graph.add('Gemm', [z, stored(graph, 'w', [2, 3], weights)], { transB: 1 })),
    );
    expect([...without.head!.bias]).toEqual([0, 0]);
    const none = partsOf(ending((graph, z) => graph.add('Relu', [z])));
    expect([none.features, none.head]).toEqual([undefined, undefined]);
  });

  it('takes features by name, the head only with its own input', () => {
    const model = convNet({ seed: 1 });
    const { features, head } = partsOf(model);
    expect(head).toMatchObject({ classes: 10, width: 50 });
    expect(partsOf(model, { features: features! }).head).toEqual(head);
    const other = model.graph.nodes[0]!.outputs[0]!;
    expect(partsOf(model, { features: other })).toMatchObject({ features: other, head: undefined });
    expect(() => partsOf(model, { features: `${features}x` })).toThrowError(
      `did you mean "${features}"? The last linear layer's input is "${features}"`,
    );
  });
});

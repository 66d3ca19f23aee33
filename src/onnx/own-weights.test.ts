import { describe, expect, it } from 'vitest';
import { createModel, Graph } from './graph.ts';
import { withOwnWeights, withWeights } from './own-weights.ts';
import { float32, int64 } from './tensor.ts';

const vector = (...values: number[]) => float32(values, [values.length]);

describe('withOwnWeights', () => {
  it('brings weights out of constants, and leaves settings there', () => {
    const graph = new Graph();
    graph.addInput('x', 'float32', ['n', 2]);
    const w = graph.add('Constant', [], { value: float32([1, 2, 3, 4], [2, 2]) }, { name: 'w' });
    const b = graph.add('Constant', [], { value: vector(5, 6) }, { name: 'b' });
    const mean = graph.add('Constant', [], { value: vector(7, 8) }, { name: 'mean' });
    const shape = graph.add('Constant', [], { value: int64([-1, 2]) }, { name: 'shape' });
    const product = graph.add('MatMul', [graph.add('Sub', ['x', mean]), w]);
    graph.addOutput(graph.add('Reshape', [graph.add('Add', [b, product]), shape]));
    const own = withOwnWeights(createModel(graph));
    expect([...own.graph.initializers]).toEqual([
      ['w', float32([1, 2, 3, 4], [2, 2])],
      ['b', vector(5, 6)],
    ]);
    expect(own.graph.nodes.map(({ name }) => name).slice(0, 2)).toEqual(['mean', 'shape']);
    expect(graph.initializers.size).toBe(0);
    expect(withOwnWeights(own)).toBe(own);
  });

  it('gives each batch normalization averages of its own', () => {
    const graph = new Graph();
    graph.addInput('x', 'float32', ['n', 2, 1, 1]);
    graph.addInitializer('zeros', vector(0, 0));
    graph.addInitializer('ones', vector(1, 1));
    graph.addInitializer('table', float32([1, 0], [1, 2]));
    const passed = graph.add('Identity', ['zeros'], {}, { name: 'passed' });
    graph.add('Identity', ['table'], {}, { name: 'tied' });
    const first = graph.add('BatchNormalization', ['x', 'ones', 'zeros', 'zeros', 'ones']);
    graph.addOutput(graph.add('BatchNormalization', [first, 'ones', passed, 'zeros', 'ones']));
    const model = createModel(graph);
    const { nodes, initializers } = withOwnWeights(model).graph;
    expect(nodes.map(({ op }) => op)).toEqual(['Identity', 'BatchNormalization', 'BatchNormalization']);
    expect(nodes[2]!.inputs.slice(2)).toEqual(['passed', 'zeros.1', 'ones.1']);
    expect(initializers.get('ones.1')).toEqual(vector(1, 1));
    // What was told apart can be given values.
    const changed = withWeights(model, new Map([['zeros.1', vector(3, 4)]])).graph;
    expect([changed.initializers.get('zeros'), changed.initializers.get('zeros.1')]).toEqual([
      vector(0, 0),
      vector(3, 4),
    ]);
  });
});

it('withWeights refuses names that are not there', () => {
  const graph = new Graph();
  graph.addInitializer('w', vector(1));
  expect(() => withWeights(createModel(graph), new Map([['v', vector(1)]]))).toThrow(
    'no initializer named "v"',
  );
});

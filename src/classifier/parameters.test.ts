import { describe, expect, it } from 'vitest';
import { float32, Graph, int64 } from '../onnx/index.ts';
import { frozenBy, trainableParameters } from './parameters.ts';

const vector = (...values: number[]) => float32(values, [values.length]);

describe('trainableParameters', () => {
  it('are weights, not what pixels are scaled by, settings, or numbers that stand alone', () => {
    const graph = new Graph();
    const x = graph.addInput('x', 'float32', ['n', 3, 4, 4]);
    const stored: [string, ReturnType<typeof float32>][] = [
      ['mean', float32([1, 2, 3], [1, 3, 1, 1])],
      ['std', float32([1, 2, 3], [1, 3, 1, 1])],
      ['scales', vector(1, 1, 2, 2)],
      ['kernel', float32([1, 2, 3], [1, 3, 1, 1])],
      ['bias', vector(1)],
      ['two', float32([2], [])],
      ['shift', float32([1], [1, 1, 1])],
      ['ids', int64([1])],
    ];
    for (const [name, tensor] of stored) graph.addInitializer(name, tensor);
    const scaled = graph.add('Div', [graph.add('Sub', [x, 'mean']), 'std']);
    const resized = graph.add('Resize', [scaled, undefined, 'scales']);
    const convolved = graph.add('Conv', [resized, 'kernel', 'bias']);
    graph.addOutput(graph.add('Add', [graph.add('Pow', [convolved, 'two']), 'shift']));
    expect(trainableParameters(graph)).toEqual(['kernel', 'bias', 'shift']);
    expect(trainableParameters(graph, frozenBy(['k*'], graph.initializers.keys()))).toEqual([
      'bias',
      'shift',
    ]);
  });
});

describe('frozenBy', () => {
  const names = ['features.0.weight', 'features.1.weight', 'fc.weight', 'fc+bias'];
  it.each([
    ['features.*', ['fc.weight', 'fc+bias']],
    ['features.?.weight', ['fc.weight', 'fc+bias']],
    ['*.weight', ['fc+bias']],
    ['fc+bias', ['features.0.weight', 'features.1.weight', 'fc.weight']],
  ])('%s', (pattern, left) => expect(names.filter(frozenBy([pattern], names))).toEqual(left));
  it('refuses a pattern that matches nothing, and says what is near', () => {
    expect(() => frozenBy(['fc', 'fc.wieght'], names)).toThrow(/"fc": no initializer/);
    expect(() => frozenBy(['fc.wieght'], names)).toThrow('the nearest is "fc.weight"');
  });
});

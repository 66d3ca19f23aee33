import { describe, expect, it } from 'vitest';
import { bindDimensions, initializersToInputs, inputsOf, removeUnused, staticShape } from './edit.ts';
import { Graph } from './graph.ts';
import { float32, int64, scalar, sizeOf } from './tensor.ts';

describe('names', () => {
  it('are made unique, around those that are there', () => {
    const graph = new Graph();
    graph.addInput('x', 'float32', []);
    graph.addInitializer('x.1', float32([], [0]));
    expect([graph.unique('x'), graph.unique('x'), graph.unique('y')]).toEqual(['x.2', 'x.3', 'y']);
    graph.reserve('z');
    expect(graph.unique('z')).toBe('z.1');
  });

  it('cannot be given twice', () => {
    const graph = new Graph('mine');
    graph.addInput('x', 'float32', []);
    expect(() => graph.addInput('x', 'float32', [])).toThrow(/"mine" already has a value named "x"/);
    expect(() => graph.addInitializer('x', float32([], [0]))).toThrow(/already has/);
  });

  it('of nodes and outputs follow the hint', () => {
    const graph = new Graph();
    expect(graph.add('Neg', ['x'])).toBe('Neg');
    expect(graph.add('Neg', ['x'], {}, { name: 'minus' })).toBe('minus');
    expect(graph.addMany('Split', ['x'], 2)).toEqual(['Split.0', 'Split.1']);
    expect(graph.nodes.map(({ name }) => name)).toEqual(['Neg', 'minus', 'Split.0']);
    expect(graph.producers().get('Split.1')).toBe(graph.nodes[2]);
  });
});

describe('constants', () => {
  it('of the same number and type are stored once', () => {
    const graph = new Graph();
    expect(graph.scalar(1)).toBe(graph.scalar(1));
    expect(graph.scalar(1)).not.toBe(graph.scalar(1, 'float64'));
    expect(graph.scalar(0)).not.toBe(graph.scalar(-0));
    expect(graph.ints([1, 2])).toBe(graph.ints([1, 2]));
    expect(graph.ints([1])).not.toBe(graph.ints([1, 2]));
    expect(graph.initializers.get(graph.ints([]))).toEqual(int64([]));
  });

  it('come back after a clean-up', () => {
    const graph = new Graph();
    graph.scalar(2);
    removeUnused(graph);
    expect(graph.initializers.size).toBe(0);
    expect(graph.initializers.get(graph.scalar(2))).toEqual(scalar(2));
  });

  it('have shapes that fit their numbers', () => {
    expect(() => float32([1, 2], [3])).toThrow(/shape \[3\] holds 3 values, but 2 were given/);
    expect(() => scalar(1, 'float16')).toThrow(/no constant of type float16/);
    expect([sizeOf([]), sizeOf([2, 3]), sizeOf([2, 0])]).toEqual([1, 6, 0]);
  });
});

it('copies so that neither changes the other, subgraphs included', () => {
  const graph = new Graph();
  graph.addInput('x', 'float32', []);
  const inner = new Graph();
  inner.addOutput(inner.add('Neg', ['x']));
  graph.addOutput(graph.add('If', ['c'], { then_branch: inner }, { metadata: { a: 'b' } }));
  const copy = graph.clone();
  expect(copy).toEqual(graph);
  const before = structuredClone(graph.nodes.map(({ op, inputs, metadata }) => ({ op, inputs, metadata })));
  copy.nodes[0]!.inputs[0] = 'other';
  copy.nodes[0]!.metadata!.a = 'c';
  (copy.nodes[0]!.attributes.then_branch as Graph).nodes.pop();
  expect(graph.nodes.map(({ op, inputs, metadata }) => ({ op, inputs, metadata }))).toEqual(before);
  expect(inner.nodes).toHaveLength(1);
  expect(copy.unique('x')).toBe('x.1');
});

describe('edits', () => {
  it('bind dimensions by name, and only those', () => {
    const graph = new Graph();
    graph.addInput('x', 'float32', ['batch', 3, undefined, 'constructor']);
    graph.addInput('y', 'float32', undefined);
    graph.addOutput('z', { elementType: 'float32', shape: ['batch'] });
    bindDimensions(graph, { batch: 8 });
    expect(graph.inputs.get('x')!.shape).toEqual([8, 3, undefined, 'constructor']);
    expect(graph.inputs.get('y')!.shape).toBeUndefined();
    expect([...graph.outputs]).toEqual([['z', undefined]]);
  });

  it('turn initializers into inputs', () => {
    const graph = new Graph();
    graph.addInitializer('w', float32([1, 2], [2]));
    initializersToInputs(graph, ['w']);
    expect(graph.inputs.get('w')).toEqual({ elementType: 'float32', shape: [2] });
    expect(graph.initializers.size).toBe(0);
    expect(() => initializersToInputs(graph, ['w'])).toThrow(/no initializer named "w"/);
  });

  it('remove what no output needs, and keep what subgraphs need', () => {
    const graph = new Graph();
    for (const name of ['a', 'b', 'c', 'd']) graph.addInitializer(name, float32([1], [1]));
    const inner = new Graph();
    inner.addOutput(inner.add('Neg', ['a']));
    inner.addOutput('d');
    const [kept, spare] = graph.addMany('Split', ['b'], 2);
    graph.add('Neg', [graph.add('Neg', ['c'])]);
    graph.addOutput(graph.add('If', [kept], { then_branch: inner }));
    removeUnused(graph);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Split', 'If']);
    expect([...graph.initializers.keys()]).toEqual(['a', 'b', 'd']);
    expect(graph.nodes[0]!.outputs).toContain(spare);
    expect(inputsOf(graph.nodes[1]!)).toEqual(expect.arrayContaining([kept, 'a', 'd']));
  });

  it('know a shape only when all of it is numbers', () => {
    expect(staticShape({ elementType: 'float32', shape: [1, 2] })).toEqual([1, 2]);
    for (const shape of [undefined, ['batch'], [undefined]])
      expect(staticShape({ elementType: 'float32', shape })).toBeUndefined();
    expect(staticShape(undefined)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { dataTypeOf } from '../data-types.ts';
import { createModel, Graph } from '../graph.ts';
import { withWeights } from '../own-weights.ts';
import { float32 } from '../tensor.ts';
import { fromFloat16, narrowed, toFloat16, widened } from './halves.ts';
import { upgradeModel } from './index.ts';

describe('float16', () => {
  it('comes back from every one of its 65,536 numbers', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromFloat16(bits);
      if (Number.isNaN(value)) expect(fromFloat16(toFloat16(value))).toBeNaN();
      else expect(toFloat16(value)).toBe(bits);
    }
  });
  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [2 ** -25 * 1.01, 1],
    [2 ** -14, 0x0400],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 / 3, 0x3555],
  ])('of %d is %i', (value, bits) => expect(toFloat16(value)).toBe(bits));
});

it('bfloat16 is rounded to even', () => {
  const half = narrowed(float32([1, -1.5, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38], [5]), 'bfloat16');
  expect([...(half.data as Uint16Array)]).toEqual([0x3f80, 0xbfc0, 0x3f80, 0x3f82, 0x7f80]);
  expect([...(widened(half).data as Float32Array)].slice(0, 4)).toEqual([1, -1.5, 1, 1 + 2 ** -6]);
});

describe('a model in halves', () => {
  const model = () => {
    const graph = new Graph();
    graph.addInput('x', 'float32', ['n', 2]);
    const half = narrowed(float32([1, 2, 3, 4], [2, 2]), 'float16');
    graph.addInitializer('w', half);
    const low = graph.add('Cast', ['x'], { to: dataTypeOf('float16') });
    const added = graph.add('Constant', [], { value: narrowed(float32([0.5], []), 'float16') });
    graph.addOutput(graph.add('Add', [graph.add('MatMul', [low, 'w']), added]), {
      elementType: 'float16',
      shape: ['n', 2],
    });
    return createModel(graph);
  };
  it('becomes one in float32: weights, constants, casts and outputs', () => {
    const { graph } = upgradeModel(model());
    expect(graph.initializers.get('w')).toEqual(float32([1, 2, 3, 4], [2, 2]));
    expect(graph.nodes[0]!.attributes.to).toBe(dataTypeOf('float32'));
    expect(graph.nodes[1]!.attributes.value).toEqual(float32([0.5], []));
    expect([...graph.outputs.values()][0]!.elementType).toBe('float32');
  });
  it('takes weights back in its own precision, and refuses what it cannot hold', () => {
    const given = model();
    const trained = withWeights(given, new Map([['w', float32([1.0001, 2.5, -3, 0], [2, 2])]]));
    expect(trained.graph.initializers.get('w')).toEqual(
      narrowed(float32([1, 2.5, -3, 0], [2, 2]), 'float16'),
    );
    expect(given.graph.initializers.get('w')!.data[0]).toBe(0x3c00);
    expect(() => withWeights(given, new Map([['w', float32([1e6, 0, 0, 0], [2, 2])]]))).toThrow(
      '"w" holds values beyond what float16 can',
    );
  });
});

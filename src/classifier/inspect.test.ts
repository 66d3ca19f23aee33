import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { convNet } from '../nn/index.ts';
import { createModel, float32, Graph, readModel } from '../onnx/index.ts';
import { inspectModel } from './inspect.ts';

const exported = (name: string) =>
  inspectModel(
    readModel(readFileSync(new URL(`../../test/fixtures/exported/${name}.onnx`, import.meta.url))),
  );

describe('inspectModel', () => {
  it('tells what a network of ours is', () => {
    const found = inspectModel(convNet({ seed: 1 }));
    expect(found).toMatchObject({
      opset: 21,
      inputs: [{ name: 'pixels', elementType: 'float32', shape: ['batch', 1, 28, 28] }],
      logits: 'logits',
      endsInSoftmax: false,
      features: { width: 50 },
      classes: 10,
      parameterCount: 21840,
      tune: { works: true },
      score: { works: true },
      detectors: { logits: { works: true }, features: { works: true } },
    });
    expect(found.operators.every(({ gradient }) => gradient !== 'missing')).toBe(true);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it('tells what an exported one is', () => {
    const found = exported('mobilenet-v2-9');
    expect(found).toMatchObject({
      opset: 9,
      batchNormalizations: 8,
      classes: 10,
      tune: { works: true, why: null },
    });
    expect(found.operators[0]).toEqual({ name: 'BatchNormalization', count: 8, gradient: 'rule' });
    expect(found.parameters.map(({ name }) => name)).toContain('features.0.1.running_mean');
  });

  it('knows that texts need words', () => {
    const { tune, score, operators } = exported('distilbert-14');
    for (const ability of [tune, score]) {
      expect(ability.works).toBe(false);
      expect(ability.why).toContain('which word has which');
    }
    expect(operators.find(({ name }) => name === 'Shape')!.gradient).toBe('not needed');
  });

  it('leaves a last Softmax out, and names operators without gradients that are in the way', () => {
    const graph = new Graph();
    graph.addInput('x', 'float32', ['n', 1, 2, 2]);
    graph.addInitializer('w', float32([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]));
    const before = graph.add('Det', ['x']);
    const product = graph.add('MatMul', [graph.add('Flatten', ['x']), 'w']);
    graph.addOutput(graph.add('Softmax', [graph.add('Asinh', [product])], { axis: 1 }));
    graph.addOutput(before);
    expect(inspectModel(createModel(graph)).tune.why).toContain('one output of logits');
    graph.outputs.delete(before);
    const found = inspectModel(createModel(graph));
    expect(found).toMatchObject({
      endsInSoftmax: true,
      logits: 'Asinh',
      features: null,
      batchNormalizations: 0,
    });
    expect(found.tune.why).toContain('no gradient rule for Asinh:');
    expect(Object.fromEntries(found.operators.map(({ name, gradient }) => [name, gradient]))).toMatchObject({
      Asinh: 'missing',
      Det: 'not needed',
      Flatten: 'not needed',
      MatMul: 'rule',
      Softmax: 'not needed',
    });
    graph.inputs.set('x', { elementType: 'float32', shape: [1, 1, 2, 2] });
    expect(inspectModel(createModel(graph)).tune.why).toContain('takes 1 example a call');
  });

  it('sees the last Softmax of older operator sets, and the features before it', () => {
    const graph = new Graph();
    graph.addInput('x', 'float32', ['n', 1, 2, 2]);
    graph.addInitializer('w', float32([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]));
    graph.addInitializer('b', float32([0, 1], [2]));
    const flat = graph.add('Flatten', ['x']);
    const sum = graph.add('Add', [graph.add('MatMul', [flat, 'w']), 'b']);
    graph.addOutput(graph.add('Softmax', [sum], { axis: 1 }));
    const model = { ...createModel(graph), opsets: new Map([['', 9]]) };
    expect(inspectModel(model)).toMatchObject({
      endsInSoftmax: true,
      logits: sum,
      features: { name: flat, width: 4 },
      classes: 2,
      tune: { works: true },
    });
  });

  it.each([
    ['a map of the image', ['n', 1, 'h', 'w']],
    ['a row for each piece of it', ['n', 't', 40]],
    ['one probability', ['n', 1]],
  ])('says that %s is no logits', (_, shape) => {
    const graph = new Graph();
    graph.addInput('x', 'float32', ['n', 1, 'h', 'w']);
    graph.addOutput(graph.add('Sigmoid', ['x']), { elementType: 'float32', shape });
    const { tune, score, detectors } = inspectModel(createModel(graph));
    for (const { works, why } of [tune, score, detectors.logits]) {
      expect(works).toBe(false);
      expect(why).toContain(`is [${shape.join(', ')}], but [batch, classes]`);
    }
  });
});

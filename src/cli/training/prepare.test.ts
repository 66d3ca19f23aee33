import { describe, expect, it } from 'vitest';
import { convNet } from '../../nn/index.ts';
import { createModel, float32, Graph, type Model, readModel, writeModel } from '../../onnx/index.ts';
import { forImages, withWeightsOf } from './prepare.ts';

/** A classifier as others export it: sizes left open, Softmax at the end. */
function exported(batch: string | number | undefined): Model {
  const graph = new Graph('exported');
  const x = graph.addInput('x', 'float32', [batch, 'channels', 'height', 'width']);
  const weight = graph.addInitializer('weight', float32(new Float32Array(12), [4, 3]));
  const pooled = graph.add('Flatten', [graph.add('GlobalAveragePool', [x])], { axis: 1 });
  graph.addOutput(graph.add('Softmax', [graph.add('Gemm', [pooled, weight], { transB: 1 })]), {
    elementType: 'float32',
    shape: [batch, 4],
  });
  return createModel(graph, [['source', 'elsewhere']]);
}

describe('forImages', () => {
  it.each(['batch', undefined])('binds what the model leaves open, with a batch called %s', (batch) => {
    const model = exported(batch);
    const bound = forImages(model, [3, 8, 8], 'm.onnx');
    expect(bound.graph.inputs.get('x')!.shape).toEqual(['batch', 3, 8, 8]);
    expect(model.graph.inputs.get('x')!.shape).toEqual([batch, 'channels', 'height', 'width']);
  });

  it('refuses a batch of one size', () => {
    expect(() => forImages(exported(1), [3, 8, 8], 'm.onnx')).toThrowError(
      /m\.onnx takes 1 image a call .* dynamic batch dimension/,
    );
  });
});

describe('withWeightsOf', () => {
  it('gives the model back as it was, but for the weights', () => {
    const model = exported('batch');
    const trained = forImages(model, [3, 8, 8], 'm.onnx');
    const weights = float32(new Float32Array(12).fill(2), [4, 3]);
    trained.graph.initializers.set('weight', weights);
    const result = readModel(writeModel(withWeightsOf(model, trained)));
    expect(result.graph.initializers.get('weight')!.data).toEqual(weights.data);
    expect(result.graph.inputs).toEqual(model.graph.inputs);
    expect(result.graph.outputs).toEqual(model.graph.outputs);
    expect(result.metadata.get('source')).toBe('elsewhere');
    expect([...(model.graph.initializers.get('weight')!.data as Float32Array)]).toEqual(
      new Array(12).fill(0),
    );
    const same = convNet({ seed: 1 });
    expect(writeModel(withWeightsOf(same, same))).toEqual(writeModel(same));
  });
});

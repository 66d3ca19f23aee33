/** Small classifiers with thresholds. For tests only. */
import { createHash } from 'node:crypto';
import { createTokenizer, createVocabulary, withTokenizer } from '../data/index.ts';
import { findDetector } from '../detectors/index.ts';
import { createModel, float32, Graph, int64, type Model, writeModel } from '../onnx/index.ts';
import { chooseThreshold } from '../thresholds/index.ts';
import type { SavedThreshold } from '../thresholds/node/index.ts';

export const SIDE = 12;
export const SHAPE = [3, SIDE, SIDE] as const;
export const SIZE = 3 * SIDE * SIDE;

/** Knows bars by the third of the image that is bright, in the order of `names`. */
export function barsModel(weight = 0.03, names: readonly string[] = ['left', 'middle', 'right']): Model {
  const graph = new Graph('bars');
  const x = graph.addInput('x', 'float32', ['n', ...SHAPE]);
  const weights = Float32Array.from({ length: 3 * SIZE }, (_, i) =>
    Math.floor(((i % SIDE) * 3) / SIDE) === Math.floor(i / SIZE) ? weight : 0,
  );
  const head = graph.addInitializer('w', float32(weights, [3, SIZE]));
  graph.addOutput(graph.add('Gemm', [graph.add('Flatten', [x], { axis: 1 }), head], { transB: 1 }));
  return createModel(graph, [['classes', JSON.stringify(names)]]);
}

/** A bright third on dark ground. */
export function bar(third: number, bright = 0.9): Float32Array {
  return Float32Array.from({ length: SIZE }, (_, i) =>
    Math.floor(((i % SIDE) * 3) / SIDE) === third ? bright : 0.1,
  );
}

/** Grey all over: nothing that the model knows. */
export const grey = (): Float32Array => new Float32Array(SIZE).fill(0.5);

/** Tells "red" from "seven" by the mean of word vectors; other words are strange to it. */
export function wordsModel(): Model {
  const graph = new Graph('words');
  const tokens = graph.addInput('tokens', 'int64', ['n', 'time']);
  const vectors = graph.addInitializer('vectors', float32(Float32Array.of(0, 0, 0, 0, 40, 0, 0, 40), [4, 2]));
  const axes = graph.addInitializer('axes', int64([1], [1]));
  const found = graph.add('Gather', [vectors, tokens]);
  graph.addOutput(graph.add('ReduceMean', [found, axes], { keepdims: 0 }), {
    elementType: 'float32',
    shape: ['n', 2],
  });
  const tokenizer = createTokenizer({ vocabulary: createVocabulary(['red', 'seven']) });
  return withTokenizer(createModel(graph, [['classes', '["colour","number"]']]), tokenizer);
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A threshold of the maximum softmax probability at about −0.53, for a model. */
export function thresholdFor(model: Model, name = 'model.onnx'): SavedThreshold {
  const scores = Float32Array.from({ length: 199 }, (_, i) => -1 + i / 400);
  return {
    ...chooseThreshold(scores, { fpr: 0.05 }),
    rule: { fpr: 0.05 },
    detector: { detector: findDetector('msp'), state: {} },
    model: { name, sha256: sha256(writeModel(model)) },
    sets: [],
    data: [],
    versions: {},
  };
}

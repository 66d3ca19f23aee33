/** Cross-entropy on the in-distribution examples: how a classifier without Outlier Exposure is trained. */
import { float32 } from '../onnx/index.ts';
import type { BatchValues, Objective } from './objective.ts';

/** L = mean_i [ −log softmax(f(x_i))_{y_i} ]. */
export function crossEntropy(): Objective {
  return {
    name: 'cross-entropy',
    outliers: false,
    build(values) {
      const loss = meanCrossEntropy(values);
      return { loss, parts: { crossEntropy: loss } };
    },
  };
}

/** Adds the mean cross-entropy of the in-distribution logits against their labels; a scalar. */
export function meanCrossEntropy(values: BatchValues): string {
  const { graph } = values;
  return graph.add('Neg', [graph.add('ReduceMean', [logProbabilityOfLabels(values)], { keepdims: 0 })]);
}

/** Adds log softmax(z)_y of each in-distribution example, [inliers]. */
export function logProbabilityOfLabels({
  graph,
  inlierLogits,
  labels,
  classes,
}: Pick<BatchValues, 'graph' | 'inlierLogits' | 'labels' | 'classes'>): string {
  const logProbabilities = graph.add('LogSoftmax', [inlierLogits], { axis: -1 });
  const values = graph.constant(float32([0, 1], [2]), 'off-on');
  const target = graph.add('OneHot', [labels, graph.scalar(classes, 'int64'), values], { axis: -1 });
  return graph.add('ReduceSum', [graph.add('Mul', [logProbabilities, target]), graph.ints([1])], {
    keepdims: 0,
  });
}

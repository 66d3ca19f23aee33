/** Outlier Exposure for maximum-softmax-probability classifiers (Hendrycks, Mazeika & Dietterich 2019, section 3). */
import { meanCrossEntropy } from './cross-entropy.ts';
import { type BatchValues, type Objective, outlierLogitsOf } from './objective.ts';

/**
 * L = E_in[ cross-entropy ] + λ · E_out[ H(U; softmax f(x')) ], where H(U; p) = logsumexp(z) − mean_k z_k is the
 * cross-entropy from the uniform distribution to the prediction: outliers are to be predicted uniformly.
 *
 * @param lambda the weight of the outliers' term; default 0.5, the paper's for vision (1.0 for text)
 */
export function outlierExposure({ lambda = 0.5 }: { lambda?: number } = {}): Objective {
  return {
    name: 'outlier-exposure',
    outliers: true,
    build(values) {
      const inliers = meanCrossEntropy(values);
      const outliers = meanUniformCrossEntropy(values);
      const { graph } = values;
      const loss = graph.add('Add', [inliers, graph.add('Mul', [graph.scalar(lambda), outliers])]);
      return { loss, parts: { crossEntropy: inliers, uniformCrossEntropy: outliers } };
    },
  };
}

function meanUniformCrossEntropy(values: BatchValues): string {
  const { graph } = values;
  const outlierLogits = outlierLogitsOf(values, 'Outlier Exposure');
  const logSumExp = graph.add('ReduceLogSumExp', [outlierLogits, graph.ints([1])], { keepdims: 0 });
  const mean = graph.add('ReduceMean', [outlierLogits, graph.ints([1])], { keepdims: 0 });
  return graph.add('ReduceMean', [graph.add('Sub', [logSumExp, mean])], { keepdims: 0 });
}

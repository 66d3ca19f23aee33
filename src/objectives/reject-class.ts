/** A reject class: outliers are taught as one class more (Hendrycks, Mazeika & Dietterich 2019, section 5, compare with it). */
import { REJECT } from '../classifier/index.ts';
import { meanCrossEntropy } from './cross-entropy.ts';
import { type BatchValues, checkNumbers, type Objective, outlierLogitsOf } from './objective.ts';

/**
 * L = E_in[ −log q(x)_y ] + λ · E_out[ −log q(x')_{K+1} ], where q = softmax([z, r]) over the K classes and the reject class.
 *
 * Trains the output `reject` of {@link withRejectClass}; the detector `reject-class` scores by it.
 *
 * @param lambda the weight of the outliers' term; default 0.5, as for Outlier Exposure
 * @throws OutlierExposureError `invalid-argument` for a weight below 0
 */
export function rejectClass({ lambda = 0.5 }: { lambda?: number } = {}): Objective {
  checkNumbers('A reject class', 'from', { lambda });
  return {
    name: 'reject-class',
    outliers: true,
    branch: REJECT,
    build(values) {
      const { graph, inlierLogits, inlierBranch, outlierBranch } = values;
      const outlierLogits = outlierLogitsOf(values, 'A reject class');
      const crossEntropy = meanCrossEntropy({
        ...values,
        inlierLogits: extended(values, inlierLogits, inlierBranch!),
        classes: values.classes + 1,
      });
      const rejected = graph.add('Squeeze', [outlierBranch!, graph.ints([1])]);
      const ofOutliers = graph.add(
        'ReduceLogSumExp',
        [extended(values, outlierLogits, outlierBranch!), graph.ints([1])],
        { keepdims: 0 },
      );
      const rejectCrossEntropy = graph.add('ReduceMean', [graph.add('Sub', [ofOutliers, rejected])], {
        keepdims: 0,
      });
      const weighted = graph.add('Mul', [graph.scalar(lambda), rejectCrossEntropy]);
      return {
        loss: graph.add('Add', [crossEntropy, weighted]),
        parts: { crossEntropy, rejectCrossEntropy },
      };
    },
  };
}

/** [z, r], [examples, classes + 1]. */
function extended({ graph }: BatchValues, logits: string, branch: string): string {
  return graph.add('Concat', [logits, branch], { axis: 1 });
}

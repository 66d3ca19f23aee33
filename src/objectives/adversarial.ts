/**
 * What the three networks of synthetic outliers minimize (Lee et al. 2018, "Training Confidence-calibrated Classifiers for
 * Detecting Out-of-Distribution Samples"): a generator makes images near the in-distribution ones, of which the classifier
 * is to be unsure.
 */
import type { Graph } from '../onnx/index.ts';
import { meanCrossEntropy } from './cross-entropy.ts';
import { checkNumbers, type Objective, outlierLogitsOf } from './objective.ts';

/**
 * The classifier's: L_C = E_in[ cross-entropy ] + β · E_z[ KL(U ‖ softmax f(G(z))) ], where made images take the place
 * of outliers. But for the constant β · log K it is Outlier Exposure with λ = β.
 *
 * @param beta the weight of the made images' term, at least 0; default 1 (Lee et al. use 0.1 for CIFAR-10, 1 elsewhere)
 * @throws OutlierExposureError `invalid-argument` for a weight below 0
 */
export function syntheticOutliers({ beta = 1 }: { beta?: number } = {}): Objective {
  checkNumbers('The objective of synthetic outliers', 'from', { beta });
  return {
    name: 'synthetic-outliers',
    outliers: true,
    build(values) {
      const { graph, classes } = values;
      const crossEntropy = meanCrossEntropy(values);
      const made = outlierLogitsOf(values, 'The objective of synthetic outliers');
      const uniformDivergence = meanUniformDivergence(graph, made, classes);
      const loss = graph.add('Add', [
        crossEntropy,
        graph.add('Mul', [graph.scalar(beta), uniformDivergence]),
      ]);
      return { loss, parts: { crossEntropy, uniformDivergence } };
    },
  };
}

/**
 * Adds the mean of KL(U ‖ softmax z) = logsumexp(z) − mean_k z_k − log K over the rows of logits [n, K]: at least 0, and 0
 * where all classes are as likely; a scalar.
 */
export function meanUniformDivergence(graph: Graph, logits: string, classes: number): string {
  const logSumExp = graph.add('ReduceLogSumExp', [logits, graph.ints([1])], { keepdims: 0 });
  const mean = graph.add('ReduceMean', [logits, graph.ints([1])], { keepdims: 0 });
  const all = graph.add('ReduceMean', [graph.add('Sub', [logSumExp, mean])], { keepdims: 0 });
  return graph.add('Sub', [all, graph.scalar(Math.log(classes))]);
}

/**
 * Adds the discriminator's loss, a scalar: the binary cross-entropy of real images against 1 and of made ones against 0,
 * L_D = E_x[ −log σ(D(x)) ] + E_z[ −log(1 − σ(D(G(z)))) ]. D gives logits, so that nothing overflows.
 *
 * @param real logits of real images, of any shape
 * @param made logits of made images
 */
export function discriminatorLoss(graph: Graph, { real, made }: { real: string; made: string }): string {
  return graph.add('Add', [missed(graph, real), meanOf(graph, graph.add('Softplus', [made]))]);
}

/**
 * Adds the generator's loss, L_G = E_z[ −log σ(D(G(z))) ] + β · E_z[ KL(U ‖ softmax f(G(z))) ]: made images are to
 * look real, yet of no class.
 *
 * @param realness the discriminator's logits of made images
 * @param logits the classifier's, [n, classes]
 * @returns the loss and its first part, scalars
 */
export function generatorLoss(
  graph: Graph,
  { realness, logits, classes, beta }: { realness: string; logits: string; classes: number; beta: number },
): { loss: string; deception: string } {
  const deception = missed(graph, realness);
  const divergence = meanUniformDivergence(graph, logits, classes);
  const loss = graph.add('Add', [deception, graph.add('Mul', [graph.scalar(beta), divergence])]);
  return { loss, deception };
}

/** The mean of −log σ(x) = log(1 + e^−x). */
function missed(graph: Graph, logits: string): string {
  return meanOf(graph, graph.add('Softplus', [graph.add('Neg', [logits])]));
}

function meanOf(graph: Graph, values: string): string {
  return graph.add('ReduceMean', [values], { keepdims: 0 });
}

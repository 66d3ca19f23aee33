/** Cross-entropy from the uniform distribution. */
import type { Detector } from './detector.ts';
import { exampleCount, logSumExp } from './logits.ts';

/**
 * −H(U; softmax z) = mean_k z_k − logsumexp(z), at most −log(classes); higher = more anomalous. The quantity that
 * Outlier Exposure trains on, so that it separates better than {@link mspScore} after it (Hendrycks et al. 2019,
 * appendix on scores).
 *
 * @param logits [examples, classes], row-major
 */
export function uniformCrossEntropyScore(logits: Float32Array, classes: number): Float32Array {
  const scores = new Float32Array(exampleCount(logits, classes));
  for (let i = 0; i < scores.length; i++) {
    let sum = 0;
    for (let k = i * classes; k < (i + 1) * classes; k++) sum += logits[k]!;
    scores[i] = sum / classes - logSumExp(logits, i * classes, classes);
  }
  return scores;
}

export const uniformCrossEntropy: Detector = {
  name: 'uniform-ce',
  title: 'Cross-entropy from the uniform distribution',
  needs: ['logits'],
  formula: '−H(U; softmax z) = mean_k z_k − logsumexp(z)',
  source: 'Hendrycks, Mazeika & Dietterich 2019',
  score: ({ logits }) => uniformCrossEntropyScore(logits.data, logits.shape[1]),
  inGraph: (graph, { logits }) =>
    graph.add('ReduceMean', [graph.add('LogSoftmax', [logits], { axis: 1 }), graph.ints([1])]),
};

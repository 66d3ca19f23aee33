/** The probability of the reject class. */
import type { Detector } from './detector.ts';
import { exampleCount, logSumExp } from './logits.ts';

/**
 * softmax([z, r])_{K+1}, in [0, 1], of the K classes' logits z and the reject class's r; higher = more anomalous (Hendrycks,
 * Mazeika & Dietterich 2019, section 5).
 *
 * @param logits [examples, classes], row-major
 * @param reject one logit an example
 */
export function rejectionScore(logits: Float32Array, reject: Float32Array, classes: number): Float32Array {
  const scores = new Float32Array(exampleCount(logits, classes));
  // p = e^r / (e^r + Σ e^z) = σ(r − logsumexp z).
  for (let i = 0; i < scores.length; i++)
    scores[i] = 1 / (1 + Math.exp(logSumExp(logits, i * classes, classes) - reject[i]!));
  return scores;
}

export const rejection: Detector = {
  name: 'reject-class',
  title: 'Reject class',
  needs: ['logits', 'reject'],
  formula: 'softmax([z, r])_{K+1}, with the reject class’s logit r',
  source: 'Hendrycks, Mazeika & Dietterich 2019, section 5',
  score: ({ logits, reject }) => rejectionScore(logits.data, reject!.data, logits.shape[1]),
  inGraph(graph, { logits, reject }) {
    const others = graph.add('ReduceLogSumExp', [logits, graph.ints([1])]);
    return graph.add('Sigmoid', [graph.add('Sub', [reject!, others])]);
  },
};

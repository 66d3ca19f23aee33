/** Maximum softmax probability. */
import type { Detector } from './detector.ts';
import { exampleCount, logSumExp } from './logits.ts';

/**
 * −max_k softmax(z)_k, in [−1, −1/classes]; higher = more anomalous (Hendrycks & Gimpel 2017).
 *
 * @param logits [examples, classes], row-major
 */
export function mspScore(logits: Float32Array, classes: number): Float32Array {
  const scores = new Float32Array(exampleCount(logits, classes));
  for (let i = 0; i < scores.length; i++) {
    let max = Number.NEGATIVE_INFINITY;
    for (let k = i * classes; k < (i + 1) * classes; k++) if (logits[k]! > max) max = logits[k]!;
    scores[i] = -Math.exp(max - logSumExp(logits, i * classes, classes));
  }
  return scores;
}

export const msp: Detector = {
  name: 'msp',
  title: 'Maximum softmax probability',
  needs: ['logits'],
  formula: '−max_k softmax(z)_k',
  source: 'Hendrycks & Gimpel 2017',
  score: ({ logits }) => mspScore(logits.data, logits.shape[1]),
  inGraph(graph, { logits }) {
    const probabilities = graph.add('Softmax', [logits], { axis: 1 });
    return graph.add('Neg', [graph.add('ReduceMax', [probabilities, graph.ints([1])])]);
  },
};

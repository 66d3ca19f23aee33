/** Entropy of the softmax probabilities. */
import { addLogSoftmax } from '../../classifier/index.ts';
import type { Detector } from '../detector.ts';
import { exampleCount } from '../logits.ts';
import { logSoftmax } from './rows.ts';

/**
 * H(p) = −Σ_k p_k log p_k with p = softmax(z), in nats, from 0 to log(classes); higher = more anomalous (Shannon 1948). A
 * class of probability 0 adds nothing; computed as p · log p it would add NaN.
 *
 * @param logits [examples, classes], row-major
 * @returns one score an example; NaN where a logit is
 * @throws OutlierExposureError `invalid-argument` when logits are not whole rows of `classes`
 */
export function entropyScore(logits: Float32Array, classes: number): Float32Array {
  const scores = new Float32Array(exampleCount(logits, classes));
  const logs = new Float64Array(Math.max(0, classes));
  for (let i = 0; i < scores.length; i++) {
    logSoftmax(logits, i * classes, classes, logs);
    let sum = 0;
    for (const log of logs) {
      const p = Math.exp(log);
      if (p !== 0) sum -= p * log;
    }
    scores[i] = sum;
  }
  return scores;
}

export const entropy: Detector = {
  name: 'entropy',
  title: 'Entropy of the softmax probabilities',
  needs: ['logits'],
  formula: '−Σ_k p_k log p_k with p = softmax(z)',
  source: 'Shannon 1948',
  score: ({ logits }) => entropyScore(logits.data, logits.shape[1]),
  inGraph(graph, { logits }) {
    const log = addLogSoftmax(graph, logits);
    const p = graph.add('Softmax', [logits], { axis: 1 });
    return graph.add('Neg', [graph.add('ReduceSum', [graph.add('Mul', [p, log]), graph.ints([1])])]);
  },
};

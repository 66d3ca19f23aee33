/** Maximum logit. */
import type { Detector } from '../detector.ts';
import { exampleCount } from '../logits.ts';
import { rowMax } from './rows.ts';

/**
 * −max_k z_k; higher = more anomalous (Hendrycks et al. 2022). It keeps the scale that softmax divides away, so that it
 * changes when all logits shift.
 *
 * @param logits [examples, classes], row-major
 * @returns one score an example; NaN where a logit is
 * @throws OutlierExposureError `invalid-argument` when logits are not whole rows of `classes`
 */
export function maxLogitScore(logits: Float32Array, classes: number): Float32Array {
  const scores = new Float32Array(exampleCount(logits, classes));
  for (let i = 0; i < scores.length; i++) scores[i] = -rowMax(logits, i * classes, classes);
  return scores;
}

export const maxLogit: Detector = {
  name: 'max-logit',
  title: 'Maximum logit',
  needs: ['logits'],
  formula: '−max_k z_k',
  source: 'Hendrycks et al. 2022',
  score: ({ logits }) => maxLogitScore(logits.data, logits.shape[1]),
  inGraph(graph, { logits }) {
    const rows = graph.ints([1]);
    // ReduceMax passes over what is not a number; a sum does not.
    const sum = graph.add('ReduceSum', [logits, rows]);
    const most = graph.add('Neg', [graph.add('ReduceMax', [logits, rows])]);
    return graph.add('Where', [graph.add('IsNaN', [sum]), sum, most]);
  },
};

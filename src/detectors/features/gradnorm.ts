/** The size of the gradient towards uniform predictions. */
import type { Detector } from '../detector.ts';
import { logSoftmax } from '../logits/rows.ts';
import type { Matrix } from '../outputs.ts';
import { finiteScores } from './scores.ts';

/**
 * −‖z‖₁·‖K·softmax(f) − 1‖₁, at most 0; higher = more anomalous (Huang, Geng & Li 2021). The gradient by the last layer's
 * weights of Σ_k −log p_k, K times the paper's KL(U‖p), is the outer product of K·p − 1 and z, so that no gradient has to
 * be taken, example by example, as peers do. Does not change when all logits shift; grows as z does.
 *
 * @param features z, the input of the last linear layer
 */
export function gradNormScore(features: Matrix, logits: Matrix): Float32Array {
  const [count, classes] = logits.shape;
  const [, width] = features.shape;
  const scores = new Float64Array(count);
  const row = new Float64Array(classes);
  for (let i = 0; i < count; i++) {
    logSoftmax(logits.data, i * classes, classes, row);
    let away = 0;
    for (let k = 0; k < classes; k++) away += Math.abs(classes * Math.exp(row[k]!) - 1);
    let size = 0;
    for (let d = i * width; d < (i + 1) * width; d++) size += Math.abs(features.data[d]!);
    scores[i] = -size * away;
  }
  return finiteScores(scores);
}

/** {@link gradNormScore}; learns nothing. */
export const gradNorm: Detector = {
  name: 'gradnorm',
  title: 'Norm of the gradient',
  needs: ['logits', 'features'],
  formula: '−‖z‖₁·‖K·softmax(f) − 1‖₁',
  source: 'Huang, Geng & Li 2021',
  score: ({ features, logits }) => gradNormScore(features!, logits),
};

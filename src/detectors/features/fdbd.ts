/** Distance from the decision boundaries. */
import type { Head } from '../../classifier/index.ts';
import type { Detector } from '../detector.ts';
import { float64State, stateOf } from '../logits/state.ts';
import type { Matrix } from '../outputs.ts';
import { predictions } from '../predictions.ts';
import { meanOf } from './class-means.ts';
import { finiteScores } from './scores.ts';
import { fitFeatures } from './state.ts';

/**
 * −Σ_{k≠ŷ} (|f_ŷ − f_k| / ‖w_ŷ − w_k‖₂) / ‖z − μ‖₂, at most 0; higher = more anomalous (Liu & Qin 2024). The paper's mean
 * over classes is the sum divided by their number. Classes of equal weights have no boundary, and count for nothing. Does
 * not change when all logits shift, or features and weights are turned together. 0 at z = μ where all logits are equal.
 *
 * @param mean μ, the mean of features in training, [width]
 * @param gaps ‖w_j − w_k‖₂, [classes, classes]
 */
export function fdbdScore(
  { features, logits }: { features: Matrix; logits: Matrix },
  { mean, gaps }: { mean: Float64Array; gaps: Float64Array },
): Float32Array {
  const [count, classes] = logits.shape;
  const [, width] = features.shape;
  const predicted = predictions(logits.data, classes);
  return finiteScores(
    Float64Array.from({ length: count }, (_, i) => {
      const [row, best] = [i * classes, predicted[i]!];
      let sum = 0;
      for (let k = 0; k < classes; k++) {
        const gap = gaps[best * classes + k]!;
        if (gap > 0) sum += Math.abs(logits.data[row + best]! - logits.data[row + k]!) / gap;
      }
      let square = 0;
      for (let d = 0; d < width; d++) square += (features.data[i * width + d]! - mean[d]!) ** 2;
      return sum === 0 ? 0 * square : -sum / Math.sqrt(square);
    }),
  );
}

/** ‖w_j − w_k‖₂ of all pairs of classes, [classes, classes]. */
export function weightGaps({ weights, classes, width }: Head): Float64Array {
  const gaps = new Float64Array(classes * classes);
  for (let j = 0; j < classes; j++) {
    for (let k = 0; k < j; k++) {
      let square = 0;
      for (let d = 0; d < width; d++) square += (weights[j * width + d]! - weights[k * width + d]!) ** 2;
      gaps[j * classes + k] = gaps[k * classes + j] = Math.sqrt(square);
    }
  }
  return gaps;
}

/** {@link fdbdScore}; learns the features' mean, without labels. */
export const fdbd: Detector = {
  name: 'fdbd',
  title: 'Distance from decision boundaries',
  needs: ['logits', 'features', 'head'],
  formula: '−Σ_k (|f_ŷ − f_k| / ‖w_ŷ − w_k‖₂) / ‖z − μ‖₂',
  source: 'Liu & Qin 2024',
  fit(data, { head }) {
    const mean = meanOf(fitFeatures('fdbd', data));
    const { classes } = head!;
    return {
      mean: float64State(mean, [mean.length]),
      gaps: float64State(weightGaps(head!), [classes, classes]),
    };
  },
  score({ features, logits }, { state }) {
    const [, classes] = logits.shape;
    const mean = stateOf('fdbd', state, 'mean', [features!.shape[1]]);
    const gaps = stateOf('fdbd', state, 'gaps', [classes, classes]);
    return fdbdScore({ features: features!, logits }, { mean, gaps });
  },
};

/** Likeness to the pattern of the predicted class. */
import type { Detector } from '../detector.ts';
import { fitLabels, float64State, stateOf } from '../logits/state.ts';
import type { Matrix } from '../outputs.ts';
import { predictions } from '../predictions.ts';
import { classMeans } from './class-means.ts';
import { finiteScores } from './scores.ts';
import { fitFeatures } from './state.ts';

/**
 * −⟨z, S_ŷ⟩; higher = more anomalous (Zhang et al. 2023, inner product).
 *
 * @param predicted ŷ, the class of the highest logit of each row
 * @param patterns S, [classes, width]
 */
export function sheScore(features: Matrix, predicted: Int32Array, patterns: Float64Array): Float32Array {
  const [count, width] = features.shape;
  const scores = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const [own, pattern] = [i * width, predicted[i]! * width];
    for (let d = 0; d < width; d++) scores[i] = scores[i]! - features.data[own + d]! * patterns[pattern + d]!;
  }
  return finiteScores(scores);
}

/**
 * {@link sheScore} with S_k the mean features of those examples of class k, by true label, that are also predicted so.
 * Without the input step and temperature that a peer adds. Grows with the features' length.
 */
export const she: Detector = {
  name: 'she',
  title: 'Simplified Hopfield energy',
  needs: ['logits', 'features'],
  formula: '−⟨z, S_ŷ⟩, S_k the mean of correctly classified z',
  source: 'Zhang et al. 2023',
  fit(data) {
    const features = fitFeatures('she', data);
    const [, classes] = data.logits.shape;
    const predicted = predictions(data.logits.data, classes);
    const right = fitLabels('she', data).map((label, i) => (label === predicted[i] ? label : -1));
    const what = 'no example that is classified correctly';
    const patterns = classMeans(features, right, { detector: 'she', classes, what });
    return { patterns: float64State(patterns, [classes, features.shape[1]]) };
  },
  score({ features, logits }, { state }) {
    const patterns = stateOf('she', state, 'patterns', [logits.shape[1], features!.shape[1]]);
    return sheScore(features!, predictions(logits.data, logits.shape[1]), patterns);
  },
};

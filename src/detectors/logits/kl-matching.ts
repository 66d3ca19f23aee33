/** Divergence from what the classifier usually says of each class. */
import type { Detector } from '../detector.ts';
import { exampleCount } from '../logits.ts';
import { predictions } from '../predictions.ts';
import { GREATEST, logSoftmax } from './rows.ts';
import { checkFitLogits, float64State, stateOf } from './state.ts';

/**
 * log d_k for each class k: d_k is the mean of softmax(z) over the examples that are predicted as k, and the one-hot vector of k
 * where there are none (Hendrycks et al. 2022). Kept as logarithms, so that no probability vanishes.
 *
 * @param logits [examples, classes], row-major
 * @returns [classes, classes], a row a class; −∞ for probabilities of 0
 */
export function klTemplates(logits: Float32Array, classes: number): Float64Array {
  const count = exampleCount(logits, classes);
  const predicted = predictions(logits, classes);
  const logs = new Float64Array(classes);
  // log Σ exp, carried as a maximum and a sum relative to it.
  const max = new Float64Array(classes * classes).fill(Number.NEGATIVE_INFINITY);
  const sum = new Float64Array(classes * classes);
  const members = new Uint32Array(classes);
  for (let i = 0; i < count; i++) {
    logSoftmax(logits, i * classes, classes, logs);
    const k = predicted[i]!;
    members[k]!++;
    for (let j = 0; j < classes; j++) {
      const [at, log] = [k * classes + j, logs[j]!];
      if (log === Number.NEGATIVE_INFINITY) continue;
      if (log > max[at]!) {
        sum[at] = sum[at]! * Math.exp(max[at]! - log) + 1;
        max[at] = log;
      } else sum[at]! += Math.exp(log - max[at]!);
    }
  }
  return max.map((value, at) => {
    const [k, j] = [Math.floor(at / classes), at % classes];
    if (members[k] === 0) return k === j ? 0 : Number.NEGATIVE_INFINITY;
    return value + Math.log(sum[at]! / members[k]!);
  });
}

/**
 * min_k KL(softmax(z) ‖ d_k) in nats, at least 0; higher = more anomalous (Hendrycks et al. 2022). The minimum is over all
 * classes: the divergence from the predicted class's alone, as some take it, is another score.
 *
 * @param logits [examples, classes], row-major
 * @param templates what {@link klTemplates} gave, [classes, classes]
 * @returns one score an example; NaN where a logit is
 */
export function klMatchingScore(
  logits: Float32Array,
  classes: number,
  templates: Float64Array,
): Float32Array {
  const scores = new Float32Array(exampleCount(logits, classes));
  const [logs, p] = [new Float64Array(classes), new Float64Array(classes)];
  for (let i = 0; i < scores.length; i++) {
    logSoftmax(logits, i * classes, classes, logs);
    let negentropy = 0;
    for (let j = 0; j < classes; j++) {
      p[j] = Math.exp(logs[j]!);
      if (p[j] !== 0) negentropy += p[j]! * logs[j]!;
    }
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < classes; k++) {
      let cross = 0;
      for (let j = 0; j < classes; j++) if (p[j] !== 0) cross -= p[j]! * templates[k * classes + j]!;
      if (cross < least) least = cross;
    }
    const divergence = Math.max(0, negentropy + least);
    scores[i] = Number.isNaN(negentropy) ? Number.NaN : Math.min(divergence, GREATEST);
  }
  return scores;
}

export const klMatching: Detector = {
  name: 'kl-matching',
  title: 'Divergence from the mean prediction of the nearest class',
  needs: ['logits'],
  formula: 'min_k KL(softmax(z) ‖ d_k), d_k the mean softmax of examples predicted as k',
  source: 'Hendrycks et al. 2022',
  fit(data) {
    checkFitLogits('kl-matching', data);
    const { data: logits, shape } = data.logits;
    return { templates: float64State(klTemplates(logits, shape[1]), [shape[1], shape[1]]) };
  },
  score({ logits: { data, shape } }, { state }) {
    return klMatchingScore(data, shape[1], stateOf('kl-matching', state, 'templates', [shape[1], shape[1]]));
  },
};

/** Generalized entropy. */
import type { Detector } from '../detector.ts';
import { exampleCount } from '../logits.ts';
import { logSoftmax } from './rows.ts';

/**
 * Σ over the M highest probabilities of p^γ (1 − p)^γ with p = softmax(z), at least 0; higher = more anomalous (Liu, Lochman
 * & Zach 2023). 1 − p of the highest is summed from the other probabilities: as a difference, in float32 as others take it, it is
 * 0 for every confident example, and γ = 0.1 makes much of small numbers.
 *
 * @param logits [examples, classes], row-major
 * @param options.gamma γ, in (0, 1]. Default 0.1
 * @param options.m M; all where there are fewer classes. Default 100
 * @returns one score an example; NaN where a logit is
 * @throws OutlierExposureError `invalid-argument` when logits are not whole rows of `classes`
 */
export function genScore(
  logits: Float32Array,
  classes: number,
  { gamma = 0.1, m = 100 }: { gamma?: number; m?: number } = {},
): Float32Array {
  const scores = new Float32Array(exampleCount(logits, classes));
  const row = new Float64Array(Math.max(0, classes));
  for (let i = 0; i < scores.length; i++) {
    logSoftmax(logits, i * classes, classes, row);
    for (let k = 0; k < classes; k++) row[k] = Math.exp(row[k]!);
    row.sort();
    const highest = row[classes - 1]!;
    let others = 0;
    for (let k = 0; k < classes - 1; k++) others += row[k]!;
    let sum = (highest * others) ** gamma;
    for (let k = classes - 2; k >= Math.max(0, classes - m); k--) sum += (row[k]! * (1 - row[k]!)) ** gamma;
    scores[i] = sum;
  }
  return scores;
}

export const gen: Detector = {
  name: 'gen',
  title: 'Generalized entropy',
  needs: ['logits'],
  formula: 'Σ over the M highest probabilities of p^γ (1 − p)^γ',
  source: 'Liu, Lochman & Zach 2023',
  parameters: {
    gamma: {
      default: 0.1,
      meaning: 'γ, how much small probabilities count',
      source: 'the paper',
      least: 1e-3,
      most: 1,
    },
    m: {
      default: 100,
      meaning: 'M, how many probabilities count',
      source: 'the paper, ImageNet',
      least: 1,
      integer: true,
    },
  },
  score: ({ logits }, { settings }) =>
    genScore(logits.data, logits.shape[1], { gamma: settings.gamma!, m: settings.m! }),
};

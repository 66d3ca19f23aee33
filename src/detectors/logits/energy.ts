/** Free energy. */
import type { Detector } from '../detector.ts';
import { exampleCount } from '../logits.ts';
import { softMaximum } from './rows.ts';

/**
 * −T·log Σ_k exp(z_k / T); higher = more anomalous (Liu et al. 2020). It goes to the negated maximum logit as T goes to 0,
 * and shifts with the logits.
 *
 * @param logits [examples, classes], row-major
 * @param options.temperature T, above 0. Default 1
 * @returns one score an example; NaN where a logit is
 * @throws OutlierExposureError `invalid-argument` when logits are not whole rows of `classes`
 */
export function energyScore(
  logits: Float32Array,
  classes: number,
  { temperature = 1 }: { temperature?: number } = {},
): Float32Array {
  const scores = new Float32Array(exampleCount(logits, classes));
  for (let i = 0; i < scores.length; i++) scores[i] = -softMaximum(logits, i * classes, classes, temperature);
  return scores;
}

export const energy: Detector = {
  name: 'energy',
  title: 'Free energy',
  needs: ['logits'],
  formula: '−T·log Σ_k exp(z_k / T)',
  source: 'Liu et al. 2020',
  parameters: {
    temperature: { default: 1, meaning: 'T, what logits are divided by', source: 'the paper', least: 1e-3 },
  },
  score: ({ logits }, { settings }) =>
    energyScore(logits.data, logits.shape[1], { temperature: settings.temperature! }),
  inGraph(graph, { logits }, { settings }) {
    const temperature = graph.scalar(settings.temperature!);
    const soft = graph.add('ReduceLogSumExp', [graph.add('Div', [logits, temperature]), graph.ints([1])]);
    return graph.add('Neg', [graph.add('Mul', [soft, temperature])]);
  },
};

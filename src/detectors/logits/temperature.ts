/** Maximum softmax probability at the temperature that calibrates the classifier. */
import type { Detector } from '../detector.ts';
import { exampleCount } from '../logits.ts';
import { rowMax, softMaximum } from './rows.ts';
import { checkFitLogits, fitLabels, float64State, stateOf } from './state.ts';

/** Where T* is looked for; the paper's code looks from 0.2 to 5. */
const [LEAST, MOST] = [0.05, 20];
/** The relative width at which bisection ends. */
const WIDTH = 1e-8;

/**
 * T*, the temperature in [0.05, 20] under which the labels are likeliest: it minimizes the mean of −log softmax(z / T)_label,
 * which is convex in 1/T, so that bisection on the derivative's sign finds it (Guo et al. 2017).
 *
 * @param logits [examples, classes], row-major
 * @param labels a class for each example
 * @param signal ends it between two steps
 */
export function calibratedTemperature(
  logits: Float32Array,
  classes: number,
  labels: Int32Array,
  signal?: AbortSignal,
): number {
  const count = exampleCount(logits, classes);
  let [low, high] = [LEAST, MOST];
  while (high > low * (1 + WIDTH)) {
    signal?.throwIfAborted();
    const temperature = Math.sqrt(low * high);
    let slope = 0;
    for (let i = 0; i < count; i++) {
      const from = i * classes;
      const max = rowMax(logits, from, classes);
      let [sum, weighted] = [0, 0];
      for (let k = from; k < from + classes; k++) {
        const below = logits[k]! - max;
        const weight = Math.exp(below / temperature);
        if (weight === 0) continue;
        sum += weight;
        weighted += weight * below;
      }
      // d NLL / d(1/T) = E_p[z] − z_label
      slope += weighted / sum - (logits[from + labels[i]!]! - max);
    }
    // A slope above 0 asks for a lower 1/T.
    if (slope > 0) low = temperature;
    else high = temperature;
  }
  return Math.sqrt(low * high);
}

/**
 * −max_k softmax(z / T)_k, in [−1, −1/classes]; higher = more anomalous (Guo et al. 2017).
 *
 * @param logits [examples, classes], row-major
 * @param temperature T, above 0
 * @returns one score an example; NaN where a logit is
 */
export function temperatureScore(logits: Float32Array, classes: number, temperature: number): Float32Array {
  const scores = new Float32Array(exampleCount(logits, classes));
  for (let i = 0; i < scores.length; i++) {
    const [max, soft] = [
      rowMax(logits, i * classes, classes),
      softMaximum(logits, i * classes, classes, temperature),
    ];
    scores[i] = -Math.exp((max - soft) / temperature);
  }
  return scores;
}

export const temperatureScaling: Detector = {
  name: 'temperature',
  title: 'Maximum softmax probability, calibrated',
  needs: ['logits'],
  formula: '−max_k softmax(z / T*)_k, T* the temperature under which the labels are likeliest',
  source: 'Guo et al. 2017',
  fit(data, { signal }) {
    checkFitLogits('temperature', data);
    const labels = fitLabels('temperature', data);
    const { data: logits, shape } = data.logits;
    const value = calibratedTemperature(logits, shape[1], labels, signal);
    return { temperature: float64State(Float64Array.of(value), [1]) };
  },
  score({ logits: { data, shape } }, { state }) {
    return temperatureScore(data, shape[1], stateOf('temperature', state, 'temperature', [1])[0]!);
  },
  inGraph(graph, { logits }, { state }) {
    const temperature = graph.scalar(stateOf('temperature', state, 'temperature', [1])[0]!);
    const scaled = graph.add('Div', [logits, temperature]);
    return graph.add('Neg', [
      graph.add('ReduceMax', [graph.add('Softmax', [scaled], { axis: 1 }), graph.ints([1])]),
    ]);
  },
};

/** A class of the unknown, beside those of the classifier. */
import { OutlierExposureError } from '../../errors.ts';
import type { Detector } from '../detector.ts';
import { exampleCount } from '../logits.ts';
import { predictions } from '../predictions.ts';
import { checkFitLogits, fitLabels, float64State, stateOf } from './state.ts';
import { fitWeibull, weibullCdf } from './weibull.ts';

/** What OpenMax knows of each class. */
export interface OpenMaxModel {
  /** Mean logits of correctly classified examples, [classes, classes], a row a class. */
  means: Float64Array;
  /** Shapes of the Weibull distributions of the greatest distances from them, [classes]. */
  shapes: Float64Array;
  /** Scales of these. */
  scales: Float64Array;
}

const LEAST_CORRECT = 2;

/**
 * Learns, for each class, the mean logits of its correctly classified examples, and the Weibull distribution of the `tail`
 * greatest Euclidean distances from it (Bendale & Boult 2016). The distances are taken as they are: others move them to 10,000
 * first, which makes the result depend on the unit of the logits.
 *
 * @param logits [examples, classes], row-major
 * @param labels a class for each example
 * @throws OutlierExposureError `invalid-argument` when a class has fewer than 2 correctly classified examples
 */
export function fitOpenMax(
  logits: Float32Array,
  classes: number,
  labels: Int32Array,
  { tail = 20 }: { tail?: number } = {},
): OpenMaxModel {
  const count = exampleCount(logits, classes);
  const predicted = predictions(logits, classes);
  const means = new Float64Array(classes * classes);
  const members = Array.from({ length: classes }, () => [] as number[]);
  for (let i = 0; i < count; i++) if (predicted[i] === labels[i]) members[labels[i]!]!.push(i);
  const [shapes, scales] = [new Float64Array(classes), new Float64Array(classes)];
  for (const [k, of] of members.entries()) {
    if (of.length < LEAST_CORRECT) {
      throw new OutlierExposureError(
        'invalid-argument',
        `The detector openmax needs ${LEAST_CORRECT} or more correctly classified examples of each class, but class ${k} has ${of.length} among the ${count} to learn from: give more.`,
      );
    }
    const mean = means.subarray(k * classes, (k + 1) * classes);
    for (const i of of) for (let j = 0; j < classes; j++) mean[j]! += logits[i * classes + j]! / of.length;
    const distances = Float64Array.from(of, (i) => distance(logits, i * classes, mean)).sort();
    const { shape, scale } = fitWeibull(distances.subarray(Math.max(0, distances.length - tail)));
    [shapes[k], scales[k]] = [shape, scale];
  }
  return { means, shapes, scales };
}

/** ‖z − mean‖. */
function distance(logits: Float32Array, from: number, mean: Float64Array): number {
  let sum = 0;
  for (const [j, center] of mean.entries()) sum += (logits[from + j]! - center) ** 2;
  return Math.sqrt(sum);
}

/**
 * p(unknown), 0 to 1; higher = more anomalous (Bendale & Boult 2016). Of the α classes of highest logit, the r-th highest (from
 * 1) gives the share s = w_k(‖z − μ_k‖)·(α + 1 − r)/α of its logit to the unknown: z'_k = z_k (1 − s), z'_unknown = Σ z_k s, and
 * the score is softmax(z')_unknown. w is the Weibull distribution's probability of a lesser distance. It changes when all
 * logits shift.
 *
 * @param logits [examples, classes], row-major
 * @param options.alpha α; all classes where there are fewer. Default 3
 * @returns one score an example; NaN where a logit is
 */
export function openMaxScore(
  logits: Float32Array,
  classes: number,
  { means, shapes, scales }: OpenMaxModel,
  { alpha = 3 }: { alpha?: number } = {},
): Float32Array {
  const scores = new Float32Array(exampleCount(logits, classes));
  const top = Math.min(alpha, classes);
  const order = Array.from({ length: classes }, (_, k) => k);
  const changed = new Float64Array(classes);
  for (let i = 0; i < scores.length; i++) {
    const from = i * classes;
    changed.set(logits.subarray(from, from + classes));
    const ranked = order.toSorted((a, b) => changed[b]! - changed[a]! || a - b);
    let unknown = 0;
    for (const [rank, k] of ranked.slice(0, top).entries()) {
      const far = distance(logits, from, means.subarray(k * classes, (k + 1) * classes));
      const share = (weibullCdf({ shape: shapes[k]!, scale: scales[k]! }, far) * (top - rank)) / top;
      unknown += changed[k]! * share;
      changed[k] = changed[k]! * (1 - share);
    }
    let max = unknown;
    for (const value of changed) max = Math.max(max, value);
    let sum = Math.exp(unknown - max);
    for (const value of changed) sum += Math.exp(value - max);
    scores[i] = Math.exp(unknown - max) / sum;
  }
  return scores;
}

export const openMax: Detector = {
  name: 'openmax',
  title: 'Probability of the unknown',
  needs: ['logits'],
  formula:
    'softmax of logits that give a share to the unknown, by their distance from class means: p(unknown)',
  source: 'Bendale & Boult 2016',
  parameters: {
    tail: {
      default: 20,
      meaning: 'how many of the greatest distances of a class are fitted',
      source: 'the paper',
      least: 2,
      integer: true,
    },
    alpha: {
      default: 3,
      meaning: 'how many of the highest logits give to the unknown',
      source: 'OpenOOD 1.5',
      least: 1,
      integer: true,
    },
  },
  fit(data, { settings }) {
    checkFitLogits('openmax', data);
    const labels = fitLabels('openmax', data);
    const { data: logits, shape } = data.logits;
    const { means, shapes, scales } = fitOpenMax(logits, shape[1], labels, { tail: settings.tail! });
    return {
      means: float64State(means, [shape[1], shape[1]]),
      shapes: float64State(shapes, [shape[1]]),
      scales: float64State(scales, [shape[1]]),
    };
  },
  score({ logits: { data, shape } }, { state, settings }) {
    const [, classes] = shape;
    const learned = (name: string, of: readonly number[]) => stateOf('openmax', state, name, of);
    const model = {
      means: learned('means', [classes, classes]),
      shapes: learned('shapes', [classes]),
      scales: learned('scales', [classes]),
    };
    return openMaxScore(data, classes, model, { alpha: settings.alpha! });
  },
};

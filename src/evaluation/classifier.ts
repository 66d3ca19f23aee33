/** Evaluates a classifier as a detector: logits of every set, scores, and the rows of the table. */
import type { ExampleSet } from '../data/example-set.ts';
import { type Detector, describeDetector, type FittedDetector, predictions } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { detectionMetrics } from '../metrics/index.ts';
import type { Model } from '../onnx/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { planDraws } from './draws.ts';
import { type Extremes, readExtremes } from './extremes.ts';
import { meanRow, type ResultRow, rowOfDraws } from './rows.ts';
import { openScorer } from './scorer.ts';

export interface EvaluationOptions {
  /** What the rows call the model. */
  name: string;
  runtime: Runtime;
  /** The labelled in-distribution test set. */
  inliers: ExampleSet;
  outlierSets: readonly ExampleSet[];
  detectors: readonly (Detector | FittedDetector)[];
  /** In-distribution examples, of training or calibration data, that detectors learn from. */
  fit?: ExampleSet | undefined;
  /** The name of the value to take for features; default: the input of the last linear layer. */
  features?: string | undefined;
  /** N of FPRN. Default 95. */
  n?: number;
  /** How many outliers are drawn, as a share of the in-distribution examples. Default 0.2, the paper's 1 : 5. */
  outRatio?: number;
  /** How often they are drawn; rows are means over the draws. Default 1. */
  draws?: number;
  /** Decides the draws, the same for every model. */
  seed: number;
  /** How many of the most and of the least anomalous examples of each set to keep, by the first detector. Default 0. */
  extremes?: number;
  signal?: AbortSignal | undefined;
  onProgress?: (done: number, total: number) => void;
  /** Told while detectors learn, before anything is measured. */
  onFit?: ((done: number, total: number) => void) | undefined;
}

export interface Evaluation {
  testError: number;
  /** A row for each set and detector, then the mean rows. */
  rows: ResultRow[];
  errorDetection: ResultRow[];
  /** The scores by detector, then by set; `'in'` is the in-distribution set, in its order. */
  scores: Record<string, Record<string, Float32Array>>;
  /** By set, `'in'` among them; empty unless they were asked for. */
  extremes: Record<string, Extremes>;
}

/**
 * Measures one model with several detectors on several sets: its error, the metrics of every set and their mean, how
 * well the scores find the model's own mistakes, and the scores themselves.
 *
 * @throws OutlierExposureError `invalid-argument` without labels; the signal's reason when aborted
 */
export async function evaluateClassifier(model: Model, options: EvaluationOptions): Promise<Evaluation> {
  const { name, inliers, outlierSets, detectors, n = 95, outRatio = 0.2, draws = 1, seed } = options;
  if (!inliers.labels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The in-distribution test set "${inliers.name}" has no labels, so that no error rate can be measured.`,
    );
  }
  const outCount = Math.max(1, Math.floor(inliers.length * outRatio));
  const plans = outlierSets.map((set) => planDraws(set, outCount, draws, seed));
  const examples = inliers.length + plans.reduce((sum, { needed }) => sum + needed.length, 0);
  let done = 0;
  const scorer = await openScorer(model, detectors, { ...options, onProgress: options.onFit });
  try {
    const names = scorer.detectors.map(({ detector }) => describeDetector(detector));
    const total = examples * scorer.passes;
    const scoresOf = (set: ExampleSet, indices: Uint32Array) =>
      scorer.scoreAll(set, indices, (count) => {
        options.signal?.throwIfAborted();
        done += count;
        options.onProgress?.(done, total);
      });
    const all = Uint32Array.from({ length: inliers.length }, (_, i) => i);
    const { logits, scores: ofInliers } = await scoresOf(inliers, all);
    const predicted = predictions(logits.data, logits.shape[1]);
    const wrong = predicted.map((each, i) => (each === inliers.labels![i] ? 0 : 1));
    const scores: Evaluation['scores'] = {};
    const errorDetection: ResultRow[] = [];
    for (const detector of names) {
      const inScores = ofInliers[detector]!;
      scores[detector] = { in: inScores };
      const [right, mistaken] = [0, 1].map((flag) => inScores.filter((_, i) => wrong[i] === flag)) as [
        Float32Array,
        Float32Array,
      ];
      if (right.length > 0 && mistaken.length > 0) {
        errorDetection.push(
          rowOfDraws(name, detector, 'misclassified', [detectionMetrics(right, mistaken, { n })]),
        );
      }
    }
    const extremes: Evaluation['extremes'] = {};
    const keepExtremes = async (
      name: string,
      set: ExampleSet,
      indices: Uint32Array,
      classes: Int32Array | readonly number[],
    ) => {
      if (!options.extremes) return;
      const ofSet = Object.entries(scores).map(([detector, sets]) => [detector, sets[name]!] as const);
      extremes[name] = await readExtremes(set, indices, Object.fromEntries(ofSet), classes, options.extremes);
    };
    await keepExtremes('in', inliers, all, predicted);
    const rows: ResultRow[] = [];
    for (const [i, set] of outlierSets.entries()) {
      const { needed, picks } = plans[i]!;
      const outliers = await scoresOf(set, needed);
      for (const detector of names) {
        const outScores = outliers.scores[detector]!;
        scores[detector]![set.name] = outScores;
        const inScores = scores[detector]!.in!;
        const metrics = picks.map((pick) =>
          detectionMetrics(
            inScores,
            Float32Array.from(pick, (at) => outScores[at]!),
            { n },
          ),
        );
        rows.push(rowOfDraws(name, detector, set.name, metrics));
      }
      await keepExtremes(set.name, set, needed, predictions(outliers.logits.data, outliers.logits.shape[1]));
    }
    for (const detector of names) {
      const ofDetector = rows.filter(({ score }) => score === detector);
      if (ofDetector.length > 0) rows.push(meanRow(ofDetector));
    }
    return {
      testError: wrong.reduce((sum, flag) => sum + flag, 0) / wrong.length,
      rows,
      errorDetection,
      scores,
      extremes,
    };
  } finally {
    await scorer.release();
  }
}

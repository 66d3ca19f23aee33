/** Evaluates a classifier as a detector: logits of every set, scores, and the rows of the table. */
import type { ImageSource } from '../data/source.ts';
import { type Detector, msp, predictions } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { type DetectionMetrics, detectionMetrics, meanAndStd } from '../metrics/index.ts';
import { type Model, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import type { Runtime, Session } from '../runtime/index.ts';
import { endsOf } from '../training/step.ts';
import { type Extremes, readExtremes } from './extremes.ts';
import type { ResultRow } from './results.ts';

export interface EvaluationOptions {
  /** What the rows call the model. */
  name: string;
  runtime: Runtime;
  /** The labelled in-distribution test set. */
  inliers: ImageSource;
  outlierSets: readonly ImageSource[];
  detectors: readonly Detector[];
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

export interface EvaluateOptions
  extends Omit<EvaluationOptions, 'name' | 'outlierSets' | 'detectors' | 'seed' | 'extremes'> {
  /** D_out^test by name. */
  outliers: Readonly<Record<string, ImageSource>>;
  /** Default: the maximum softmax probability. */
  detector?: Detector;
  seed?: number;
}

export interface Evaluated {
  /** The share of misclassified in-distribution examples. */
  testError: number;
  /** The metrics of each set, by its name. */
  sets: Record<string, ResultRow>;
  /** The unweighted mean over the sets. */
  mean: ResultRow;
}

/**
 * Measures how well a detector tells a classifier's in-distribution examples from outliers.
 *
 * @throws OutlierExposureError `invalid-argument` without labels or without a set of outliers
 */
export async function evaluate(model: Model, options: EvaluateOptions): Promise<Evaluated> {
  const { outliers, detector = msp, seed = 1, ...rest } = options;
  const outlierSets = Object.entries(outliers).map(([name, set]) => ({ ...set, name }));
  if (outlierSets.length === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      'There is no set of outliers to test with: give at least one, { name: source }.',
    );
  }
  const { testError, rows } = await evaluateClassifier(model, {
    ...rest,
    name: 'model',
    outlierSets,
    detectors: [detector],
    seed,
  });
  const mean = rows.at(-1)!;
  return { testError, sets: Object.fromEntries(rows.slice(0, -1).map((each) => [each.set, each])), mean };
}

/** Images a call: enough to keep the processor busy, few enough to stay in its cache. */
const BATCH = 200;

export async function evaluateClassifier(model: Model, options: EvaluationOptions): Promise<Evaluation> {
  const { name, runtime, inliers, outlierSets, detectors, n = 95, outRatio = 0.2, draws = 1, seed } = options;
  if (!inliers.labels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The in-distribution test set "${inliers.name}" has no labels, so that no error rate can be measured.`,
    );
  }
  const outCount = Math.max(1, Math.floor(inliers.length * outRatio));
  const plans = outlierSets.map((set) => planDraws(set, outCount, draws, seed));
  const total = inliers.length + plans.reduce((sum, { needed }) => sum + needed.length, 0);
  let done = 0;
  const session = await runtime.createSession(writeModel(model));
  try {
    const ends = endsOf(model.graph);
    const logitsOf = (set: ImageSource, indices: Uint32Array) =>
      readLogits(session, ends, set, indices, (count) => {
        options.signal?.throwIfAborted();
        done += count;
        options.onProgress?.(done, total);
      });
    const all = Uint32Array.from({ length: inliers.length }, (_, i) => i);
    const { logits, classes } = await logitsOf(inliers, all);
    const predicted = predictions(logits, classes);
    const wrong = predicted.map((each, i) => (each === inliers.labels![i] ? 0 : 1));
    const scores: Evaluation['scores'] = {};
    const errorDetection: ResultRow[] = [];
    for (const detector of detectors) {
      const inScores = detector.score(logits, classes);
      scores[detector.name] = { in: inScores };
      const [right, mistaken] = [0, 1].map((flag) => inScores.filter((_, i) => wrong[i] === flag)) as [
        Float32Array,
        Float32Array,
      ];
      if (right.length > 0 && mistaken.length > 0) {
        errorDetection.push(
          row(name, detector.name, 'misclassified', [detectionMetrics(right, mistaken, { n })]),
        );
      }
    }
    const extremes: Evaluation['extremes'] = {};
    const keepExtremes = async (
      name: string,
      set: ImageSource,
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
      const outliers = await logitsOf(set, needed);
      for (const detector of detectors) {
        const outScores = detector.score(outliers.logits, classes);
        scores[detector.name]![set.name] = outScores;
        const inScores = scores[detector.name]!.in!;
        const metrics = picks.map((pick) =>
          detectionMetrics(
            inScores,
            Float32Array.from(pick, (at) => outScores[at]!),
            { n },
          ),
        );
        rows.push(row(name, detector.name, set.name, metrics));
      }
      await keepExtremes(set.name, set, needed, predictions(outliers.logits, classes));
    }
    for (const detector of detectors) {
      const ofDetector = rows.filter(({ score }) => score === detector.name);
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
    await session.release();
  }
}

/** Which examples of a set are needed, and which of these make up each draw. */
function planDraws(
  set: ImageSource,
  count: number,
  draws: number,
  seed: number,
): { needed: Uint32Array; picks: Uint32Array[] } {
  const size = Math.min(count, set.length);
  const drawn = Array.from({ length: draws }, (_, draw) =>
    Random.from(seed, 'draw', set.name, draw).permutation(set.length).slice(0, size),
  );
  const needed = Uint32Array.from(new Set(drawn.flatMap((indices) => [...indices]))).sort();
  const place = new Map(Array.from(needed, (index, at) => [index, at]));
  return { needed, picks: drawn.map((indices) => indices.map((index) => place.get(index)!)) };
}

async function readLogits(
  session: Session,
  { pixels, logits }: { pixels: string; logits: string },
  set: ImageSource,
  indices: Uint32Array,
  onBatch: (count: number) => void,
): Promise<{ logits: Float32Array; classes: number }> {
  const size = set.shape[0] * set.shape[1] * set.shape[2];
  let result: Float32Array | undefined;
  let classes = 0;
  for (let start = 0; start < indices.length; start += BATCH) {
    const window = indices.subarray(start, start + BATCH);
    const data = new Float32Array(window.length * size);
    await set.read(window, data);
    const outputs = await session.run({
      [pixels]: { elementType: 'float32', shape: [window.length, ...set.shape], data },
    });
    const values = outputs[logits]!;
    classes = values.shape[1]!;
    result ??= new Float32Array(indices.length * classes);
    result.set(values.data as Float32Array, start * classes);
    onBatch(window.length);
  }
  return { logits: result!, classes };
}

const MEASURES = ['fpr', 'auroc', 'aupr', 'auprIn', 'detectionError'] as const;

function row(model: string, score: string, set: string, draws: readonly DetectionMetrics[]): ResultRow {
  const { n, inCount, outCount } = draws[0]!;
  const measures = Object.fromEntries(
    MEASURES.map((key) => [key, meanAndStd(draws.map((draw) => draw[key]))]),
  );
  const value = (key: string) => measures[key]!.mean;
  const result: ResultRow = {
    model,
    score,
    set,
    fpr: value('fpr'),
    n,
    auroc: value('auroc'),
    aupr: value('aupr'),
    auprIn: value('auprIn'),
    detectionError: value('detectionError'),
    inCount,
    outCount,
  };
  if (draws.length > 1) {
    result.drawStd = { fpr: measures.fpr!.std, auroc: measures.auroc!.std, aupr: measures.aupr!.std };
  }
  return result;
}

/** The unweighted mean over sets, as the paper's tables have it. */
function meanRow(rows: readonly ResultRow[]): ResultRow {
  const mean = (key: (typeof MEASURES)[number] | 'outCount') =>
    meanAndStd(rows.map((each) => each[key])).mean;
  const { model, score, n, inCount } = rows[0]!;
  return {
    model,
    score,
    set: 'mean',
    fpr: mean('fpr'),
    n,
    auroc: mean('auroc'),
    aupr: mean('aupr'),
    auprIn: mean('auprIn'),
    detectionError: mean('detectionError'),
    inCount,
    outCount: mean('outCount'),
  };
}

/** Means over seeds of rows that stand for the same model, score and set, with their spread. */
export function averageOverSeeds(perSeed: readonly (readonly ResultRow[])[]): ResultRow[] {
  const first = perSeed[0] ?? [];
  if (perSeed.length <= 1) return [...first];
  return first.flatMap((pattern) => {
    const same = perSeed.flatMap((rows) =>
      rows.filter(
        ({ model, score, set }) => model === pattern.model && score === pattern.score && set === pattern.set,
      ),
    );
    const measured = (key: (typeof MEASURES)[number]) => meanAndStd(same.map((each) => each[key]));
    const [fpr, auroc, aupr] = [measured('fpr'), measured('auroc'), measured('aupr')];
    const average: ResultRow = {
      ...pattern,
      fpr: fpr.mean,
      auroc: auroc.mean,
      aupr: aupr.mean,
      auprIn: measured('auprIn').mean,
      detectionError: measured('detectionError').mean,
      seedStd: { fpr: fpr.std, auroc: auroc.std, aupr: aupr.std },
    };
    const draws = same.flatMap(({ drawStd }) => (drawStd ? [drawStd] : []));
    if (draws.length > 0) {
      const spread = (key: 'fpr' | 'auroc' | 'aupr') => meanAndStd(draws.map((std) => std[key])).mean;
      average.drawStd = { fpr: spread('fpr'), auroc: spread('auroc'), aupr: spread('aupr') };
    }
    return [average];
  });
}

/** A classifier with detectors on it, ready to score sets of any size. */
import { partsOf } from '../classifier/index.ts';
import type { ExampleSet } from '../data/index.ts';
import {
  type Detector,
  describeDetector,
  type FitData,
  type FitOptions,
  type FittedDetector,
  fitDetector,
  type Matrix,
  type Outputs,
  runtimeAlgebra,
  scoreOutputs,
} from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { type Pass, plainPass, rewrittenPass } from './pass.ts';

export interface ScorerOptions {
  runtime: Runtime;
  /** In-distribution examples, of training or calibration data, that detectors learn from. */
  fit?: ExampleSet | undefined;
  /** The name of the value to take for features; default: the input of the last linear layer. */
  features?: string | undefined;
  /** Examples a call. */
  batch?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Told while detectors learn. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Scores of examples that went through the model together. */
export interface ScoredWindow {
  /** Places in the list of indices that was given. */
  places: Uint32Array;
  /** The classifier's own logits. */
  logits: Matrix;
  /** By detector, as `describeDetector` calls it; higher = more anomalous. */
  scores: Record<string, Float32Array>;
}

export interface Scorer {
  /** In the order in which they were asked for. */
  readonly detectors: readonly FittedDetector[];
  /** How often each example goes through a model: once, and once more for each detector with a model of its own. */
  readonly passes: number;
  /** Scores windows as they come; for scorers of one pass. */
  windows(set: ExampleSet, indices: Uint32Array): AsyncGenerator<ScoredWindow, void>;
  /** Scores everything at once. @param onBatch told how many examples went through a model */
  scoreAll(
    set: ExampleSet,
    indices: Uint32Array,
    onBatch?: (count: number) => void,
  ): Promise<{ logits: Matrix; scores: Record<string, Float32Array> }>;
  release(): Promise<void>;
}

/**
 * Loads the classifier, once for all detectors on its own outputs and once for each that changes it, and fits those that
 * learn.
 *
 * @param detectors those fitted already are taken as they are
 * @throws OutlierExposureError `unsupported` when a detector needs what the model does not have; `invalid-argument` when
 * one learns and there is nothing to learn from; the signal's reason when aborted
 */
export async function openScorer(
  model: Model,
  detectors: readonly (Detector | FittedDetector)[],
  options: ScorerOptions,
): Promise<Scorer> {
  const { runtime, features, batch, signal } = options;
  const parts = partsOf(model, { features });
  const algebra = runtimeAlgebra(runtime);
  const context = { head: parts.head, algebra, signal };
  const wanted = detectors.map(asWanted);
  const ways: Way[] = [];
  const release = async () => {
    for (const { pass } of ways) await pass.release();
    await algebra.release();
  };
  try {
    const plain = wanted.filter(({ detector }) => !detector.rewrite);
    const passOptions = { runtime, parts, batch, signal };
    // Without any detector of its own the classifier still runs, for its logits.
    if (plain.length > 0 || wanted.length === 0) {
      const pass = await plainPass(
        model,
        plain.map(({ detector }) => detector),
        passOptions,
      );
      ways.push({ pass, detectors: plain });
    }
    for (const each of wanted.filter(({ detector }) => detector.rewrite))
      ways.push({ pass: rewrittenPass(model, each.detector, passOptions), detectors: [each] });
    await fitAll(ways, context, options);
  } catch (error) {
    await release();
    throw error;
  }

  const scored = async function* ({ pass, detectors }: Way, set: ExampleSet, indices: Uint32Array) {
    for await (const { places, own, outputs } of pass.windows(set, indices)) {
      const scores: Record<string, Float32Array> = {};
      for (const each of detectors)
        scores[describeDetector(each.detector)] = await scoreOutputs(
          each as FittedDetector,
          outputs,
          context,
        );
      yield { places, logits: own, scores };
    }
  };
  return {
    detectors: wanted as FittedDetector[],
    passes: ways.length,
    windows(set, indices) {
      if (ways.length === 1) return scored(ways[0]!, set, indices);
      throw new OutlierExposureError(
        'invalid-argument',
        'Detectors with models of their own cannot score window by window beside others: open a scorer for each.',
      );
    },
    async scoreAll(set, indices, onBatch) {
      let logits: Matrix = { data: new Float32Array(0), shape: [0, 1] };
      const scores: Record<string, Float32Array> = {};
      for (const { detector } of wanted)
        scores[describeDetector(detector)] = new Float32Array(indices.length);
      for (const way of ways) {
        for await (const window of scored(way, set, indices)) {
          const [, classes] = window.logits.shape;
          if (logits.shape[0] === 0)
            logits = { data: new Float32Array(indices.length * classes), shape: [indices.length, classes] };
          if (way === ways[0]) place(window.logits.data, classes, window.places, logits.data);
          for (const [name, values] of Object.entries(window.scores))
            place(values, 1, window.places, scores[name]!);
          onBatch?.(window.places.length);
        }
      }
      return { logits, scores };
    },
    release,
  };
}

/** A pass, and who scores what comes out of it. */
interface Way {
  pass: Pass;
  detectors: Wanted[];
}

/** Fitted once it has its state. */
type Wanted = Pick<FittedDetector, 'detector'> & Partial<FittedDetector>;

function asWanted(detector: Detector | FittedDetector): Wanted {
  return 'detector' in detector ? { ...detector } : { detector };
}

async function fitAll(
  ways: readonly Way[],
  context: FitOptions,
  { fit, onProgress }: ScorerOptions,
): Promise<void> {
  const learns = ({ detector, state }: Wanted) => detector.fit !== undefined && state === undefined;
  const total = ways.filter(({ detectors }) => detectors.some(learns)).length * (fit?.length ?? 0);
  let done = 0;
  for (const { pass, detectors } of ways) {
    const data =
      fit && detectors.some(learns)
        ? await fitData(pass, fit, (count) => {
            done += count;
            onProgress?.(done, total);
          })
        : undefined;
    for (const each of detectors) each.state ??= (await fitDetector(each.detector, data, context)).state;
  }
}

/** Everything that a pass gives for the examples to learn from. */
async function fitData(pass: Pass, set: ExampleSet, onBatch: (count: number) => void): Promise<FitData> {
  const indices = Uint32Array.from({ length: set.length }, (_, i) => i);
  const data: Partial<Record<keyof Outputs, Matrix>> = {};
  for await (const { places, outputs } of pass.windows(set, indices)) {
    for (const [name, values] of Object.entries(outputs) as ['logits', Matrix][]) {
      const [, columns] = values.shape;
      data[name] ??= { data: new Float32Array(set.length * columns), shape: [set.length, columns] };
      place(values.data, columns, places, data[name].data);
    }
    onBatch(places.length);
  }
  if (!data.logits)
    throw new OutlierExposureError(
      'invalid-argument',
      `"${set.name}" is empty: there is nothing to learn from.`,
    );
  return { ...(data as FitData), ...(set.labels ? { labels: Int32Array.from(set.labels) } : {}) };
}

function place(rows: Float32Array, columns: number, places: Uint32Array, to: Float32Array): void {
  for (const [row, at] of places.entries())
    to.set(rows.subarray(row * columns, (row + 1) * columns), at * columns);
}

/** Scores of a set too large to keep: a batch at a time, the next one read while the model works. */
import { withLogitsOutput } from '../classifier/index.ts';
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import {
  type Detector,
  describeDetector,
  type FittedDetector,
  msp,
  mspScore,
  predictions,
} from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { openScorer, type ScoredWindow, type Scorer } from './scorer.ts';

export interface ScoreStreamOptions {
  runtime: Runtime;
  /** Default: the maximum softmax probability. One that learns comes fitted, or with `fit`. */
  detector?: Detector | FittedDetector;
  /** In-distribution examples that the detector learns from. */
  fit?: ExampleSet;
  /** The name of the value to take for features; default: the input of the last linear layer. */
  features?: string;
  /**
   * Images a call. Default: at most 200, and at most 32 MB of pixels. A model of a fixed batch size keeps its own. Of texts:
   * how many scores come at once; default 2,000.
   */
  batch?: number;
  signal?: AbortSignal | undefined;
}

/** What a model says of images or texts that stand one after the other in their set. */
export interface ScoredBatch {
  /** The number of the first of them in its set. */
  from: number;
  /** One score each; higher = more anomalous. */
  scores: Float32Array;
  /** The class with the highest logit. */
  predicted: Int32Array;
  /** The highest softmax probability, from 1/classes to 1. */
  confidence: Float32Array;
}

/** Enough that many texts of one length are among them. */
const TEXTS = 2000;

/**
 * Scores every image or text of a set in its order, in constant memory: two batches of pixels are held, whatever the set's
 * size, and the next one is read only when the last one was taken. A text's score does not depend on the others.
 *
 * @param model of one that ends in Softmax the logits before it are taken
 * @throws OutlierExposureError `unsupported` when the model has not one input of images or texts and one output of logits,
 * or lacks what the detector needs, `invalid-argument` when the set does not fit it; the signal's reason when aborted
 */
export async function* scoreStream(
  model: Model,
  source: ExampleSet,
  options: ScoreStreamOptions,
): AsyncGenerator<ScoredBatch, void> {
  const { detector = msp, batch, signal, ...rest } = options;
  signal?.throwIfAborted();
  const scorer = await openScorer(withLogitsOutput(model), [detector], {
    ...rest,
    ...(isEncodedText(source) ? {} : { batch }),
    signal,
  });
  try {
    yield* scoresInOrder(scorer, source, batch);
  } finally {
    await scorer.release();
  }
}

/**
 * As {@link scoreStream}, by the first detector of a scorer that stays open.
 *
 * @param texts of texts: how many scores come at once; default 2,000
 */
export function scoresInOrder(
  scorer: Scorer,
  source: ExampleSet,
  texts = TEXTS,
): AsyncGenerator<ScoredBatch, void> {
  return isEncodedText(source) ? chunks(scorer, source, texts) : imagesInOrder(scorer, source);
}

async function* imagesInOrder(scorer: Scorer, source: ExampleSet): AsyncGenerator<ScoredBatch, void> {
  const indices = Uint32Array.from({ length: source.length }, (_, i) => i);
  for await (const window of scorer.windows(source, indices))
    yield { from: window.places[0]!, ...judged(scorer, window) };
}

/** Texts of one length go through the model together, so that they come in order only once a number of them is done. */
async function* chunks(scorer: Scorer, source: ExampleSet, size: number): AsyncGenerator<ScoredBatch, void> {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A batch of ${size} texts cannot be scored: give a whole number, 1 or more.`,
    );
  }
  for (let from = 0; from < source.length; from += size) {
    const indices = Uint32Array.from({ length: Math.min(size, source.length - from) }, (_, i) => from + i);
    yield { from, ...judged(scorer, await scorer.scoreAll(source, indices)) };
  }
}

/** What a detector and the highest probability say of logits. */
function judged(
  { detectors: [fitted] }: Scorer,
  { logits: { data, shape }, scores }: Pick<ScoredWindow, 'logits' | 'scores'>,
): Omit<ScoredBatch, 'from'> {
  const [, classes] = shape;
  if (classes < 2) {
    throw new OutlierExposureError(
      'unsupported',
      'The model has no logits: its output should be [batch, classes] with 2 classes or more, but has 1.',
    );
  }
  return {
    scores: scores[describeDetector(fitted!.detector)]!,
    predicted: predictions(data, classes),
    confidence: mspScore(data, classes).map((value) => -value),
  };
}

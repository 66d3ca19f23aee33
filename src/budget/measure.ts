/** How good a model is, as a classifier and as a detector, on what was held out. */

import { endsOf } from '../classifier/index.ts';
import type { ImageSource } from '../data/index.ts';
import { mspScore, predictions } from '../detectors/index.ts';
import { readLogits } from '../evaluation/logits.ts';
import { auroc } from '../metrics/index.ts';
import { type Model, writeModel } from '../onnx/index.ts';
import type { Runtime } from '../runtime/runtime.ts';

export interface Measured {
  /** The share of misclassified held-out images, 0 to 1. */
  error: number;
  /** The mean over the sets of validation outliers, 0 to 1: the score is the maximum softmax probability's. */
  meanAuroc: number;
  /** By set. */
  aurocs: Record<string, number>;
  /** For each held-out image 1 where it is misclassified. */
  wrong: Uint8Array;
}

export interface MeasureOptions {
  runtime: Runtime;
  heldOut: ImageSource;
  outliers: readonly ImageSource[];
  /** How many outliers of each set are taken, from its start. */
  outlierCount: number;
  signal?: AbortSignal | undefined;
  onProgress?: (done: number, total: number) => void;
}

/** Runs the model over the held-out images and the validation outliers. */
export async function measure(model: Model, options: MeasureOptions): Promise<Measured> {
  const { runtime, heldOut, outliers, outlierCount, signal, onProgress } = options;
  const counts = outliers.map(({ length }) => Math.min(length, outlierCount));
  const total = counts.reduce((sum, count) => sum + count, heldOut.length);
  let done = 0;
  const session = await runtime.createSession(writeModel(model));
  try {
    const ends = endsOf(model.graph);
    const logitsOf = (set: ImageSource, count: number) =>
      readLogits(
        session,
        ends,
        set,
        Uint32Array.from({ length: count }, (_, i) => i),
        (more) => {
          signal?.throwIfAborted();
          done += more;
          onProgress?.(done, total);
        },
      );
    const { logits, classes } = await logitsOf(heldOut, heldOut.length);
    const wrong = Uint8Array.from(predictions(logits, classes), (predicted, i) =>
      predicted === heldOut.labels![i] ? 0 : 1,
    );
    const inScores = mspScore(logits, classes);
    const aurocs: Record<string, number> = {};
    for (const [i, set] of outliers.entries()) {
      const of = await logitsOf(set, counts[i]!);
      aurocs[set.name] = auroc(inScores, mspScore(of.logits, of.classes));
    }
    const values = Object.values(aurocs);
    return {
      error: wrong.reduce((sum, each) => sum + each, 0) / wrong.length,
      meanAuroc: values.reduce((sum, each) => sum + each, 0) / values.length,
      aurocs,
      wrong,
    };
  } finally {
    await session.release();
  }
}

/**
 * The standard error of the difference between two models' errors on the same images: √(b + c − (b − c)²/n) / n, with b and
 * c the numbers of images that only the one, or only the other, gets wrong.
 */
export function errorOfDifference(a: Pick<Measured, 'wrong'>, b: Pick<Measured, 'wrong'>): number {
  const count = a.wrong.length;
  let [onlyA, onlyB] = [0, 0];
  for (const [i, wrong] of a.wrong.entries()) {
    if (wrong > b.wrong[i]!) onlyA++;
    else if (wrong < b.wrong[i]!) onlyB++;
  }
  return Math.sqrt(onlyA + onlyB - (onlyA - onlyB) ** 2 / count) / count;
}

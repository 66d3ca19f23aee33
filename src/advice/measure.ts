/** How good a model is, as a classifier and as a detector, on what advice is judged by. */
import { endsOf } from '../classifier/index.ts';
import type { ExampleSet } from '../data/index.ts';
import { type Matrix, matrix, mspScore, predictions } from '../detectors/index.ts';
import { planDraws } from '../evaluation/draws.ts';
import { readLogits } from '../evaluation/logits.ts';
import { auroc } from '../metrics/index.ts';
import { type Model, writeModel } from '../onnx/index.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Outliers of each judge that are measured at most. */
const MOST_OUTLIERS = 500;

export interface Judged {
  /** The share of misclassified held-out examples, 0 to 1. */
  error: number;
  /** By judge, 0 to 1. */
  aurocs: Record<string, number>;
  /** For each held-out example 1 where it is misclassified. */
  wrong: Uint8Array;
}

export interface Judges {
  heldOut: ExampleSet;
  validation: readonly ExampleSet[];
}

/**
 * Runs a model over the held-out examples and the outliers that judge; the score is the maximum softmax probability's.
 *
 * @param onLogits told the logits of each set of outliers
 */
export async function judge(
  model: Model,
  { heldOut, validation }: Judges,
  {
    runtime,
    seed,
    signal,
    onLogits,
  }: {
    runtime: Runtime;
    seed: number;
    signal?: AbortSignal | undefined;
    onLogits?: (name: string, logits: Matrix) => void;
  },
): Promise<Judged> {
  const session = await runtime.createSession(writeModel(model));
  const ends = endsOf(model.graph);
  const logitsOf = (set: ExampleSet, indices: Uint32Array) =>
    readLogits(session, ends, set, indices, () => signal?.throwIfAborted());
  try {
    const all = Uint32Array.from({ length: heldOut.length }, (_, i) => i);
    const { logits, classes } = await logitsOf(heldOut, all);
    const wrong = Uint8Array.from(predictions(logits, classes), (predicted, i) =>
      predicted === heldOut.labels![i] ? 0 : 1,
    );
    const inScores = mspScore(logits, classes);
    const aurocs: Record<string, number> = {};
    for (const set of validation) {
      const theirs = await logitsOf(set, planDraws(set, MOST_OUTLIERS, 1, seed).needed);
      onLogits?.(set.name, matrix(theirs.logits, classes));
      aurocs[set.name] = auroc(inScores, mspScore(theirs.logits, classes));
    }
    return { error: mean(wrong), aurocs, wrong };
  } finally {
    await session.release();
  }
}

/** The mean of one or more numbers. */
export function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

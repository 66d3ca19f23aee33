/** How good a model is, as a classifier and as a detector, on what advice is judged by. */
import { endsOf } from '../classifier/index.ts';
import type { ExampleSet } from '../data/index.ts';
import { mspScore, predictions } from '../detectors/index.ts';
import { planDraws } from '../evaluation/draws.ts';
import { readLogits } from '../evaluation/logits.ts';
import { auroc } from '../metrics/index.ts';
import { type Model, writeModel } from '../onnx/index.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Outliers of each validation set that are measured at most. */
const MOST_OUTLIERS = 500;

export interface Judged {
  /** The share of misclassified held-out examples, 0 to 1. */
  error: number;
  /** Mean over the validation sets, 0 to 1. */
  meanAuroc: number;
  aurocs: Record<string, number>;
  /** For each held-out example 1 where it is misclassified. */
  wrong: Uint8Array;
}

export interface Judges {
  heldOut: ExampleSet;
  validation: readonly ExampleSet[];
}

/** Runs a model over the held-out examples and the validation outliers; the score is the maximum softmax probability's. */
export async function judge(
  model: Model,
  { heldOut, validation }: Judges,
  { runtime, seed, signal }: { runtime: Runtime; seed: number; signal?: AbortSignal | undefined },
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
      aurocs[set.name] = auroc(inScores, mspScore(theirs.logits, classes));
    }
    return { error: mean(wrong), meanAuroc: mean(Object.values(aurocs)), aurocs, wrong };
  } finally {
    await session.release();
  }
}

/** The mean of one or more numbers. */
export function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

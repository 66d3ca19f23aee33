/** How close candidates are to the in-distribution set, as the classifier sees them. */
import { partsOf } from '../classifier/index.ts';
import type { ExampleSet } from '../data/index.ts';
import { type Matrix, matrix, mspScore } from '../detectors/index.ts';
import { planDraws } from '../evaluation/draws.ts';
import { outputWindows } from '../evaluation/output-windows.ts';
import { type Model, removeUnused, writeModel } from '../onnx/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { twoSampleAuroc } from './two-sample.ts';

/** Examples of each set that are looked at, at most. */
const MOST = 1000;

/** The regression needs some on either side. */
const LEAST = 4;

export interface Closeness {
  /** AUROC of telling the two apart by features, 0.5 to 1; 1 for sets of less than 4 examples, which say nothing. */
  separability: number;
  /** Share of outliers with a maximum softmax probability above the in-distribution median. */
  overlap: number;
}

/** @returns for each candidate, in their order */
export async function closenessOf(
  model: Model,
  { heldOut, candidates }: { heldOut: ExampleSet; candidates: readonly ExampleSet[] },
  {
    runtime,
    features: named,
    seed,
    signal,
    onSet,
  }: {
    runtime: Runtime;
    features?: string | undefined;
    seed: number;
    signal?: AbortSignal | undefined;
    onSet?: (done: number, total: number) => void;
  },
): Promise<Closeness[]> {
  const parts = partsOf(model, { features: named });
  const features = parts.features ?? parts.logits;
  const graph = model.graph.clone();
  if (!graph.outputs.has(features)) graph.addOutput(features);
  removeUnused(graph);
  const session = await runtime.createSession(writeModel({ ...model, graph }));
  const read = async (set: ExampleSet) => {
    const { needed } = planDraws(set, MOST, 1, seed);
    const values = [...new Set([parts.logits, features])];
    const whole: Record<string, Matrix> = {};
    const ends = { pixels: parts.pixels, values };
    for await (const { places, outputs } of outputWindows(session, ends, set, needed, { signal })) {
      for (const name of values) {
        const { data, shape } = outputs[name]!;
        const columns = shape[1];
        whole[name] ??= matrix(new Float32Array(needed.length * columns), columns);
        for (const [row, place] of places.entries())
          whole[name].data.set(data.subarray(row * columns, (row + 1) * columns), place * columns);
      }
    }
    return { features: whole[features]!, logits: whole[parts.logits]! };
  };
  try {
    const total = candidates.length + 1;
    const own = await read(heldOut);
    onSet?.(1, total);
    const ownScores = mspScore(own.logits.data, own.logits.shape[1]).sort();
    const median = ownScores[ownScores.length >> 1]!;
    const all: Closeness[] = [];
    for (const candidate of candidates) {
      const theirs = await read(candidate);
      const scores = mspScore(theirs.logits.data, theirs.logits.shape[1]);
      const enough = Math.min(own.features.shape[0], theirs.features.shape[0]) >= LEAST;
      all.push({
        separability: enough ? twoSampleAuroc(own.features, theirs.features, seed) : 1,
        // The score is minus the probability.
        overlap: scores.filter((score) => score < median).length / scores.length,
      });
      onSet?.(all.length + 1, total);
      signal?.throwIfAborted();
    }
    return all;
  } finally {
    await session.release();
  }
}

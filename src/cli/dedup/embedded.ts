/** The search for examples that are alike to a model. */
import { availableParallelism } from 'node:os';
import type { DuplicatePair } from '../../data/duplicates/index.ts';
import {
  type EncodedText,
  type ExampleSet,
  type ImageShape,
  type ImageSource,
  isEncodedText,
  type TextSource,
  UNKNOWN_ID,
} from '../../data/index.ts';
import { runtimeAlgebra } from '../../detectors/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { type EmbeddedSet, embeddingNeighbours, openFeatures } from '../../evaluation/index.ts';
import { stageMeter } from '../../experiments/progress.ts';
import { nodeRuntime } from '../../runtime/index.ts';
import { checkKnown, encoded } from '../text-sets.ts';
import type { Embedder } from './embedder.ts';
import type { SetKind } from './kind.ts';
import { type DedupSets, type OpenRun, openImagesAs } from './open.ts';

/** The least cosine of examples that are alike, unless another is given. */
export const ALIKE = 0.98;

/** How a model compared sets, as it is kept and told. */
export interface Comparison {
  model: string;
  sha256: string;
  /** The name of the value that was compared, and how many numbers it has for an example. */
  features: string;
  width: number;
  alike: number;
  /** Examples that were compared with nothing: their features are zeros or not finite, or the model knows no word of them. */
  uncompared: { cleaned: number; against: number };
}

/** Compares what is left of sets; each array marks examples that are not looked at, by 1. */
export type EmbeddedSearch = (gone: {
  cleaned: Uint8Array;
  against: readonly Uint8Array[];
}) => Promise<{ pairs: DuplicatePair[]; comparison: Comparison }>;

export interface EmbeddedOptions extends OpenRun {
  paths: { outliers: readonly string[]; against: readonly string[] };
  alike: number;
  within: 'keep' | 'remove';
  threads?: number | undefined;
}

/** @throws OutlierExposureError `invalid-argument` when the model takes the other kind of sets */
export function checkTakes({ path, tokenizer }: Embedder, kind: SetKind): void {
  const takes = tokenizer ? 'texts' : 'images';
  if (takes === kind) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `${path} takes ${takes}, but the sets hold ${kind}: give a model of ${kind} to compare them.`,
  );
}

/** The search by a model, not begun. */
export function embeddedSearch(
  embedder: Embedder,
  sets: DedupSets,
  { paths, alike, within, threads = availableParallelism(), ...run }: EmbeddedOptions,
): EmbeddedSearch {
  const { signal, onProgress } = run;
  return async (gone) => {
    const { cleaned, against } = await openForModel(embedder, sets, paths, run);
    const runtime = await nodeRuntime({ threads });
    try {
      const reader = await openFeatures(embedder.model, { runtime, signal });
      const algebra = runtimeAlgebra(runtime);
      const uncompared = { cleaned: 0, against: 0 };
      const readFrom = (set: ExampleSet, out: Uint8Array, whose: keyof typeof uncompared): EmbeddedSet => ({
        indices: Uint32Array.from({ length: set.length }, (_, index) => index).filter((index) => {
          if (out[index]) return false;
          if (!isEncodedText(set) || hasKnownWord(set, index)) return true;
          uncompared[whose]++;
          return false;
        }),
        read: (indices, onBatch) => reader.read(set, indices, onBatch),
      });
      const { pairs, undirected, width } = await embeddingNeighbours(
        readFrom(cleaned, gone.cleaned, 'cleaned'),
        against.map((set, i) => readFrom(set, gone.against[i]!, 'against')),
        { algebra, alike, within, signal, onProgress: stageMeter('Compare features', onProgress) },
      );
      uncompared.cleaned += undirected.cleaned;
      uncompared.against += undirected.against;
      const { path, sha256, features } = embedder;
      return {
        pairs: pairs.map((pair) => ({ ...pair, sameness: 'embedding' })),
        comparison: { model: path, sha256, features, width, alike, uncompared },
      };
    } finally {
      await runtime.dispose();
    }
  };
}

async function openForModel(
  { tokenizer, sides }: Embedder,
  { outliers, against }: DedupSets,
  paths: EmbeddedOptions['paths'],
  run: OpenRun,
): Promise<{ cleaned: ExampleSet; against: ExampleSet[] }> {
  if (tokenizer) {
    const texts = against.map(({ source }) => encoded(source as TextSource, tokenizer, run));
    for (const set of texts) checkKnown(set);
    return { cleaned: encoded(outliers.source as TextSource, tokenizer, run), against: texts };
  }
  const source = outliers.source as ImageSource;
  const shape = sides!.map((side, i) => (typeof side === 'number' ? side : source.shape[i]!));
  if (shape.every((side, i) => side === source.shape[i]))
    return { cleaned: source, against: against.map((set) => set.source as ImageSource) };
  // From the files again: what was opened to be hashed may be smaller than what the model takes.
  return openImagesAs(shape as unknown as ImageShape, paths, run);
}

/** Texts of unknown words alone are all the same to a model. */
function hasKnownWord({ ids, offsets }: EncodedText, index: number): boolean {
  for (let at = offsets[index]!; at < offsets[index + 1]!; at++) if (ids[at] !== UNKNOWN_ID) return true;
  return false;
}

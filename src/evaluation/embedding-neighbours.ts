/** Examples whose features point the way that another set's do: near duplicates as a model sees them. */
import { rowRange } from '../detectors/algebra.ts';
import { normalizedRows } from '../detectors/features/rows.ts';
import type { Algebra, Matrix } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { bank, earlierIn } from './unit-rows.ts';

/** A set to be compared: which of its examples, and how their features are read. */
export interface EmbeddedSet {
  /** The examples' numbers, ascending. */
  indices: Uint32Array;
  /** The features of some of them, a row each; `onBatch` is told how many were done since it was last called. */
  read(indices: Uint32Array, onBatch: (count: number) => void): Promise<Matrix>;
}

export interface NeighbourPair {
  index: number;
  /** The set of what it is like, by its number in `against`; `within` for an earlier one of its own set. */
  set: number | 'within';
  of: number;
  /** The cosine of the two, at most 1. */
  similarity: number;
}

export interface NeighbourSearch {
  /** One for each example that is like another, ascending by its number. */
  pairs: NeighbourPair[];
  /** Examples without a direction, as their features are zeros or no finite numbers: they are like nothing. */
  undirected: { cleaned: number; against: number };
  /** Values of an example's features. */
  width: number;
}

export interface NeighbourOptions {
  algebra: Pick<Algebra, 'largest' | 'products'>;
  /** The least cosine: above 0, at most 1. */
  alike: number;
  /** Whether examples are also compared with earlier ones of their own set that stay. Default: `keep`. */
  within?: 'keep' | 'remove';
  signal?: AbortSignal | undefined;
  /** Examples done, of all; those of the cleaned set count when they went through the model, and again when compared. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Examples that are looked at together: so many, but no more than 128 MB of features. */
const TOGETHER = 4096;
const MOST_VALUES = 2 ** 25;
/** Until the width is known. */
const FIRST = 256;

/**
 * The examples of `cleaned` whose cosine with one of `against`, zᵀw / (‖z‖·‖w‖), is at least `alike`, each with its nearest
 * (of equals the first). Candidates come from float32 products of rows of length 1; their cosine is computed again in
 * double precision.
 *
 * Holds the features of `against`, 4 bytes a value, and those of 4,096 examples or 128 MB of them; with `within: 'remove'`
 * also those of the cleaned set.
 *
 * @throws OutlierExposureError `invalid-argument` for a cosine out of range or features of different widths, `unsupported`
 * when the features do not fit into memory; the signal's reason when aborted
 */
export async function embeddingNeighbours(
  cleaned: EmbeddedSet,
  against: readonly EmbeddedSet[],
  { algebra, alike, within = 'keep', signal, onProgress }: NeighbourOptions,
): Promise<NeighbourSearch> {
  if (!(alike > 0 && alike <= 1)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `Features cannot be alike to the cosine ${alike}; give a number above 0 and up to 1.`,
    );
  }
  const references = against.reduce((sum, { indices }) => sum + indices.length, 0);
  const total = references + 2 * cleaned.indices.length;
  let width = 0;
  const undirected = { cleaned: 0, against: 0 };
  let done = 0;
  const tell = (count: number) => {
    signal?.throwIfAborted();
    done += count;
    onProgress?.(done, total);
  };
  const read = async (set: EmbeddedSet, some: Uint32Array, whose: keyof typeof undirected) => {
    const { rows, norms } = normalizedRows(await set.read(some, tell));
    width = rows.shape[1];
    for (const norm of norms) if (!(norm > 0)) undirected[whose]++;
    return rows;
  };
  const others = bank(references);
  const starts: number[] = [];
  for (const set of against) {
    starts.push(others.length);
    for (const some of blocksOf(set.indices, () => width)) others.add(await read(set, some, 'against'));
  }
  const own = bank(within === 'remove' ? cleaned.indices.length : 0);
  const ownNumbers: number[] = [];
  const pairs: NeighbourPair[] = [];
  for (const some of blocksOf(cleaned.indices, () => width)) {
    const rows = await read(cleaned, some, 'cleaned');
    const found = await others.nearest(rows, algebra);
    const repeated = await own.nearest(rows, algebra);
    const earlier = within === 'remove' ? await earlierIn(rows, { algebra, alike, signal }) : undefined;
    const gone = new Uint8Array(some.length);
    const likeness = (row: number): Omit<NeighbourPair, 'index'> | undefined => {
      const other = found?.(row);
      if (other && other.cosine >= alike) {
        const set = starts.findLastIndex((start) => start <= other.at);
        return { set, of: against[set]!.indices[other.at - starts[set]!]!, similarity: other.cosine };
      }
      const before = repeated?.(row);
      if (before && before.cosine >= alike)
        return { set: 'within', of: ownNumbers[before.at]!, similarity: before.cosine };
      const beside = earlier?.(row, gone);
      return beside && { set: 'within', of: some[beside.at]!, similarity: beside.cosine };
    };
    for (const [row, index] of some.entries()) {
      const pair = likeness(row);
      if (pair) {
        pairs.push({ index, ...pair });
        gone[row] = 1;
      } else if (within === 'remove') {
        own.add(rowRange(rows, row, row + 1));
        ownNumbers.push(index);
      }
    }
    tell(some.length);
  }
  return { pairs, undirected, width };
}

function* blocksOf(indices: Uint32Array, width: () => number): Generator<Uint32Array> {
  for (let from = 0; from < indices.length; ) {
    const most = width() > 0 ? Math.min(TOGETHER, Math.floor(MOST_VALUES / width())) : FIRST;
    const some = indices.subarray(from, from + Math.max(1, most));
    yield some;
    from += some.length;
  }
}

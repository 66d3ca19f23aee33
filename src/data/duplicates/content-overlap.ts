/** How many examples of a set are, to the last value, examples of another: a check, not a search. */

import type { ExampleSet } from '../example-set.ts';
import { isEncodedText } from '../text/encode.ts';
import { type ContentHash, contentHash } from './content-hash.ts';
import { HashTable } from './hash-table.ts';
import { eachImage } from './image-reader.ts';
import { normalizedText } from './normalized-text.ts';

/** So many examples of a set are compared where nothing else is said: a check is not to take longer than what it is for. */
export const OVERLAP_LIMIT = 200_000;

/** A set, and how many of its examples are looked at, evenly spaced; default: all. */
export interface Compared {
  set: ExampleSet;
  most?: number;
}

/**
 * How many examples of `source` occur in each of the others, by the hash of their content: pixels as bytes; texts
 * without case, accents, punctuation and spacing. Sets of another kind or shape share none.
 *
 * @returns a number for each of the others
 */
export async function contentOverlap(
  source: ExampleSet,
  others: readonly ExampleSet[],
  options: { signal?: AbortSignal } = {},
): Promise<number[]> {
  const rows = await contentOverlaps(
    [{ set: source }],
    others.map((set) => ({ set })),
    options,
  );
  return rows[0]!;
}

/**
 * {@link contentOverlap} of several sets; each set is read once.
 *
 * @returns a row for each source, a number in it for each of the others
 */
export async function contentOverlaps(
  sources: readonly Compared[],
  others: readonly Compared[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<number[][]> {
  const tables: HashTable[] = [];
  for (const other of others) {
    const table = new HashTable();
    if (sources.some(({ set }) => comparable(set, other.set)))
      await eachHash(other, (hash, index) => table.put(hash, index), signal);
    tables.push(table);
  }
  const rows: number[][] = [];
  for (const source of sources) {
    const counts = others.map(() => 0);
    const mayShare = others.map(({ set }) => comparable(source.set, set));
    const see = (hash: ContentHash) => {
      for (const [i, table] of tables.entries())
        if (mayShare[i] && table.get(hash) !== undefined) counts[i]!++;
    };
    if (mayShare.includes(true)) await eachHash(source, see, signal);
    rows.push(counts);
  }
  return rows;
}

function comparable(a: ExampleSet, b: ExampleSet): boolean {
  if (isEncodedText(a) || isEncodedText(b)) return isEncodedText(a) && isEncodedText(b);
  return a.shape.every((side, i) => side === b.shape[i]);
}

async function eachHash(
  { set, most = set.length }: Compared,
  see: (hash: ContentHash, index: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const skip = (index: number) =>
    Math.floor(((index + 1) * most) / set.length) === Math.floor((index * most) / set.length);
  if (isEncodedText(set)) {
    const encoder = new TextEncoder();
    for (let index = 0; index < set.length; index++)
      if (!skip(index)) see(contentHash(encoder.encode(normalizedText(set.text(index)))), index);
    return;
  }
  const size = set.shape[0] * set.shape[1] * set.shape[2];
  const bytes = new Uint8Array(size);
  await eachImage(
    set,
    (image, index) => {
      for (let j = 0; j < size; j++) bytes[j] = Math.max(0, Math.min(255, Math.round(255 * image[j]!)));
      see(contentHash(bytes), index);
    },
    // What cannot be read is told where it is needed.
    () => {},
    { skip, signal },
  );
}

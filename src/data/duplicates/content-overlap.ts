/** How many examples of a set are, to the last value, examples of another: a check, not a search. */

import type { ExampleSet } from '../example-set.ts';
import { isEncodedText } from '../text/encode.ts';
import { type ContentHash, contentHash } from './content-hash.ts';
import { HashTable } from './hash-table.ts';
import { eachImage } from './image-reader.ts';
import { normalizedText } from './normalized-text.ts';

/**
 * How many examples of `source` occur in each of the others, by the hash of their content: pixels as bytes; texts
 * without case, accents, punctuation and spacing. Sets of another kind or shape share none.
 *
 * @returns a number for each of the others
 */
export async function contentOverlap(
  source: ExampleSet,
  others: readonly ExampleSet[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<number[]> {
  const tables: HashTable[] = [];
  for (const other of others) {
    const table = new HashTable();
    if (comparable(source, other)) await eachHash(other, (hash, index) => table.put(hash, index), signal);
    tables.push(table);
  }
  const counts = others.map(() => 0);
  await eachHash(
    source,
    (hash) => {
      for (const [i, table] of tables.entries()) if (table.get(hash) !== undefined) counts[i]!++;
    },
    signal,
  );
  return counts;
}

function comparable(a: ExampleSet, b: ExampleSet): boolean {
  if (isEncodedText(a) || isEncodedText(b)) return isEncodedText(a) && isEncodedText(b);
  return a.shape.every((side, i) => side === b.shape[i]);
}

async function eachHash(
  set: ExampleSet,
  see: (hash: ContentHash, index: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (isEncodedText(set)) {
    const encoder = new TextEncoder();
    for (let index = 0; index < set.length; index++)
      see(contentHash(encoder.encode(normalizedText(set.text(index)))), index);
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
    { signal },
  );
}

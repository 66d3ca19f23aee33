/** The pictures of a set that repeat none of another set, and which of them repeat each other. */
import { bestOf } from './best-match.ts';
import type { DuplicatePair } from './found.ts';
import { type HammingIndex, hammingIndex } from './hamming-index.ts';
import { HashTable } from './hash-table.ts';
import { CELLS, GRID } from './image-grid.ts';
import { nearPairs } from './near-pairs.ts';
import { likeness, mirroredHash } from './perceptual-hash.ts';
import { SignatureTable } from './signature-table.ts';

/** So many earlier pictures that a picture is like are kept; one of them nearly always stays. */
const KEPT = 4;

interface Like {
  entry: number;
  similarity: number;
}

export class OwnImages {
  readonly content = new HashTable();
  readonly table = new SignatureTable();

  /** Those that repeat an earlier one which stays. */
  async repeats(search: {
    distance: number;
    similarity: number;
    signal?: AbortSignal | undefined;
    onProgress?: (done: number, total: number) => void;
  }): Promise<DuplicatePair[]> {
    const { table } = this;
    const earlier = await this.#alike(search);
    const gone = new Uint8Array(table.length);
    const pairs: DuplicatePair[] = [];
    let index: HammingIndex | undefined;
    for (const entry of [...earlier.keys()].sort((a, b) => a - b)) {
      const found = earlier.get(entry)!;
      let first = found.sort((a, b) => a.entry - b.entry).find((other) => gone[other.entry] === 0);
      if (!first && found.length >= KEPT) {
        // All that are known go themselves, but there may be others.
        index ??= hammingIndex(table.hashes);
        first = this.#firstLike(index, entry, gone, search);
      }
      if (!first) continue;
      gone[entry] = 1;
      pairs.push({
        index: table.ownerOf(entry),
        set: 'within',
        of: table.ownerOf(first.entry),
        sameness: 'near',
        similarity: first.similarity,
      });
    }
    return pairs;
  }

  /** Up to {@link KEPT} earlier pictures, by the picture that is like them. */
  async #alike({
    distance,
    similarity,
    signal,
    onProgress,
  }: Parameters<OwnImages['repeats']>[0]): Promise<Map<number, Like[]>> {
    const { hashes, thumbnails } = this.table;
    const earlier = new Map<number, Like[]>();
    const mirror = mirroredHash({ low: 0, high: 0 });
    const turns = [{ turned: { low: 0, high: 0 } }, { turned: mirror }];
    const ours = new Int8Array(CELLS);
    for (const [turn, { turned }] of turns.entries()) {
      const tell = (done: number, total: number) => onProgress?.(turn * total + done, turns.length * total);
      await nearPairs(hashes, { distance, turned, signal, onProgress: tell }, (first, second) => {
        const found = earlier.get(second);
        if (found && found.length >= KEPT) return 'enough';
        for (let i = 0; i < CELLS; i++)
          ours[i] = thumbnails[second * CELLS + (turn === 0 ? i : i - 2 * (i % GRID) + GRID - 1)]!;
        const alike = likeness(ours, thumbnails, first * CELLS, similarity);
        if (!(alike >= similarity) || found?.some(({ entry }) => entry === first)) return;
        if (found) found.push({ entry: first, similarity: alike });
        else earlier.set(second, [{ entry: first, similarity: alike }]);
        return found && found.length >= KEPT ? 'enough' : undefined;
      });
    }
    return earlier;
  }

  #firstLike(
    index: HammingIndex,
    entry: number,
    gone: Uint8Array,
    { distance, similarity }: { distance: number; similarity: number },
  ): Like | undefined {
    const { table } = this;
    const { low, high } = table.hashes;
    const thumbnail = table.thumbnails.slice(entry * CELLS, (entry + 1) * CELLS);
    const signed = { hash: { low: low[entry]!, high: high[entry]! }, thumbnail };
    const allowed = (other: number) => other < entry && gone[other] === 0;
    return bestOf({ index, table }, signed, { distance, similarity, allowed, enough: 'first' });
  }
}

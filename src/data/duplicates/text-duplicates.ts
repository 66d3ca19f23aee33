/** Finds texts of a set that other sets have too, or that it has more than once. */
import type { TextSource } from '../text/source.ts';
import { contentHash } from './content-hash.ts';
import type { DuplicatePair, DuplicateSearch, SearchOptions } from './found.ts';
import { HashTable } from './hash-table.ts';
import { checkSimilarity } from './image-duplicates.ts';
import { MinHashIndex, minHash } from './min-hash.ts';
import { jaccard, normalizedText, shinglesOf } from './normalized-text.ts';

/** The least share of pieces of five letters that near duplicates have in common. */
export const TEXT_SIMILARITY = 0.6;

/**
 * The texts of a set that repeat one of the other sets, or, if asked, an earlier one of its own.
 *
 * Exact duplicates are equal but for case, accents, punctuation and spacing. Near duplicates have at least
 * `similarity` of their pieces of five letters in common (Jaccard's index, |A ∩ B| / |A ∪ B|): candidates come from
 * MinHash signatures in 32 bands of 4, which miss about one in eighty pairs of a likeness of 0.6 and none to speak of
 * above 0.7, and are compared in full.
 *
 * @throws OutlierExposureError `invalid-argument` for a similarity out of range
 */
export async function findDuplicateTexts(
  source: TextSource,
  against: readonly TextSource[],
  { similarity = TEXT_SIMILARITY, within = 'keep', skip, signal, onProgress }: SearchOptions = {},
): Promise<DuplicateSearch> {
  checkSimilarity(similarity);
  const total = [source, ...against].reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  const tick = async () => {
    if (++done % 1024 !== 0) return;
    signal?.throwIfAborted();
    onProgress?.(done, total);
    // A long loop lets the rest of the program breathe.
    await new Promise((resolve) => setTimeout(resolve));
  };
  const others = new KnownTexts();
  for (const [set, other] of against.entries()) {
    for (let index = 0; index < other.length; index++) {
      others.add(other, set, index, normalizedText(other.text(index)));
      await tick();
    }
  }
  const own = new KnownTexts();
  const pairs: DuplicatePair[] = [];
  for (let index = 0; index < source.length; index++) {
    await tick();
    if (skip?.(index)) continue;
    const text = normalizedText(source.text(index));
    const found =
      others.find(text, similarity) ?? (within === 'remove' ? own.find(text, similarity) : undefined);
    if (found) pairs.push({ index, ...found });
    else if (within === 'remove') own.add(source, 'within', index, text);
  }
  onProgress?.(total, total);
  return { pairs, unreadable: [], flat: 0 };
}

/** Texts that others are compared with. */
class KnownTexts {
  readonly #exact = new HashTable();
  readonly #near = new MinHashIndex();
  readonly #sources: TextSource[] = [];
  readonly #sets: (number | 'within')[] = [];
  readonly #firsts: number[] = [];
  readonly #encoder = new TextEncoder();
  #places = new Uint32Array(1024);

  add(source: TextSource, set: number | 'within', index: number, text: string): void {
    const number = this.#near.length;
    if (this.#exact.put(contentHash(this.#encoder.encode(text)), number) !== number) return;
    if (this.#sources.at(-1) !== source || this.#sets.at(-1) !== set) {
      this.#sources.push(source);
      this.#sets.push(set);
      this.#firsts.push(number);
    }
    if (number === this.#places.length) {
      const larger = new Uint32Array(2 * number);
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places[number] = index;
    this.#near.add(minHash(shinglesOf(text)));
  }

  find(text: string, similarity: number): Omit<DuplicatePair, 'index'> | undefined {
    const equal = this.#exact.get(contentHash(this.#encoder.encode(text)));
    if (equal !== undefined) {
      const { normalized, ...place } = this.#at(equal);
      if (normalized === text) return { ...place, sameness: 'exact', similarity: 1 };
    }
    if (this.#near.length === 0) return undefined;
    const shingles = shinglesOf(text);
    let found: Omit<DuplicatePair, 'index'> | undefined;
    this.#near.like(minHash(shingles), similarity, (number) => {
      const { normalized, ...place } = this.#at(number);
      const alike = jaccard(shingles, shinglesOf(normalized));
      if (alike < similarity) return undefined;
      found = { ...place, sameness: 'near', similarity: alike };
      return 'stop';
    });
    return found;
  }

  #at(number: number): { set: number | 'within'; of: number; normalized: string } {
    const run = this.#firsts.findLastIndex((first) => first <= number);
    const of = this.#places[number]!;
    return { set: this.#sets[run]!, of, normalized: normalizedText(this.#sources[run]!.text(of)) };
  }
}

/** Which outliers are drawn to be told from the in-distribution examples. */
import type { ExampleSet } from '../data/example-set.ts';
import { Random } from '../random.ts';

/**
 * Which examples of a set are needed, and which of these make up each draw. A draw depends on the seed, the set's
 * name and the draw's number alone, so that it is the same for every model.
 *
 * @param count how many outliers a draw has; a smaller set is taken whole
 * @returns `needed`, indices into the set, ascending; `picks`, for each draw, positions in `needed`
 */
export function planDraws(
  set: Pick<ExampleSet, 'name' | 'length'>,
  count: number,
  draws: number,
  seed: number,
): { needed: Uint32Array; picks: Uint32Array[] } {
  const size = Math.min(count, set.length);
  const drawn = Array.from({ length: draws }, (_, draw) =>
    Random.from(seed, 'draw', set.name, draw).permutation(set.length).slice(0, size),
  );
  const needed = Uint32Array.from(new Set(drawn.flatMap((indices) => [...indices]))).sort();
  const place = new Map(Array.from(needed, (index, at) => [index, at]));
  return { needed, picks: drawn.map((indices) => indices.map((index) => place.get(index)!)) };
}

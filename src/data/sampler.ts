/** In which order examples are taken. */
import type { Random } from '../random.ts';

/** Batches of all examples in random order; a smaller rest at the end is left out. */
export function* shuffledBatches(
  length: number,
  batchSize: number,
  random: Random,
): Generator<Uint32Array, void> {
  const order = random.permutation(length);
  for (let start = 0; start + batchSize <= length; start += batchSize)
    yield order.subarray(start, start + batchSize);
}

/**
 * Batches from a random offset on, in the set's own order, starting over at its end: the paper's sampler for
 * outliers, which keeps reads together in sets too large to shuffle. Endless.
 */
export function* localOutlierBatches(
  length: number,
  batchSize: number,
  random: Random,
): Generator<Uint32Array, never> {
  let next = random.integer(length);
  for (;;) {
    const batch = new Uint32Array(batchSize);
    for (let i = 0; i < batchSize; i++) {
      batch[i] = next;
      next = (next + 1) % length;
    }
    yield batch;
  }
}

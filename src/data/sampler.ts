/** In which order examples are taken. */
import { OutlierExposureError } from '../errors.ts';
import type { Random } from '../random.ts';

/**
 * One epoch: every example once, in random order.
 *
 * @param rest what to do with a last batch that is smaller than the others: the paper's code keeps it, a graph
 * with a fixed batch size must drop it
 */
export function* shuffledBatches(
  length: number,
  batchSize: number,
  random: Random,
  { rest = 'keep' }: { rest?: 'keep' | 'drop' } = {},
): Generator<Uint32Array, void> {
  checkSizes(length, batchSize);
  const order = random.permutation(length);
  const end = rest === 'keep' ? length : length - (length % batchSize);
  for (let start = 0; start < end; start += batchSize)
    yield order.subarray(start, Math.min(start + batchSize, end));
}

/**
 * Batches from a random offset on, in the set's own order, starting over at its end: the paper's sampler for
 * outliers, which keeps reads together in sets too large to shuffle. Endless, so that a small set of outliers
 * lasts through an epoch of the in-distribution set; make a new one for each epoch.
 */
export function* localOutlierBatches(
  length: number,
  batchSize: number,
  random: Random,
): Generator<Uint32Array, never> {
  checkSizes(length, batchSize);
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

/**
 * Batches in random order, starting over in another order when all have been seen, and possibly within a batch. Endless,
 * as {@link localOutlierBatches}. Takes 4 bytes of memory an example, and reads all over the set.
 */
export function* shuffledOutlierBatches(
  length: number,
  batchSize: number,
  random: Random,
): Generator<Uint32Array, never> {
  checkSizes(length, batchSize);
  let order = random.permutation(length);
  let next = 0;
  for (;;) {
    const batch = new Uint32Array(batchSize);
    for (let filled = 0; filled < batchSize; ) {
      if (next === length) [order, next] = [random.permutation(length), 0];
      const part = order.subarray(next, next + batchSize - filled);
      batch.set(part, filled);
      filled += part.length;
      next += part.length;
    }
    yield batch;
  }
}

function checkSizes(length: number, batchSize: number): void {
  for (const [what, value] of [
    ['The number of examples', length],
    ['The batch size', batchSize],
  ] as const) {
    if (!Number.isInteger(value) || value < 1) {
      throw new OutlierExposureError(
        'invalid-argument',
        `${what} is ${value}, but it must be a whole number of 1 or more.`,
      );
    }
  }
}

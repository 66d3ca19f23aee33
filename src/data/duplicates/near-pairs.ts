/** All pairs of hashes within a Hamming distance, found together: band by band, through memory in its order. */
import type { ContentHash } from './content-hash.ts';
import {
  BANDS,
  BUCKETS,
  bandOf,
  flipsWithin,
  type HashList,
  ones,
  radiiOf,
  seenBefore,
  sortedBy,
} from './hamming-index.ts';

/** Larger buckets are gone through so that members which are shown no more cost nothing. */
const MANY = 64;
/** Up to so many hashes, comparing all of them takes less than walking through the buckets. */
const FEW = 4096;
/** Milliseconds of work between two pauses, in which an interruption is heard. */
const SPELL = 100;

export interface PairSearch {
  /** The most bits that differ: 0 to {@link MAX_DISTANCE}. */
  distance: number;
  /** Bits that the second hash of each pair has turned over, such as for mirror images. Default: none. */
  turned?: ContentHash;
  signal?: AbortSignal | undefined;
  /** Steps done, of all; steps take about the same time. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Shows every pair of hashes within a distance, once each, in an order that is always the same.
 *
 * It compares what {@link hammingIndex} would, each pair once and not from both sides, and bucket after bucket in place
 * of hash after hash: a million hashes have 8 · 10⁹ comparisons at 12 bits. 12 bytes a hash beside the hashes.
 *
 * @param visit gets the numbers of a pair, the lower one first; by answering `'enough'` it is shown no further pair with
 *   that second one
 */
export async function nearPairs(
  hashes: HashList,
  { distance, turned = { low: 0, high: 0 }, signal, onProgress }: PairSearch,
  visit: (first: number, second: number) => unknown,
): Promise<void> {
  signal?.throwIfAborted();
  const full = new Uint8Array(hashes.low.length);
  if (hashes.low.length <= FEW) {
    compareAll(hashes, { distance, turned, full }, visit);
    onProgress?.(1, 1);
    return;
  }
  const radii = radiiOf(distance);
  const total = radii.reduce((sum, radius) => sum + (radius < 0 ? 0 : flipsWithin(radius).length), 0);
  let done = 0;
  let paused = performance.now();
  for (let band = 0; band < BANDS; band++) {
    if (radii[band]! < 0) continue;
    const { starts, order, low, high } = sortedBy(hashes, band);
    // Of the half without the band nothing is known yet: it turns most pairs away.
    const join: Join = {
      ...(band < 2 ? { one: high, two: low } : { one: low, two: high }),
      ...(band < 2
        ? { turnedOne: turned.high, turnedTwo: turned.low }
        : { turnedOne: turned.low, turnedTwo: turned.high }),
      order,
      full,
      distance,
      hit(a, b) {
        if (seenBefore(low[a]! ^ low[b]! ^ turned.low, high[a]! ^ high[b]! ^ turned.high, band, radii))
          return;
        const [first, second] = order[a]! < order[b]! ? [order[a]!, order[b]!] : [order[b]!, order[a]!];
        if (full[second] === 0 && visit(first, second) === 'enough') full[second] = 1;
      },
    };
    const ofTurned = bandOf(turned.low, turned.high, band);
    for (const flip of flipsWithin(radii[band]!)) {
      const apart = flip ^ ofTurned;
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        const other = bucket ^ apart;
        if (other < bucket) continue;
        const [from, end] = [starts[bucket]!, starts[bucket + 1]!];
        if (from === end) continue;
        const [otherFrom, otherEnd] = [starts[other]!, starts[other + 1]!];
        if (end - from > MANY || otherEnd - otherFrom > MANY) {
          compareMany(join, from, end, otherFrom, otherEnd);
          if (other !== bucket) compareMany(join, otherFrom, otherEnd, from, end);
        } else if (other === bucket) {
          for (let a = from; a < end; a++) compareOne(join, a, a + 1, end);
        } else {
          for (let a = from; a < end; a++) compareOne(join, a, otherFrom, otherEnd);
        }
      }
      onProgress?.(++done, total);
      if (performance.now() - paused < SPELL) continue;
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      paused = performance.now();
    }
  }
}

/** Hashes in a band's order, and what pairs of them are compared by. */
interface Join {
  /** Halves of the hashes, and the bits of them that are turned over. */
  one: Uint32Array;
  two: Uint32Array;
  turnedOne: number;
  turnedTwo: number;
  order: Uint32Array;
  /** By number: whether a hash is to be the second of no further pair. */
  full: Uint8Array;
  distance: number;
  hit(a: number, b: number): void;
}

function compareAll(
  { low, high }: HashList,
  { turned, ...how }: Pick<Join, 'distance' | 'full'> & { turned: ContentHash },
  visit: (first: number, second: number) => unknown,
): void {
  const { full } = how;
  const join: Join = {
    ...how,
    one: low,
    two: high,
    turnedOne: turned.low,
    turnedTwo: turned.high,
    order: Uint32Array.from(low, (_, i) => i),
    hit(second, first) {
      if (visit(first, second) === 'enough') full[second] = 1;
    },
  };
  compareMany(join, 0, low.length, 0, low.length);
}

/** Compares the hash at a place with those at others. */
function compareOne(join: Join, a: number, from: number, end: number): void {
  const { one, two, distance } = join;
  const [ourOne, ourTwo] = [one[a]! ^ join.turnedOne, two[a]! ^ join.turnedTwo];
  for (let b = from; b < end; b++) {
    const bits = ones(one[b]! ^ ourOne);
    if (bits <= distance && bits + ones(two[b]! ^ ourTwo) <= distance) join.hit(a, b);
  }
}

/** Compares hashes with those of the others that have lower numbers: both are in the order of their numbers. */
function compareMany(join: Join, from: number, end: number, otherFrom: number, otherEnd: number): void {
  const { one, two, order, full, distance } = join;
  for (let a = from; a < end; a++) {
    const ours = order[a]!;
    if (full[ours] !== 0) continue;
    const [ourOne, ourTwo] = [one[a]! ^ join.turnedOne, two[a]! ^ join.turnedTwo];
    for (let b = otherFrom; b < otherEnd && order[b]! < ours; b++) {
      const bits = ones(one[b]! ^ ourOne);
      if (bits > distance || bits + ones(two[b]! ^ ourTwo) > distance) continue;
      join.hit(a, b);
      if (full[ours] !== 0) break;
    }
  }
}

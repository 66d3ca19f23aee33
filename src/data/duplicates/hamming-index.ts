/** Finds 64-bit hashes within a Hamming distance, by multi-index hashing (Norouzi, Punjani, Fleet, CVPR 2012). */

/** Parts of 16 bits. */
export const BANDS = 4;
/** Values that a band may have. */
export const BUCKETS = 2 ** 16;
/** A larger search looks into more buckets than a set has members. */
export const MAX_DISTANCE = 16;
/** Up to so many hashes, comparing with all of them is as fast. */
const FEW = 1024;

/** Hashes of 64 bits in two halves, one an example. */
export interface HashList {
  low: Uint32Array;
  high: Uint32Array;
}

export interface HammingIndex {
  /**
   * Shows every hash within a distance, once each, in no order that means anything.
   *
   * @param visit gets its number and its distance in bits; it ends the search by answering `'stop'`
   */
  near(low: number, high: number, distance: number, visit: (index: number, bits: number) => unknown): void;
}

/**
 * An index of hashes: 64 bits are four bands of 16, and two hashes that differ in at most d = 4 r + a bits differ in
 * at most r bits in one of the first a + 1 bands or in at most r − 1 in one of the others. Each band has its hashes
 * sorted by the band's value: 12 bytes a hash and band.
 */
export function hammingIndex({ low, high }: HashList): HammingIndex {
  const count = low.length;
  const bands = count > FEW ? Array.from({ length: BANDS }, (_, band) => sortedBy({ low, high }, band)) : [];
  return {
    near(ourLow, ourHigh, distance, visit) {
      if (bands.length === 0) {
        for (let i = 0; i < count; i++) {
          const bits = ones(low[i]! ^ ourLow) + ones(high[i]! ^ ourHigh);
          if (bits <= distance && visit(i, bits) === 'stop') return;
        }
        return;
      }
      const radii = radiiOf(distance);
      for (let band = 0; band < BANDS; band++) {
        if (radii[band]! < 0) continue;
        const { starts, order, low: theirLow, high: theirHigh } = bands[band]!;
        const value = bandOf(ourLow, ourHigh, band);
        for (const flip of flipsWithin(radii[band]!)) {
          const bucket = value ^ flip;
          for (let at = starts[bucket]!, end = starts[bucket + 1]!; at < end; at++) {
            const lowBits = theirLow[at]! ^ ourLow;
            const highBits = theirHigh[at]! ^ ourHigh;
            const bits = ones(lowBits) + ones(highBits);
            if (bits > distance || seenBefore(lowBits, highBits, band, radii)) continue;
            if (visit(order[at]!, bits) === 'stop') return;
          }
        }
      }
    },
  };
}

/** How far each band is searched, so that no hash within the distance is missed; −1 where it need not be. */
export function radiiOf(distance: number): number[] {
  const radius = Math.floor(distance / BANDS);
  const further = distance - BANDS * radius;
  return Array.from({ length: BANDS }, (_, band) => (band <= further ? radius : radius - 1));
}

/** Whether an earlier band has shown the hash already. */
export function seenBefore(
  lowBits: number,
  highBits: number,
  band: number,
  radii: readonly number[],
): boolean {
  for (let earlier = 0; earlier < band; earlier++)
    if (ones(bandOf(lowBits, highBits, earlier)) <= radii[earlier]!) return true;
  return false;
}

/** The value of a band: the first two are in the lower half. */
export const bandOf = (low: number, high: number, band: number) =>
  ((band < 2 ? low : high) >>> (band & 1 ? 16 : 0)) & 0xffff;

/** Hashes in the order of a band's value, and where those of each value begin. */
export function sortedBy({ low, high }: HashList, band: number) {
  const starts = new Uint32Array(BUCKETS + 1);
  for (let i = 0; i < low.length; i++) starts[bandOf(low[i]!, high[i]!, band) + 1]!++;
  for (let bucket = 0; bucket < BUCKETS; bucket++) starts[bucket + 1]! += starts[bucket]!;
  const next = starts.slice(0, BUCKETS);
  const order = new Uint32Array(low.length);
  const sorted = { low: new Uint32Array(low.length), high: new Uint32Array(low.length) };
  for (let i = 0; i < low.length; i++) {
    const at = next[bandOf(low[i]!, high[i]!, band)]!++;
    order[at] = i;
    sorted.low[at] = low[i]!;
    sorted.high[at] = high[i]!;
  }
  return { starts, order, ...sorted };
}

const flipsByRadius: Uint16Array[] = [];

/** All 16-bit numbers with at most `radius` ones, those with fewer first. */
export function flipsWithin(radius: number): Uint16Array {
  flipsByRadius[radius] ??= Uint16Array.from(
    Array.from({ length: BUCKETS }, (_, flip) => flip)
      .filter((flip) => ones(flip) <= radius)
      .sort((a, b) => ones(a) - ones(b) || a - b),
  );
  return flipsByRadius[radius];
}

/** How many of 32 bits are set. */
export function ones(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

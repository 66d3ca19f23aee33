/** Sorting many floats: by their bits, which takes a few passes instead of comparisons. */

const BITS = 11;
const BUCKETS = 1 << BITS;
/** Below this the engine's own sort is quicker. */
const FEW = 4096;

/**
 * Sorts in place, ascending; −0 counts as 0, and NaN must not occur. A radix sort: the bits of a float order as an
 * unsigned integer once negative ones are turned over and positive ones get their sign bit set. Takes one buffer
 * of the input's size.
 */
export function sortFloats(values: Float32Array): Float32Array {
  if (values.length < FEW) return values.sort();
  const counts = [new Uint32Array(BUCKETS), new Uint32Array(BUCKETS), new Uint32Array(BUCKETS)] as const;
  let from: Uint32Array = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let to: Uint32Array = new Uint32Array(values.length);
  for (let i = 0; i < from.length; i++) {
    const bits = from[i]!;
    const key = bits === 0x80000000 ? 0x80000000 : bits & 0x80000000 ? ~bits : bits | 0x80000000;
    from[i] = key;
    counts[0][key & (BUCKETS - 1)]!++;
    counts[1][(key >>> BITS) & (BUCKETS - 1)]!++;
    counts[2][key >>> (2 * BITS)]!++;
  }
  for (const [pass, count] of counts.entries()) {
    const shift = pass * BITS;
    let total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const size = count[bucket]!;
      count[bucket] = total;
      total += size;
    }
    for (let i = 0; i < from.length; i++) {
      const key = from[i]!;
      to[count[(key >>> shift) & (BUCKETS - 1)]!++] = key;
    }
    [from, to] = [to, from];
  }
  // Three passes end in the other buffer: turn the bits back on the way home.
  for (let i = 0; i < from.length; i++) {
    const key = from[i]!;
    to[i] = key & 0x80000000 ? key & 0x7fffffff : ~key;
  }
  return values;
}

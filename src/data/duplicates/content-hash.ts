/** Hashes of content: two examples with the same one are taken for the same. */

/** 64 bits in two halves. */
export interface ContentHash {
  low: number;
  high: number;
}

/**
 * A 64-bit hash of bytes: two MurmurHash3-like lanes of 32 bits. It finds equal content; it is no protection against
 * somebody who makes collisions on purpose.
 *
 * @returns each half in [0, 2³²)
 */
export function contentHash(bytes: Uint8Array): ContentHash {
  let low = 0x9747b28c;
  let high = 0x3c6ef372;
  const words = bytes.length >> 2;
  for (let i = 0; i < words; i++) {
    const at = i << 2;
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    low = lane(low, word, 0xcc9e2d51, 15);
    high = lane(high, word, 0x85ebca77, 17);
  }
  for (let at = words << 2; at < bytes.length; at++) {
    low = lane(low, bytes[at]!, 0xcc9e2d51, 15);
    high = lane(high, bytes[at]!, 0x85ebca77, 17);
  }
  return { low: finish(low ^ bytes.length), high: finish(high ^ bytes.length) };
}

function lane(state: number, word: number, factor: number, turn: number): number {
  let mixed = Math.imul(word, factor);
  mixed = (mixed << turn) | (mixed >>> (32 - turn));
  const next = state ^ Math.imul(mixed, 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

/** MurmurHash3's finalizer. @returns in [0, 2³²) */
export function finish(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

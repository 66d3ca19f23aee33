/**
 * The one source of randomness: a seeded generator that is passed in. Same seed and labels, same numbers, on
 * every machine.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

export class Random {
  readonly #generator: RandomGenerator;
  #spareNormal: number | undefined;

  private constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /**
   * A generator for one purpose. Labels keep the streams apart, so that drawing more numbers for one purpose
   * (noise images, say) never changes another (the order of the batches).
   *
   * @param seed any integer
   * @param labels what the numbers are for, e.g. `'batches', epoch`
   */
  static from(seed: number, ...labels: (string | number)[]): Random {
    return new Random(hashSeed(seed, ...labels));
  }

  /** An integer in [-2^31, 2^31), every one as likely. */
  int32(): number {
    return this.#generator.next();
  }

  /** A number in [0, 1) with 53 random bits. */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** An integer in [0, bound), every one as likely. */
  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** A draw from the standard normal distribution (Marsaglia's polar method). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      // 32 random bits each are plenty for a float32 image, and twice as fast as 53.
      const u = this.#generator.next() / 0x80000000;
      const v = this.#generator.next() / 0x80000000;
      const square = u * u + v * v;
      if (square > 0 && square < 1) {
        const scale = Math.sqrt((-2 * Math.log(square)) / square);
        this.#spareNormal = v * scale;
        return u * scale;
      }
    }
  }

  /** The integers 0 … length − 1 in random order (Fisher-Yates). */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swap = order[i]!;
      order[i] = order[j]!;
      order[j] = swap;
    }
    return order;
  }
}

/** Mixes a seed and labels into 32 bits (FNV-1a over their text, then MurmurHash3's finalizer). */
export function hashSeed(seed: number, ...labels: (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const char of [seed, ...labels].join('\u0000')) {
    hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

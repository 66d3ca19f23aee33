/** A perceptual hash: pictures that look alike have hashes that differ in few bits. */
import type { ContentHash } from './content-hash.ts';
import { CELLS, GRID } from './image-grid.ts';

/** Waves counted by half periods over a side. */
interface Frequency {
  across: number;
  down: number;
}

/** The 64 lowest frequencies but the constant one, those of fewer half periods together first. */
const FREQUENCIES: readonly Frequency[] = Array.from({ length: GRID * GRID }, (_, i) => ({
  across: i % GRID,
  down: Math.floor(i / GRID),
}))
  .filter(({ across, down }) => across + down > 0)
  .sort((a, b) => a.across + a.down - (b.across + b.down) || a.across - b.across)
  .slice(0, 64);
const COUNT = 1 + Math.max(...FREQUENCIES.map(({ across, down }) => Math.max(across, down)));

/** cos(π (x + ½) f / 16), frequency by frequency. */
const WAVES = Float32Array.from({ length: COUNT * GRID }, (_, i) =>
  Math.cos((Math.PI * ((i % GRID) + 0.5) * Math.floor(i / GRID)) / GRID),
);

/** The bits that a picture and its mirror image differ in: the odd frequencies across change their signs. */
const MIRROR = bitsWhere(({ across }) => across % 2 === 1);

/**
 * The signs of a grid's 64 lowest cosine coefficients but the mean (pHash, after Zauner 2010, with signs in place of a
 * median): brightness and contrast change nothing, blur and compression little.
 *
 * @param grid 16×16 greys
 * @returns 64 bits in two halves, each in [0, 2³²)
 */
export function perceptualHash(grid: ArrayLike<number>): ContentHash {
  for (let y = 0; y < GRID; y++) {
    for (let across = 0; across < COUNT; across++) {
      let sum = 0;
      for (let x = 0; x < GRID; x++) sum += grid[y * GRID + x]! * WAVES[across * GRID + x]!;
      lines[across * GRID + y] = sum;
    }
  }
  return bitsWhere(({ across, down }) => {
    let sum = 0;
    for (let y = 0; y < GRID; y++) sum += lines[across * GRID + y]! * WAVES[down * GRID + y]!;
    return sum > 0;
  });
}

const lines = new Float32Array(COUNT * GRID);

/** The hash of the mirror image of a picture, without looking at it. */
export function mirroredHash({ low, high }: ContentHash): ContentHash {
  return { low: (low ^ MIRROR.low) >>> 0, high: (high ^ MIRROR.high) >>> 0 };
}

function bitsWhere(is: (frequency: Frequency) => boolean): ContentHash {
  let [low, high] = [0, 0];
  for (let i = 0; i < 64; i++) {
    if (!is(FREQUENCIES[i]!)) continue;
    // Neighbouring frequencies go into different bands of the index, which has four.
    const bit = (i % 4) * 16 + (i >> 2);
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit - 32);
  }
  return { low: low >>> 0, high: high >>> 0 };
}

/** A picture's greys with mean 0 and standard deviation 32, as small numbers; 256 bytes. */
export type Thumbnail = Int8Array;

/** Pictures whose greys deviate less than this (of 255) have nothing to compare. */
const FLAT = 2;

/**
 * Writes a grid's greys as a thumbnail.
 *
 * @param grid greys in [0, 1]
 * @returns whether there is anything in it: `flat` for pictures of one grey
 */
export function thumbnail(grid: ArrayLike<number>, out: Int8Array): 'flat' | 'structured' {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < CELLS; i++) {
    sum += grid[i]!;
    squares += grid[i]! * grid[i]!;
  }
  const mean = sum / CELLS;
  const deviation = Math.sqrt(Math.max(0, squares / CELLS - mean * mean));
  if (!(255 * deviation >= FLAT)) {
    out.fill(0, 0, CELLS);
    return 'flat';
  }
  for (let i = 0; i < CELLS; i++)
    out[i] = Math.max(-127, Math.min(127, Math.round((32 * (grid[i]! - mean)) / deviation)));
  return 'structured';
}

/** The thumbnail of the mirror image. */
export function mirroredThumbnail(image: Thumbnail): Thumbnail {
  return Int8Array.from({ length: CELLS }, (_, i) => image[i - (i % GRID) + GRID - 1 - (i % GRID)]!);
}

/**
 * How alike two thumbnails are: the smaller of the correlation of their greys and of that of the steps between
 * neighbouring greys. The first alone takes every picture with a bright sky for every other.
 *
 * @param at where the second begins in `list`
 * @returns at most 1, which is the same picture; unrelated ones are near 0
 */
export function likeness(image: Thumbnail, list: Int8Array, at: number, atLeast = -1): number {
  let [both, ours, theirs] = [0, 0, 0];
  for (let i = 0; i < CELLS; i++) {
    const [a, b] = [image[i]!, list[at + i]!];
    both += a * b;
    ours += a * a;
    theirs += b * b;
  }
  const greys = both / Math.sqrt(ours * theirs);
  // Most candidates end here.
  if (!(greys >= atLeast)) return greys || 0;
  [both, ours, theirs] = [0, 0, 0];
  for (let i = 0; i < CELLS; i++) {
    if (i % GRID < GRID - 1) {
      const [a, b] = [image[i + 1]! - image[i]!, list[at + i + 1]! - list[at + i]!];
      both += a * b;
      ours += a * a;
      theirs += b * b;
    }
    if (i + GRID < CELLS) {
      const [a, b] = [image[i + GRID]! - image[i]!, list[at + i + GRID]! - list[at + i]!];
      both += a * b;
      ours += a * a;
      theirs += b * b;
    }
  }
  return Math.min(greys, both / Math.sqrt(ours * theirs)) || 0;
}

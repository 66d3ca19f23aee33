/** A picture in 16×16 greys, of all of it or of a part: what pictures are compared by. */
import type { ImageShape } from '../source.ts';

/** Rows and columns. */
export const GRID = 16;
/** Greys of a picture. */
export const CELLS = GRID * GRID;

/** A part of a picture: where it begins and how long its sides are, as shares of the picture's. */
export interface Crop {
  top: number;
  left: number;
  side: number;
}

/** What a picture is compared by: itself, nine parts of nine tenths of its sides, and its middle. */
export const CROPS: readonly Crop[] = [
  { top: 0, left: 0, side: 1 },
  ...[0, 0.05, 0.1].flatMap((top) => [0, 0.05, 0.1].map((left) => ({ top, left, side: 0.9 }))),
  { top: 0.1, left: 0.1, side: 0.8 },
];

/** Red, green, blue to grey, as ITU-R BT.601 weighs them. */
const WEIGHTS = [0.2989, 0.587, 0.114] as const;

/**
 * A picture's greys, one a pixel.
 *
 * @param image channels first; the first three are red, green and blue where there are as many
 */
export function grayOf(image: Float32Array, [channels, height, width]: ImageShape): Float32Array {
  const size = height * width;
  if (channels < 3) return image.subarray(0, size);
  const gray = new Float32Array(size);
  for (let j = 0; j < size; j++)
    gray[j] = WEIGHTS[0] * image[j]! + WEIGHTS[1] * image[size + j]! + WEIGHTS[2] * image[2 * size + j]!;
  return gray;
}

/** Makes grids of pictures of one size: each cell is the mean over its part of the picture. */
export function gridder(
  height: number,
  width: number,
  crop: Crop,
): (gray: Float32Array, out: Float32Array) => void {
  const rows = spans(height, crop.top, crop.side);
  const columns = spans(width, crop.left, crop.side);
  const lines = new Float32Array(height * GRID);
  return (gray, out) => {
    for (let y = rows[0]!.first; y <= rows[GRID - 1]!.last; y++) {
      for (let cell = 0; cell < GRID; cell++) {
        const { first, weights } = columns[cell]!;
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * gray[y * width + first + k]!;
        lines[y * GRID + cell] = sum;
      }
    }
    for (let row = 0; row < GRID; row++) {
      const { first, weights } = rows[row]!;
      for (let cell = 0; cell < GRID; cell++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * lines[(first + k) * GRID + cell]!;
        out[row * GRID + cell] = sum;
      }
    }
  };
}

interface Span {
  first: number;
  last: number;
  /** They add up to one. */
  weights: Float32Array;
}

/** The pixels that each of 16 cells lies over, with their shares in it. */
function spans(length: number, start: number, side: number): Span[] {
  return Array.from({ length: GRID }, (_, cell) => {
    const from = length * (start + (side * cell) / GRID);
    const to = Math.min(length, length * (start + (side * (cell + 1)) / GRID));
    const first = Math.min(length - 1, Math.floor(from + 1e-9));
    const last = Math.min(length - 1, Math.max(first, Math.ceil(to - 1e-9) - 1));
    const weights = Float32Array.from(
      { length: last - first + 1 },
      (_, k) => Math.min(to, first + k + 1) - Math.max(from, first + k),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, last, weights: weights.map((weight) => weight / sum) };
  });
}

/**
 * Resizing bytes exactly as Pillow does: the paper's code makes its "pixelate" outliers with Pillow's box filter
 * and fits colour photographs to MNIST's size with its bilinear one.
 */

/** An image's sides in pixels. */
export interface ImageSides {
  height: number;
  width: number;
}

export type ResizeFilter = 'box' | 'bilinear';

interface Filter {
  /** How far it reaches from the centre, in output pixels (input pixels when enlarging). */
  support: number;
  weight: (distance: number) => number;
}

const FILTERS: Record<ResizeFilter, Filter> = {
  // No partial weights: a pixel counts in full when its centre lies in the window.
  box: { support: 0.5, weight: (distance) => (distance > -0.5 && distance <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) },
};

/** Pillow multiplies bytes by weights of 22 fractional bits. */
const ONE = 2 ** 22;

/** The input positions that an output position averages, from `start` on, and what each counts. */
interface Window {
  start: number;
  weights: Float64Array;
}

function windows(from: number, to: number, { support, weight }: Filter): Window[] {
  const scale = from / to;
  // When shrinking, the filter widens, so that every pixel counts (antialiasing).
  const filterScale = Math.max(scale, 1);
  const reach = support * filterScale;
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(from, Math.trunc(center + reach + 0.5));
    const weights = Float64Array.from({ length: end - start }, (_, k) =>
      weight((start + k - center + 0.5) / filterScale),
    );
    const sum = weights.reduce((total, value) => total + value, 0);
    return { start, weights: weights.map((value) => Math.trunc(0.5 + (value / sum) * ONE)) };
  });
}

/**
 * A function that resizes one channel of bytes from one size to another: first along rows, then along columns,
 * rounded to bytes after each. Equal to Pillow's `resize` with the filter `BOX` or `BILINEAR`.
 */
export function byteResizer(
  from: ImageSides,
  to: ImageSides,
  filter: ResizeFilter,
): (pixels: Uint8Array) => Uint8Array {
  const across = windows(from.width, to.width, FILTERS[filter]);
  const down = windows(from.height, to.height, FILTERS[filter]);
  return (pixels) => {
    const rows = new Uint8Array(from.height * to.width);
    for (let x = 0; x < to.width; x++) {
      const { start, weights } = across[x]!;
      for (let y = 0; y < from.height; y++) {
        let sum = ONE / 2;
        for (let k = 0; k < weights.length; k++) sum += pixels[y * from.width + start + k]! * weights[k]!;
        rows[y * to.width + x] = Math.min(255, Math.floor(sum / ONE));
      }
    }
    const result = new Uint8Array(to.height * to.width);
    for (let y = 0; y < to.height; y++) {
      const { start, weights } = down[y]!;
      for (let x = 0; x < to.width; x++) {
        let sum = ONE / 2;
        for (let k = 0; k < weights.length; k++) sum += rows[(start + k) * to.width + x]! * weights[k]!;
        result[y * to.width + x] = Math.min(255, Math.floor(sum / ONE));
      }
    }
    return result;
  };
}

/** The strongest features of an example. */

/**
 * How many of `width` features stay when `percent` percent are pruned: at least one, so that an example keeps something
 * to be told by.
 */
export function keptCount(width: number, percent: number): number {
  return Math.max(1, width - Math.round((width * percent) / 100));
}

/**
 * Marks the `count` largest values; of equal ones those that come first.
 *
 * @param marks written to, 1 for the largest and 0 for others; as long as values
 */
export function markStrongest(values: Float32Array, count: number, marks: Uint8Array): void {
  const least = values.slice().sort()[values.length - count]!;
  let left = count;
  for (let d = 0; d < values.length; d++) {
    marks[d] = values[d]! > least ? 1 : 0;
    left -= marks[d]!;
  }
  for (let d = 0; d < values.length && left > 0; d++) {
    if (values[d] !== least) continue;
    marks[d] = 1;
    left--;
  }
}

/** What is changed of one example's features: they, which of them are the strongest, and where the result goes. */
export type RowChange = (features: Float32Array, strongest: Uint8Array, out: Float32Array) => void;

/** A changed copy of every row. */
export function changeRows(
  { data, shape }: { data: Float32Array; shape: readonly [number, number] },
  percent: number,
  change: RowChange,
) {
  const [rows, width] = shape;
  const count = keptCount(width, percent);
  const marks = new Uint8Array(width);
  const out = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * width, (i + 1) * width);
    if (row.some(Number.isNaN)) {
      // Pruning would hide it.
      out.fill(Number.NaN, i * width, (i + 1) * width);
      continue;
    }
    markStrongest(row, count, marks);
    change(row, marks, out.subarray(i * width, (i + 1) * width));
  }
  return { data: out, shape };
}

/** The sum of all features, s₁, and of the strongest ones, s₂. */
export function sums(features: Float32Array, strongest: Uint8Array): { all: number; kept: number } {
  let [all, kept] = [0, 0];
  for (let d = 0; d < features.length; d++) {
    all += features[d]!;
    if (strongest[d]) kept += features[d]!;
  }
  return { all, kept };
}

/** e³⁰: far beyond what features of a network with ReLU give (s₁/s₂ is at most their number over those kept). */
const MOST_EXPONENT = 30;

/**
 * exp(s₁/s₂), by which ASH-S and SCALE strengthen an example; 1 where the strongest features sum to nothing or less,
 * where the ratio means nothing.
 */
export function strengthening(features: Float32Array, strongest: Uint8Array): number {
  const { all, kept } = sums(features, strongest);
  return kept > 0 ? Math.exp(Math.min(MOST_EXPONENT, Math.max(-MOST_EXPONENT, all / kept))) : 1;
}

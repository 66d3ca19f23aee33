/** Inner products in double precision. */

/** Σ_i a_i·b_i for `from` ≤ i < `to`, in four sums, which a processor adds side by side. */
export function innerProduct(
  a: Float64Array,
  b: Float64Array,
  { from, to }: { from: number; to: number },
): number {
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    p += a[i]! * b[i]!;
    q += a[i + 1]! * b[i + 1]!;
    r += a[i + 2]! * b[i + 2]!;
    s += a[i + 3]! * b[i + 3]!;
  }
  for (; i < to; i++) p += a[i]! * b[i]!;
  return p + q + (r + s);
}

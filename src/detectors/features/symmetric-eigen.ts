/** Eigenvalues and eigenvectors of symmetric matrices. */
import { OutlierExposureError } from '../../errors.ts';
import { innerProduct } from './inner-product.ts';

/** A symmetric matrix, row-major, in double precision. */
export interface Symmetric {
  data: Float64Array;
  width: number;
}

/** Eigenvalues, the largest first, and their eigenvectors as rows. */
export interface Eigen {
  values: Float64Array;
  /** [width, width], rows of length 1 at right angles. */
  vectors: Float64Array;
}

/** Steps for one eigenvalue; it rarely takes more than three. */
const MOST_STEPS = 60;

/**
 * The symmetric eigen-decomposition, Σ_i λ_i v_i v_iᵀ: Householder's reflections to a tridiagonal matrix, then implicit QL
 * steps with Wilkinson's shift (Golub & Van Loan, *Matrix Computations*, §8.3). In double precision, to about 10⁻¹⁴ of the
 * largest eigenvalue. All inner loops run along rows, for which it is our own: ml-matrix runs along
 * columns, and took half as long again for a width of 512.
 *
 * @throws OutlierExposureError `invalid-argument` when a value is no finite number
 */
export function symmetricEigen(matrix: Symmetric): Eigen {
  const { width } = matrix;
  if (!matrix.data.every(Number.isFinite)) {
    throw new OutlierExposureError(
      'invalid-argument',
      'A matrix with values that are no finite numbers has no eigenvectors: check the features or weights that it was made of.',
    );
  }
  const { diagonal, beside, rows } = tridiagonal(matrix);
  diagonalize(diagonal, beside, rows);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[b]! - diagonal[a]!);
  const vectors = new Float64Array(width * width);
  for (const [to, from] of order.entries()) vectors.set(rows[from]!, to * width);
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors };
}

interface Tridiagonal {
  diagonal: Float64Array;
  /** Beside the diagonal: at i what stands between i and i + 1; the last is 0. */
  beside: Float64Array;
  /** Qᵀ, with A = Q·T·Qᵀ. */
  rows: Float64Array[];
}

function tridiagonal({ data, width }: Symmetric): Tridiagonal {
  const a = Array.from({ length: width }, (_, i) => data.slice(i * width, (i + 1) * width));
  const diagonal = new Float64Array(width);
  const beside = new Float64Array(width);
  /** Reflection i leaves the first i + 1 coordinates alone: I − v·vᵀ, with ‖v‖² = 2, or nothing. */
  const reflections: (Float64Array | undefined)[] = [];
  const image = new Float64Array(width);
  for (let i = 0; i < width - 2; i++) {
    diagonal[i] = a[i]![i]!;
    const v = a[i]!.slice();
    const first = i + 1;
    const alpha = reflector(v, first);
    reflections.push(alpha === undefined ? undefined : v);
    beside[i] = alpha ?? v[first]!;
    if (alpha === undefined) continue;
    // A ← (I − vvᵀ)·A·(I − vvᵀ) = A − v·wᵀ − w·vᵀ, w = A·v − (vᵀAv / 2)·v.
    let size = 0;
    for (let j = first; j < width; j++) {
      const along = innerProduct(a[j]!, v, { from: first, to: width });
      image[j] = along;
      size += along * v[j]!;
    }
    for (let j = first; j < width; j++) image[j] = image[j]! - (size / 2) * v[j]!;
    for (let j = first; j < width; j++) {
      const [row, x, y] = [a[j]!, v[j]!, image[j]!];
      for (let k = first; k < width; k++) row[k] = row[k]! - x * image[k]! - y * v[k]!;
    }
  }
  for (let i = Math.max(0, width - 2); i < width; i++) {
    diagonal[i] = a[i]![i]!;
    if (i + 1 < width) beside[i] = a[i]![i + 1]!;
  }
  return { diagonal, beside, rows: transposedProduct(reflections, width) };
}

/**
 * Makes v, from `first` on, the vector of length √2 whose reflection brings x to (α, 0, …, 0).
 *
 * @param v x on the way in
 * @returns α; undefined, with v as it was, when the rest of x is 0 already
 */
function reflector(v: Float64Array, first: number): number | undefined {
  const head = v[first]!;
  let largest = 0;
  for (let j = first + 1; j < v.length; j++) largest = Math.max(largest, Math.abs(v[j]!));
  if (largest === 0) return undefined;
  largest = Math.max(largest, Math.abs(head));
  let square = 0;
  for (let j = first; j < v.length; j++) square += (v[j]! / largest) ** 2;
  const norm = Math.sqrt(square);
  // Away from the head, so that nothing cancels.
  const alpha = head > 0 ? -norm : norm;
  const start = head / largest - alpha;
  // ‖x − α·e‖² = 2·(‖x‖² − α·x_first).
  const length = Math.sqrt(square - (alpha * head) / largest);
  v.fill(0, 0, first);
  v[first] = start / length;
  for (let j = first + 1; j < v.length; j++) v[j] = v[j]! / largest / length;
  return alpha * largest;
}

/** (H_0·H_1·…)ᵀ as rows, from the last reflection back, so that each works on what is not yet the identity alone. */
function transposedProduct(
  reflections: readonly (Float64Array | undefined)[],
  width: number,
): Float64Array[] {
  const rows = Array.from({ length: width }, (_, i) => {
    const row = new Float64Array(width);
    row[i] = 1;
    return row;
  });
  for (let i = reflections.length - 1; i >= 0; i--) {
    const v = reflections[i];
    if (!v) continue;
    // Q ← H·Q, so that Qᵀ ← Qᵀ·H: each row loses its share of v.
    for (let j = i + 1; j < width; j++) {
      const row = rows[j]!;
      const share = innerProduct(row, v, { from: i + 1, to: width });
      for (let k = i + 1; k < width; k++) row[k] = row[k]! - share * v[k]!;
    }
  }
  return rows;
}

/** Turns a tridiagonal matrix into a diagonal one in place, and the rows along with it. */
function diagonalize(diagonal: Float64Array, beside: Float64Array, rows: Float64Array[]): void {
  const width = diagonal.length;
  for (let top = 0; top < width; top++) {
    for (let step = 0; ; step++) {
      const end = blockEnd(diagonal, beside, top);
      if (end === top) break;
      if (step === MOST_STEPS) {
        throw new OutlierExposureError(
          'invalid-argument',
          'The eigenvectors of a matrix were not found: check the features or weights that it was made of.',
        );
      }
      qlStep(diagonal, beside, rows, { top, end });
    }
  }
}

/** The last row of the block from `top` on that hangs together: what stands beside it counts as 0. */
function blockEnd(diagonal: Float64Array, beside: Float64Array, top: number): number {
  let end = top;
  for (; end < diagonal.length - 1; end++) {
    const size = Math.abs(diagonal[end]!) + Math.abs(diagonal[end + 1]!);
    if (Math.abs(beside[end]!) <= Number.EPSILON * size) break;
  }
  return end;
}

/** One implicit QL step on the rows `top` to `end`: a chase of rotations from the end to the top. */
function qlStep(
  diagonal: Float64Array,
  beside: Float64Array,
  rows: Float64Array[],
  { top, end }: { top: number; end: number },
): void {
  // The eigenvalue of the first 2×2 block that is nearer to its first value.
  const half = (diagonal[top + 1]! - diagonal[top]!) / (2 * beside[top]!);
  const reach = Math.sqrt(half * half + 1);
  const shift = diagonal[top]! - beside[top]! / (half + (half < 0 ? -reach : reach));
  let [cosine, sine, carried] = [1, 1, 0];
  let ahead = diagonal[end]! - shift;
  for (let i = end - 1; i >= top; i--) {
    const out = sine * beside[i]!;
    const stays = cosine * beside[i]!;
    const length = Math.hypot(out, ahead);
    beside[i + 1] = length;
    if (length === 0) {
      // The block has come apart in the middle.
      diagonal[i + 1] = diagonal[i + 1]! - carried;
      beside[end] = 0;
      return;
    }
    [sine, cosine] = [out / length, ahead / length];
    const above = diagonal[i + 1]! - carried;
    const turned = (diagonal[i]! - above) * sine + 2 * cosine * stays;
    carried = sine * turned;
    diagonal[i + 1] = above + carried;
    ahead = cosine * turned - stays;
    rotate(rows[i]!, rows[i + 1]!, cosine, sine);
  }
  diagonal[top] = diagonal[top]! - carried;
  beside[top] = ahead;
  beside[end] = 0;
}

function rotate(upper: Float64Array, lower: Float64Array, cosine: number, sine: number): void {
  for (let k = 0; k < upper.length; k++) {
    const x = upper[k]!;
    const y = lower[k]!;
    lower[k] = sine * x + cosine * y;
    upper[k] = cosine * x - sine * y;
  }
}

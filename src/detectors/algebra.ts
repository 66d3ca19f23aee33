/** Products of large matrices, which detectors on features live on. */
import { OutlierExposureError } from '../errors.ts';
import type { Matrix } from './outputs.ts';

export interface Algebra {
  /**
   * A·Bᵀ, [rows of a, rows of b]: every row of a with every row of b.
   *
   * @throws OutlierExposureError `invalid-argument` when their rows differ in length
   */
  products(a: Matrix, b: Matrix): Promise<Matrix>;
}

/** In plain code: for small matrices, and as the reference of faster ones. */
export const plainAlgebra: Algebra = {
  async products(a, b) {
    checkProduct(a, b);
    const [m, width] = a.shape;
    const [n] = b.shape;
    const data = new Float32Array(m * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let d = 0; d < width; d++) sum += a.data[i * width + d]! * b.data[j * width + d]!;
        data[i * n + j] = sum;
      }
    }
    return { data, shape: [m, n] };
  },
};

export function checkProduct(a: Matrix, b: Matrix): void {
  if (a.shape[1] === b.shape[1]) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `Rows of ${a.shape[1]} values cannot be multiplied with rows of ${b.shape[1]}: give both the same length.`,
  );
}

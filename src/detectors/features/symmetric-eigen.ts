/** Eigenvalues and eigenvectors of symmetric matrices. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { OutlierExposureError } from '../../errors.ts';
import { powerOfTwo } from './rows.ts';

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

/**
 * The symmetric eigen-decomposition, Σ_i λ_i v_i v_iᵀ.
 *
 * @throws OutlierExposureError `invalid-argument` when a value is no finite number
 */
export function symmetricEigen(symmetric: Symmetric): Eigen {
  const { width } = symmetric;
  const matrix = matrixOf(symmetric);
  // Squares of very large or small values would leave the range of numbers.
  const scale = powerOfTwo(Math.max(matrix.max(), -matrix.min()));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix.div(scale), {
    assumeSymmetric: true,
  });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const vectors = new Float64Array(width * width);
  for (const [to, from] of order.entries()) vectors.set(eigenvectorMatrix.getColumn(from), to * width);
  return { values: Float64Array.from(order, (i) => scale * realEigenvalues[i]!), vectors };
}

/** @throws OutlierExposureError `invalid-argument` when a value is no finite number */
export function matrixOf({ data, width }: Symmetric): Matrix {
  if (!data.every(Number.isFinite)) {
    throw new OutlierExposureError(
      'invalid-argument',
      'A matrix with values that are no finite numbers has no eigenvectors: check the features or weights that it was made of.',
    );
  }
  return Matrix.from1DArray(width, width, data as unknown as number[]);
}

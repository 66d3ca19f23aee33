/** What scores are made of: what a classifier says of a batch of examples. */
import { OutlierExposureError } from '../errors.ts';

/** Rows of float32 values, one after the other. */
export interface Matrix {
  data: Float32Array;
  shape: readonly [rows: number, columns: number];
}

/** What a classifier says of a batch. A detector finds what its `needs` name, and nothing else for sure. */
export interface Outputs {
  /** [examples, classes]. */
  logits: Matrix;
  /** The input of the last linear layer, [examples, width]. */
  features?: Matrix;
  /** The logit of the confidence branch, [examples, 1]. */
  confidence?: Matrix;
  /** The logit of the reject class, [examples, 1]. */
  reject?: Matrix;
}

/**
 * A matrix over `data`, which is not copied.
 *
 * @throws OutlierExposureError `invalid-argument` unless data holds whole rows of `columns` values
 */
export function matrix(data: Float32Array, columns: number): Matrix {
  const rows = data.length / columns;
  if (!Number.isSafeInteger(columns) || columns < 1 || !Number.isInteger(rows)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${data.length} values are not a whole number of rows of ${columns}; give them row by row.`,
    );
  }
  return { data, shape: [rows, columns] };
}

/** One row of a matrix, a view. */
export function rowOf({ data, shape: [, columns] }: Matrix, row: number): Float32Array {
  return data.subarray(row * columns, (row + 1) * columns);
}

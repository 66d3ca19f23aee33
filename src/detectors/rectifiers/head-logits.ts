/** Logits by the last linear layer, from features or weights that a rectifier changed. */
import type { Head } from '../../classifier/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import type { Algebra } from '../algebra.ts';
import { type Matrix, matrix, type Outputs } from '../outputs.ts';

/** W·z + b for each row of features, [rows, classes]. */
export async function headLogits(features: Matrix, head: Head, algebra: Algebra): Promise<Matrix> {
  const logits = await algebra.products(features, matrix(head.weights, head.width), { keep: true });
  const [rows, classes] = logits.shape;
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < classes; k++) logits.data[i * classes + k]! += head.bias[k]!;
  return logits;
}

/**
 * The features and the last layer that a rectifier works on.
 *
 * @throws OutlierExposureError `invalid-argument` without them, or when they do not belong together
 */
export function featuresAndHead(
  name: string,
  { features }: Outputs,
  head: Head | undefined,
): { features: Matrix; head: Head } {
  if (!features || !head) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${name} needs the features and the weights of the last linear layer, but ${features ? 'the weights' : 'the features'} were not given.`,
    );
  }
  if (features.shape[1] === head.width) return { features, head };
  throw new OutlierExposureError(
    'invalid-argument',
    `${name} was given features of ${features.shape[1]} values, but the last linear layer takes ${head.width}: give what goes into that layer.`,
  );
}

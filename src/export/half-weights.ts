/** Weights in half precision: half the file, computed in single precision. */
import { dataTypeOf, type Model } from '../onnx/index.ts';
import { narrowed } from '../onnx/upgrade/halves.ts';
import { type Shrunk, shrink } from './shrink.ts';

/** The largest number that binary16 holds. */
const LARGEST = 65504;
/** Smaller tensors are not worth a node. */
const LEAST_VALUES = 64;

/**
 * Stores float32 weights as float16 (IEEE 754 binary16, rounded to nearest, ties to even), each followed by a `Cast` to float32. A
 * normal number changes by at most 2⁻¹¹ of itself. Runtimes fold the casts when they load the model, so that it computes as fast
 * as before.
 *
 * Tensors of fewer than 64 values, and those with values beyond ±65,504 or not finite, stay as they are.
 */
export function withHalfWeights(model: Model): Shrunk {
  return shrink(model, (name, tensor, graph) => {
    const values = tensor.data as Float32Array;
    if (values.length < LEAST_VALUES || !values.every((value) => Math.abs(value) <= LARGEST))
      return undefined;
    const stored = graph.constant(narrowed(tensor, 'float16'), `${name}.float16`);
    return { op: 'Cast', inputs: [stored], attributes: { to: dataTypeOf('float32') } };
  });
}

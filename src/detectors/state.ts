/** What detectors learned, checked before it is used: it may come out of anybody's files. */
import { OutlierExposureError } from '../errors.ts';
import type { TensorData } from '../onnx/index.ts';
import type { FittedState } from './detector.ts';

/** What a tensor of the state has to be. */
export interface Learned {
  elementType: 'float32' | 'float64';
  /** Undefined: any number above 0. */
  shape: readonly (number | undefined)[];
  /** What another model has others of. */
  of: 'logits' | 'data' | 'weights';
}

/**
 * A tensor of the fitted state.
 *
 * @throws OutlierExposureError `invalid-argument` when it is missing, or of another type or shape
 */
export function learnedTensor(
  detector: string,
  state: FittedState,
  name: string,
  { elementType, shape, of }: Learned,
): TensorData {
  const tensor = Object.hasOwn(state, name) ? state[name] : undefined;
  const fits =
    tensor?.elementType === elementType &&
    tensor.shape.length === shape.length &&
    shape.every((size, axis) => (size === undefined ? tensor.shape[axis]! > 0 : tensor.shape[axis] === size));
  if (fits) return tensor;
  throw new OutlierExposureError(
    'invalid-argument',
    `The detector ${detector} was fitted to other ${of}: its "${name}" should be ${elementType} [${shape
      .map((size) => size ?? 'any')
      .join(', ')}], but is ${
      tensor ? `${tensor.elementType} [${tensor.shape.join(', ')}]` : 'missing'
    }. Fit it to this model.`,
  );
}

/** From a tensor as PyTorch stores it, a view with strides, to values in row-major order. */
import { OutlierExposureError } from '../errors.ts';
import { bytesPerElement, type TensorData, type TensorValues, valuesFromBytes } from '../onnx/tensor.ts';
import type { Storage, TensorView } from './torch-host.ts';

/** How many times the file's size its tensors may take together: some share their values. */
const MAX_GROWTH = 4;

export interface TensorReader {
  /** @throws OutlierExposureError `invalid-file` when the view reaches beyond its storage, or the file */
  read(key: string, view: TensorView): TensorData;
}

/**
 * Reads views of storages.
 *
 * @param bytesOf the bytes of a storage
 * @param fileSize in bytes; all tensors read may together take a few times as many, so that no file of a few bytes
 *   fills the memory
 */
export function tensorReader(options: {
  name: string;
  fileSize: number;
  bytesOf: (storage: Storage) => Uint8Array;
}): TensorReader {
  const { name, fileSize, bytesOf } = options;
  const whole = new Map<Storage, TensorValues>();
  let budget = MAX_GROWTH * fileSize;
  return {
    read(key, { storage, offset, shape, strides }) {
      const fail = (detail: string): never => {
        throw new OutlierExposureError(
          'invalid-file',
          `${name} is not a readable PyTorch file: "${key}" ${detail}. Save or download it again.`,
        );
      };
      const { elementType, length } = storage;
      const width = bytesPerElement(elementType);
      let count = 1;
      for (const size of shape) count *= size;
      budget -= count * width;
      if (!(budget >= 0)) fail(`of shape [${shape.join(', ')}] is larger than the file`);
      let last = offset;
      for (const [axis, size] of shape.entries()) last += (size - 1) * strides[axis]!;
      if (count > 0 && !(last < length)) fail(`reaches beyond the ${length} values that it is stored in`);
      const bytes = bytesOf(storage);
      if (bytes.length !== length * width) fail(`is stored in ${bytes.length} bytes, not ${length * width}`);
      if (count === 0) return { elementType, shape, data: valuesFromBytes(elementType, new Uint8Array(0)) };
      if (isRowMajor(shape, strides)) {
        const part = bytes.subarray(offset * width, (offset + count) * width);
        return { elementType, shape, data: valuesFromBytes(elementType, part) };
      }
      let values = whole.get(storage);
      if (!values) {
        // A copy, if it is not aligned; and nothing keeps the storages of a zip file apart.
        budget -= bytes.length;
        if (!(budget >= 0)) fail('is one of too many that share their values');
        whole.set(storage, (values = valuesFromBytes(elementType, bytes)));
      }
      return { elementType, shape, data: gather(values as Float32Array, { offset, shape, strides, count }) };
    },
  };
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    // Along an axis of one, nothing is ever stepped over.
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}

function gather(
  values: Float32Array,
  { offset, shape, strides, count }: Pick<TensorView, 'offset' | 'shape' | 'strides'> & { count: number },
): Float32Array {
  const Values = values.constructor as Float32ArrayConstructor;
  const data = new Values(count);
  const position = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < count; to++) {
    data[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
  return data;
}

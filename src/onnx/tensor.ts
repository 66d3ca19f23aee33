/** Tensors as plain data: what crosses into and out of a model. */
import { OutlierExposureError } from '../errors.ts';

/** ONNX element types, under ONNX Runtime's names. */
export type ElementType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'string';

export type TensorValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** A tensor in row-major order. Halves (float16, bfloat16) are kept as their 16 bits, booleans as 0 and 1. */
export interface TensorData {
  elementType: ElementType;
  shape: readonly number[];
  data: TensorValues;
}

/** A dimension: a number, a name that stands for one (`'batch'`), or unknown. */
export type Dimension = number | string | undefined;

/** What is known of a value before anything runs. */
export interface TensorType {
  elementType: ElementType;
  /** `undefined` when not even the rank is known. */
  shape: readonly Dimension[] | undefined;
}

type NumericArrayConstructor = new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
) => Exclude<TensorValues, string[]>;

const ARRAYS: Record<
  Exclude<ElementType, 'string'>,
  NumericArrayConstructor & { BYTES_PER_ELEMENT: number }
> = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** Bytes an element takes in memory; 0 for strings, which have no fixed size. */
export function bytesPerElement(elementType: ElementType): number {
  return elementType === 'string' ? 0 : ARRAYS[elementType].BYTES_PER_ELEMENT;
}

/** The typed array of an element type over (a copy of, where unaligned) the bytes given. */
export function valuesFromBytes(
  elementType: Exclude<ElementType, 'string'>,
  bytes: Uint8Array,
): TensorValues {
  const Values = ARRAYS[elementType];
  const length = bytes.byteLength / Values.BYTES_PER_ELEMENT;
  // Not slice(): Node's buffers share their memory with their slices.
  const aligned = bytes.byteOffset % Values.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new Values(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
}

/** A typed array of zeros for `length` elements. */
export function zeros(elementType: Exclude<ElementType, 'string'>, length: number): TensorValues {
  const Values = ARRAYS[elementType];
  return new Values(new ArrayBuffer(length * Values.BYTES_PER_ELEMENT), 0, length);
}

/** The number of elements of a shape; 1 for a scalar's `[]`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** A float32 tensor from numbers, with its shape checked against their count. */
export function float32(data: Float32Array | readonly number[], shape: readonly number[]): TensorData {
  return checked({
    elementType: 'float32',
    shape,
    data: data instanceof Float32Array ? data : Float32Array.from(data),
  });
}

/** A float64 tensor from numbers. */
export function float64(data: Float64Array | readonly number[], shape: readonly number[]): TensorData {
  return checked({
    elementType: 'float64',
    shape,
    data: data instanceof Float64Array ? data : Float64Array.from(data),
  });
}

/** An int64 tensor from numbers; ONNX wants these for shapes, axes and class indices. */
export function int64(data: readonly number[] | BigInt64Array, shape?: readonly number[]): TensorData {
  const values = data instanceof BigInt64Array ? data : BigInt64Array.from(data, BigInt);
  return checked({ elementType: 'int64', shape: shape ?? [values.length], data: values });
}

/** One number as a scalar tensor of the type. */
export function scalar(value: number, elementType: ElementType = 'float32'): TensorData {
  switch (elementType) {
    case 'float32':
      return float32([value], []);
    case 'float64':
      return float64([value], []);
    case 'int64':
      return int64([value], []);
    case 'int32':
      return { elementType, shape: [], data: Int32Array.of(value) };
    case 'uint32':
      return { elementType, shape: [], data: Uint32Array.of(value) };
    case 'bool':
      return { elementType, shape: [], data: Uint8Array.of(value) };
    default:
      throw new OutlierExposureError(
        'unsupported',
        `scalar: no constant of type ${elementType} can be made yet.`,
      );
  }
}

function checked(tensor: TensorData): TensorData {
  if (tensor.data.length !== sizeOf(tensor.shape)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A tensor of shape [${tensor.shape.join(', ')}] holds ${sizeOf(tensor.shape)} values, but ${tensor.data.length} were given.`,
    );
  }
  return tensor;
}

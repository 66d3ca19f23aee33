/** Values of any number type as float32, which our networks compute in. */
import { OutlierExposureError } from '../errors.ts';
import type { TensorData } from '../onnx/index.ts';

/**
 * The tensor as float32: halves exactly, doubles and integers rounded to the nearest.
 *
 * @throws OutlierExposureError `unsupported` for strings
 */
export function toFloat32(tensor: TensorData): TensorData {
  const { elementType, shape, data } = tensor;
  switch (elementType) {
    case 'float32':
      return tensor;
    case 'float16':
      return { elementType: 'float32', shape, data: Float32Array.from(data as Uint16Array, halfToNumber) };
    case 'bfloat16': {
      // The upper half of a float32's bits.
      const bits = Uint32Array.from(data as Uint16Array, (half) => half << 16);
      return { elementType: 'float32', shape, data: new Float32Array(bits.buffer) };
    }
    case 'string':
      throw new OutlierExposureError('unsupported', 'A tensor of strings has no numbers to convert.');
    default:
      return { elementType: 'float32', shape, data: Float32Array.from(data as Float64Array, Number) };
  }
}

/** 1 sign bit, 5 exponent bits, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

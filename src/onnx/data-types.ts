/** The numbers by which ONNX files name element types. */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import type { ElementType } from './tensor.ts';

const CODES: Record<ElementType, DataType> = {
  float32: DataType.FLOAT,
  float64: DataType.DOUBLE,
  float16: DataType.FLOAT16,
  bfloat16: DataType.BFLOAT16,
  int8: DataType.INT8,
  uint8: DataType.UINT8,
  int16: DataType.INT16,
  uint16: DataType.UINT16,
  int32: DataType.INT32,
  uint32: DataType.UINT32,
  int64: DataType.INT64,
  uint64: DataType.UINT64,
  bool: DataType.BOOL,
  string: DataType.STRING,
};

const NAMES = new Map(Object.entries(CODES).map(([name, code]) => [code as number, name as ElementType]));

/** ONNX's code of an element type; also what a `Cast` node's `to` wants. */
export function dataTypeOf(elementType: ElementType): number {
  return CODES[elementType];
}

/** The element type of ONNX's code, or nothing where we do not know it (complex numbers, 4-bit integers, …). */
export function elementTypeOf(dataType: number): ElementType | undefined {
  return NAMES.get(dataType);
}

/**
 * The safetensors format: named tensors behind a JSON header, nothing executable. What checkpoints are kept in, and
 * what PyTorch users bring weights in.
 */
import { OutlierExposureError } from '../errors.ts';
import { bytesPerElement, type ElementType, sizeOf, type TensorData, valuesFromBytes } from './tensor.ts';

export interface SafeTensors {
  tensors: Record<string, TensorData>;
  /** Free text by key. */
  metadata: Record<string, string>;
}

type Fixed = Exclude<ElementType, 'string'>;

const CODES: Record<Fixed, string> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  uint64: 'U64',
  int32: 'I32',
  uint32: 'U32',
  int16: 'I16',
  uint16: 'U16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};
const TYPES = new Map(Object.entries(CODES).map(([type, code]) => [code, type as Fixed]));

/** The format's own limit, so that nobody is made to parse gigabytes of JSON. */
const MAX_HEADER = 100_000_000;

/** Serializes tensors. Values begin at multiples of eight bytes. */
export function writeSafetensors({ tensors, metadata }: SafeTensors): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  // Widest elements first, so that each begins where its type can be read in place.
  const entries = Object.entries(tensors).sort(
    ([, a], [, b]) => bytesPerElement(b.elementType) - bytesPerElement(a.elementType),
  );
  for (const [name, { elementType, shape, data }] of entries) {
    if (elementType === 'string') {
      throw new OutlierExposureError(
        'unsupported',
        `"${name}" holds strings, which safetensors cannot store.`,
      );
    }
    const end = offset + (data as Float32Array).byteLength;
    header[name] = { dtype: CODES[elementType], shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(start + offset).fill(0x20, 8, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(text, 8);
  let at = start;
  for (const [, { data }] of entries) {
    const { buffer, byteOffset, byteLength } = data as Float32Array;
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return file;
}

/**
 * Parses the bytes of a safetensors file.
 *
 * @param name what to call the file in errors
 * @throws OutlierExposureError `invalid-file` when it is damaged, `unsupported` for element types that are not read
 */
export function readSafetensors(
  bytes: Uint8Array,
  { name = 'the file' }: { name?: string } = {},
): SafeTensors {
  const fail = (detail: string): never => {
    throw new OutlierExposureError('invalid-file', `${name} is not a readable safetensors file: ${detail}`);
  };
  if (bytes.length < 8) return fail('it ends inside its header.');
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER, bytes.length - 8))) return fail('it ends inside its header.');
  const start = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start)));
  } catch {
    return fail('its header is not JSON.');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return fail('its header is not an object.');
  const body = bytes.subarray(start);
  const tensors: Record<string, TensorData> = {};
  const metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header as Record<string, unknown>)) {
    if (typeof value !== 'object' || value === null) return fail(`its entry "${key}" is not an object.`);
    if (key === '__metadata__') {
      for (const [word, text] of Object.entries(value)) metadata[word] = String(text);
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
    const elementType = TYPES.get(String(dtype));
    if (!elementType) {
      throw new OutlierExposureError(
        'unsupported',
        `${name} holds "${key}" as ${String(dtype)}; read are ${[...TYPES.keys()].join(', ')}.`,
      );
    }
    if (!isNaturals(shape) || !isNaturals(offsets) || offsets.length !== 2)
      return fail(`its entry "${key}" has no proper shape and offsets.`);
    const [from, to] = offsets as [number, number];
    if (from > to || to > body.length || to - from !== sizeOf(shape) * bytesPerElement(elementType)) {
      return fail(
        `"${key}" of shape [${shape.join(', ')}] does not fit its place in the file; it may be cut off.`,
      );
    }
    Object.defineProperty(tensors, key, {
      value: { elementType, shape, data: valuesFromBytes(elementType, body.subarray(from, to)) },
      enumerable: true,
    });
  }
  return { tensors, metadata };
}

function isNaturals(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

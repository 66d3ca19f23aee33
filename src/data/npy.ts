/** NumPy's .npy format, versions 1 to 3. The header is parsed by pattern, never evaluated. */
import { OutlierExposureError } from '../errors.ts';

export type NpyValues =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export interface NpyArray {
  /** Row-major, in the machine's byte order. */
  data: NpyValues;
  shape: number[];
}

/** NumPy's codes of the types that are read, without the byte order: `u1` is uint8, `f4` float32. */
export const NPY_TYPES = {
  b1: Uint8Array,
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
  f4: Float32Array,
  f8: Float64Array,
} as const;

export type NpyType = keyof typeof NPY_TYPES;

/** What the front of a .npy file says about the values that follow. */
export interface NpyHeader {
  type: NpyType;
  littleEndian: boolean;
  shape: number[];
  /** Where the values begin, in bytes from the file's start. */
  offset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const LATIN1 = new TextDecoder('latin1');
/** Real headers take about a hundred bytes. */
const MAX_HEADER = 65_536;

/** How much of a file `parseNpyHeader` may want to see. */
export const NPY_HEADER_BYTES = 12 + MAX_HEADER;

/**
 * Parses the header of a .npy file, and makes sure that the values it promises are there.
 *
 * @param bytes the file's first `NPY_HEADER_BYTES`, or all of a shorter one
 * @param size how many bytes the whole file has
 * @param name what to call the file in errors
 * @throws OutlierExposureError `invalid-file` when it is damaged, `unsupported` for types and orders that are not read
 */
export function parseNpyHeader(
  bytes: Uint8Array,
  { name = 'the file', size = bytes.length }: { name?: string; size?: number } = {},
): NpyHeader {
  const fail = (detail: string): never => {
    throw new OutlierExposureError('invalid-file', `${name} is not a readable .npy file: ${detail}`);
  };
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte))
    return fail('it does not begin as NumPy files do.');
  const version = bytes[6]!;
  if (version < 1 || version > 3) return fail(`its version ${version} is unknown.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) return fail('it ends inside its header.');
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER || start + length > bytes.length) return fail('it ends inside its header.');
  const header = LATIN1.decode(bytes.subarray(start, start + length));
  const descr = /'descr'\s*:\s*'([<>|=])([a-z]\d+)'/.exec(header);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header);
  const dimensions = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header);
  if (!descr || !order || !dimensions) return fail('its header lacks a plain type, order or shape.');
  if (!Object.hasOwn(NPY_TYPES, descr[2]!)) {
    throw new OutlierExposureError(
      'unsupported',
      `${name} holds values of type ${descr[2]}; save it as one of ${Object.keys(NPY_TYPES).join(', ')} (float32 is f4).`,
    );
  }
  const type = descr[2] as NpyType;
  const shape = (dimensions[1]!.match(/\d+/g) ?? []).map(Number);
  if (order[1] === 'True' && shape.length > 1) {
    throw new OutlierExposureError(
      'unsupported',
      `${name} is in Fortran order; save it with numpy.ascontiguousarray.`,
    );
  }
  const offset = start + length;
  const wanted = shape.reduce((product, side) => product * side, NPY_TYPES[type].BYTES_PER_ELEMENT);
  if (wanted !== size - offset) {
    return fail(
      `its shape [${shape.join(', ')}] takes ${wanted} bytes, but ${size - offset} follow the header; it may be cut off.`,
    );
  }
  return { type, littleEndian: descr[1] !== '>', shape, offset };
}

/**
 * Parses the bytes of a .npy file.
 *
 * @param name what to call the file in errors
 * @throws OutlierExposureError `invalid-file` when it is damaged, `unsupported` for types and orders that are not read
 */
export function parseNpy(bytes: Uint8Array, { name = 'the file' }: { name?: string } = {}): NpyArray {
  const { type, littleEndian, shape, offset } = parseNpyHeader(bytes, { name });
  const Values = NPY_TYPES[type];
  // A copy, since a typed array needs its bytes aligned, and swapping must not touch the caller's.
  const copy = new Uint8Array(bytes.subarray(offset));
  if (!littleEndian) swapBytes(copy, Values.BYTES_PER_ELEMENT);
  return { data: new Values(copy.buffer as ArrayBuffer), shape };
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
}

/** The bytes of a .npy file (version 1, little-endian). */
export function encodeNpy(data: NpyValues, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (size !== data.length) {
    throw new OutlierExposureError(
      'invalid-argument',
      `An array of shape [${shape.join(', ')}] holds ${size} values, but ${data.length} were given.`,
    );
  }
  const code = Object.entries(NPY_TYPES).find(
    ([name, Values]) => name !== 'b1' && data instanceof Values,
  )![0];
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${code.endsWith('1') ? '|' : '<'}${code}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // The values begin at a multiple of 64 bytes.
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const file = new Uint8Array(total + data.byteLength);
  file.set([...MAGIC, 1, 0]);
  new DataView(file.buffer).setUint16(8, total - 10, true);
  file.set(new TextEncoder().encode(`${text.padEnd(total - 11)}\n`), 10);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), total);
  return file;
}

/** The IDX format of MNIST and its relatives: unsigned bytes with their dimensions in front. */
import { OutlierExposureError } from '../errors.ts';

export interface IdxArray {
  /** The values, row-major; a view of the bytes given. */
  data: Uint8Array;
  shape: number[];
}

const UNSIGNED_BYTES = 0x08;

/**
 * Parses an IDX file of unsigned bytes. Nothing is allocated: the values are a view of `bytes`.
 *
 * @param name what to call the file in errors
 * @throws OutlierExposureError `invalid-file` when the bytes are not what the header promises
 */
export function parseIdx(bytes: Uint8Array, { name = 'the file' }: { name?: string } = {}): IdxArray {
  const fail = (detail: string): never => {
    throw new OutlierExposureError('invalid-file', `${name} is not a readable IDX file: ${detail}`);
  };
  if (bytes.length < 4) return fail(`it has only ${bytes.length} bytes, and a header takes at least 4.`);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    return fail('it is compressed with gzip; unpack it first (gunzip).');
  if (bytes[0] !== 0 || bytes[1] !== 0) return fail('it does not begin with two zero bytes.');
  if (bytes[2] !== UNSIGNED_BYTES)
    return fail(
      `its values are of type 0x${bytes[2]!.toString(16)}, and only unsigned bytes (0x8) are read.`,
    );
  const rank = bytes[3]!;
  const header = 4 + 4 * rank;
  if (rank === 0 || bytes.length < header)
    return fail(`its header announces ${rank} dimensions, but the file ends before they are given.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (size !== bytes.length - header) {
    return fail(
      `its shape [${shape.join(', ')}] takes ${size} bytes, but ${bytes.length - header} follow the header; it may be cut off.`,
    );
  }
  return { data: bytes.subarray(header), shape };
}

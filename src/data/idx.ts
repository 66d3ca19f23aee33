/** The IDX format of MNIST and its relatives: unsigned bytes with their dimensions in front. */
import { OutlierExposureError } from '../errors.ts';
import { type ImageSource, memorySource } from './source.ts';

export interface IdxArray {
  /** The values, row-major; a view of the bytes given. */
  data: Uint8Array;
  shape: number[];
}

const UNSIGNED_BYTES = 0x08;
/** Images with their labels need three; more than eight is a damaged header, not data. */
const MAX_RANK = 8;

/** How much of a file `parseIdxHeader` may want to see. */
export const IDX_HEADER_BYTES = 4 + 4 * MAX_RANK;

/** What the front of an IDX file says about the bytes that follow. */
export interface IdxHeader {
  shape: number[];
  /** Where the values begin, in bytes from the file's start. */
  offset: number;
}

/**
 * Parses the header of an IDX file of unsigned bytes, and makes sure that the values it promises are there.
 *
 * @param bytes the file's first `IDX_HEADER_BYTES`, or all of a shorter one
 * @param size how many bytes the whole file has
 * @param name what to call the file in errors
 * @throws OutlierExposureError `invalid-file` when the bytes are not what the header promises
 */
export function parseIdxHeader(
  bytes: Uint8Array,
  { name = 'the file', size = bytes.length }: { name?: string; size?: number } = {},
): IdxHeader {
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
  if (rank === 0 || rank > MAX_RANK)
    return fail(`its header announces ${rank} dimensions, and 1 to ${MAX_RANK} are expected.`);
  const offset = 4 + 4 * rank;
  if (bytes.length < offset)
    return fail(`its header announces ${rank} dimensions, but the file ends before they are given.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  if (shape.includes(0)) return fail(`its shape [${shape.join(', ')}] holds no values.`);
  const wanted = shape.reduce((product, dimension) => product * dimension, 1);
  const present = size - offset;
  if (wanted !== present) {
    return fail(
      `its shape [${shape.join(', ')}] takes ${wanted} bytes, but ${present} follow the header; ${
        present < wanted ? 'it is cut off: fetch it again.' : 'the rest does not belong to it.'
      }`,
    );
  }
  return { shape, offset };
}

/**
 * Parses an IDX file of unsigned bytes. Nothing is allocated: the values are a view of `bytes`.
 *
 * @param name what to call the file in errors
 * @throws OutlierExposureError `invalid-file` when the bytes are not what the header promises
 */
export function parseIdx(bytes: Uint8Array, { name = 'the file' }: { name?: string } = {}): IdxArray {
  const { shape, offset } = parseIdxHeader(bytes, { name });
  return { data: bytes.subarray(offset), shape };
}

/**
 * Joins the images of one IDX file with the labels of another.
 *
 * @param names what to call the two files in errors
 * @throws OutlierExposureError `invalid-file` when one is not a file of images or labels, or their counts differ
 */
export function idxImageSource(
  images: IdxArray,
  labels: IdxArray,
  {
    name,
    fingerprint,
    names,
  }: { name: string; fingerprint: string; names: [images: string, labels: string] },
): ImageSource {
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3) {
    throw new OutlierExposureError(
      'invalid-file',
      `${names[0]} has the shape [${images.shape.join(', ')}], but images have three dimensions: count, height, width.`,
    );
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new OutlierExposureError(
      'invalid-file',
      `${names[1]} has ${labels.shape.join('×')} labels for the ${count} images of ${names[0]}; give the labels that belong to them.`,
    );
  }
  return memorySource({
    name,
    shape: [1, height!, width!],
    pixels: images.data,
    labels: Int32Array.from(labels.data),
    fingerprint,
  });
}

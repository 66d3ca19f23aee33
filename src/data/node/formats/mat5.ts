/**
 * Arrays in MATLAB's level 5 MAT-files: a header of 128 bytes, then elements of a tag (type, size) and data; each
 * variable is an element "matrix", often inside an element "compressed" (zlib). Nothing is taken into memory before
 * its size is compared with the file's. Node only.
 */
import { createReadStream } from 'node:fs';
import { createInflate } from 'node:zlib';
import { OutlierExposureError } from '../../../errors.ts';
import type { NpyType } from '../../npy.ts';
import { type ByteReader, fileReader, memoryReader, partReader } from './byte-reader.ts';
import { chunksOf, MAX_UNPACKED } from './inflate.ts';

/** A variable that is an array of numbers. Column-major: the first dimension changes fastest. */
export interface MatArray {
  name: string;
  dimensions: number[];
  type: NpyType;
  littleEndian: boolean;
  bytes: ByteReader;
}

const HEADER = 128;
const MATRIX = 14;
const COMPRESSED = 15;
/** Element types of numbers, as they are stored: a double array of small whole numbers may be stored as bytes. */
const NUMBERS: Record<number, NpyType> = {
  1: 'i1',
  2: 'u1',
  3: 'i2',
  4: 'u2',
  5: 'i4',
  6: 'u4',
  7: 'f4',
  9: 'f8',
  12: 'i8',
  13: 'u8',
};
const BYTES: Record<string, number> = { 1: 1, 2: 2, 4: 4, 8: 8 };
/** Array classes double to uint64; the others are cells, structs, text and sparse arrays. */
const NUMERIC_CLASSES = [6, 15] as const;
/** More variables than any file of images has. */
const MAX_VARIABLES = 10_000;
/** Bytes of a dimensions' or a name's element. */
const MAX_DETAIL = 1024;

/** Gives the next bytes of a file or of what it unpacks to. */
type Pull = (length: number) => Promise<Uint8Array>;

/**
 * The numeric arrays of a MAT-file that are wanted, and the names of all its variables. Uncompressed arrays are read
 * from the file when asked for, compressed ones are unpacked.
 *
 * @throws OutlierExposureError `invalid-file` when it is damaged, `unsupported` for version 7.3 and arrays that are too large
 */
export async function readMat(
  path: string,
  wanted: (name: string) => boolean,
): Promise<{ arrays: MatArray[]; names: string[] }> {
  const file = await fileReader(path);
  const littleEndian = await readHeader(file);
  const arrays: MatArray[] = [];
  const names: string[] = [];
  for (let at = HEADER; at < file.size && names.length < MAX_VARIABLES; ) {
    const place = { at };
    const { type, size } = await readTag(filePull(file, place), littleEndian);
    if (place.at + size > file.size) throw damaged(path, 'it ends inside a variable; it is cut off');
    const source = { file, littleEndian, wanted };
    if (type === MATRIX) {
      // The tag again, as it stands in front of a matrix inside a compressed element too.
      const found = await readMatrix(filePull(file, { at }), source, { at: at + 8, size });
      names.push(found.name);
      if (found.array) arrays.push(found.array);
    } else if (type === COMPRESSED) {
      const found = await unpackMatrix(path, source, { at: place.at, size });
      names.push(found.name);
      if (found.array) arrays.push(found.array);
    }
    at = place.at + (type === COMPRESSED ? size : padded(size));
  }
  return { arrays, names };
}

const padded = (size: number) => Math.ceil(size / 8) * 8;

function damaged(path: string, detail: string): OutlierExposureError {
  return new OutlierExposureError(
    'invalid-file',
    `${path} is not a readable MAT-file: ${detail}. Fetch it again.`,
  );
}

async function readHeader(file: ByteReader): Promise<boolean> {
  if (file.size < HEADER) throw damaged(file.name, `it has only ${file.size} bytes`);
  const header = await file.read(0, HEADER);
  const mark = String.fromCharCode(header[126]!, header[127]!);
  if (mark !== 'IM' && mark !== 'MI') throw damaged(file.name, 'its header has no mark of a byte order');
  const littleEndian = mark === 'IM';
  const version = new DataView(header.buffer, header.byteOffset).getUint16(124, littleEndian);
  if (version === 0x0200) {
    throw new OutlierExposureError(
      'unsupported',
      `${file.name} is a MAT-file of version 7.3 (HDF5), which is not read; save it with "-v7", or as .npy.`,
    );
  }
  if (version !== 0x0100) throw damaged(file.name, `its version ${version} is unknown`);
  return littleEndian;
}

interface Source {
  file: ByteReader;
  littleEndian: boolean;
  wanted: (name: string) => boolean;
}

interface Found {
  name: string;
  array?: MatArray;
}

/** A matrix that lies in the file as it is, `region` without its tag. */
async function readMatrix(pull: Pull, source: Source, region: { at: number; size: number }): Promise<Found> {
  const { file, littleEndian } = source;
  const matrix = await readDetails(pull, source);
  const { name, dimensions, numbers } = matrix;
  if (!numbers) return { name };
  const offset = region.at + matrix.consumed;
  if (offset + numbers.size > region.at + region.size)
    throw damaged(file.name, `the variable ${name} has less data than its shape needs`);
  const bytes = numbers.small
    ? memoryReader(file.name, numbers.small)
    : partReader(file, { name: file.name, offset, size: numbers.size });
  return { name, array: { name, dimensions, type: numbers.type, littleEndian, bytes } };
}

async function unpackMatrix(
  path: string,
  source: Source,
  { at, size }: { at: number; size: number },
): Promise<Found> {
  if (size === 0) throw damaged(path, 'a compressed variable is empty');
  const inflate = createInflate();
  // A pipe does not pass on that the file cannot be read.
  const packed = createReadStream(path, { start: at, end: at + size - 1 }).on('error', (error) =>
    inflate.destroy(error),
  );
  const pull = streamPull(packed.pipe(inflate), path);
  try {
    const { name, dimensions, numbers } = await readDetails(pull, source);
    if (!numbers) return { name };
    if (numbers.size > MAX_UNPACKED) {
      throw new OutlierExposureError(
        'unsupported',
        `The variable ${name} of ${path} unpacks to ${numbers.size} bytes; at most ${MAX_UNPACKED} are unpacked into memory: save it with "-v6", uncompressed.`,
      );
    }
    // Deflate cannot shrink to less than a 1032nd.
    if (numbers.size > (size + 64) * 1032)
      throw damaged(path, `the variable ${name} claims more data than its ${size} bytes can unpack to`);
    const bytes = memoryReader(path, numbers.small ?? (await pull(numbers.size)));
    return {
      name,
      array: { name, dimensions, type: numbers.type, littleEndian: source.littleEndian, bytes },
    };
  } finally {
    packed.destroy();
    inflate.destroy();
  }
}

interface Details {
  name: string;
  dimensions: number[];
  /** How many bytes stand in front of the numbers, the matrix's own tag not counted. */
  consumed: number;
  /** Missing when the matrix is not wanted or not of real numbers. */
  numbers?: { type: NpyType; size: number; small?: Uint8Array | undefined };
}

/** What stands in front of a matrix's numbers. */
async function readDetails(pull: Pull, { file, littleEndian, wanted }: Source): Promise<Details> {
  let consumed = -8;
  const counted: Pull = (length) => {
    consumed += length;
    return pull(length);
  };
  const outer = await readTag(counted, littleEndian);
  if (outer.type !== MATRIX)
    throw damaged(file.name, `an element of type ${outer.type} stands for a variable`);
  const detail = async (what: string) => {
    const { size, small } = await readTag(counted, littleEndian);
    if (size > MAX_DETAIL) throw damaged(file.name, `${what} of a variable takes ${size} bytes`);
    return small ?? (await counted(padded(size))).subarray(0, size);
  };
  const flags = await detail('the flags');
  const sides = await detail('the shape');
  const name = Buffer.from(await detail('the name')).toString('latin1');
  if (flags.length < 4 || sides.length < 8 || sides.length % 4 !== 0)
    throw damaged(file.name, `the variable ${name} has no shape`);
  const kind = view(flags).getUint32(0, littleEndian);
  const dimensions = Array.from({ length: sides.length / 4 }, (_, i) =>
    view(sides).getInt32(4 * i, littleEndian),
  );
  const array = { name, dimensions, consumed };
  const isNumeric = (kind & 0xff) >= NUMERIC_CLASSES[0] && (kind & 0xff) <= NUMERIC_CLASSES[1];
  const isComplex = (kind & 0x0800) !== 0;
  if (!wanted(name) || !isNumeric || isComplex) return array;
  const numbers = await readTag(counted, littleEndian);
  const type = NUMBERS[numbers.type];
  if (!type) throw damaged(file.name, `the variable ${name} stores numbers of type ${numbers.type}`);
  const size = dimensions.reduce((product, side) => product * side, BYTES[type[1]!]!);
  if (dimensions.some((side) => side < 0) || size !== numbers.size)
    throw damaged(
      file.name,
      `the variable ${name} has the shape [${dimensions.join(', ')}], which takes ${size} bytes, but ${numbers.size} follow`,
    );
  return { ...array, consumed, numbers: { type, size, small: numbers.small } };
}

/** A tag; of up to four bytes of data, the data too. */
async function readTag(
  pull: Pull,
  littleEndian: boolean,
): Promise<{ type: number; size: number; small?: Uint8Array }> {
  const tag = (await pull(8)).slice();
  const first = view(tag).getUint32(0, littleEndian);
  if (first >>> 16 === 0) return { type: first, size: view(tag).getUint32(4, littleEndian) };
  const size = Math.min(4, first >>> 16);
  return { type: first & 0xffff, size, small: tag.subarray(4, 4 + size) };
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function filePull(file: ByteReader, place: { at: number }): Pull {
  return async (length) => {
    if (place.at + length > file.size) throw damaged(file.name, 'it ends inside a variable; it is cut off');
    const bytes = await file.read(place.at, length);
    place.at += length;
    return bytes;
  };
}

function streamPull(stream: Parameters<typeof chunksOf>[0], path: string): Pull {
  const chunks = chunksOf(stream, path);
  let rest: Uint8Array = new Uint8Array();
  return async (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (rest.length === 0) {
        const { value, done } = await chunks.next();
        if (done) throw damaged(path, 'it ends inside a compressed variable; it is cut off');
        rest = value;
      }
      const part = rest.subarray(0, length - at);
      bytes.set(part, at);
      at += part.length;
      rest = rest.subarray(part.length);
    }
    return bytes;
  };
}

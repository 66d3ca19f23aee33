/** One Parquet file, checked before anything is believed. Node only. */
import { type FileMetaData, parquetMetadataAsync } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { OutlierExposureError } from '../../../errors.ts';
import { type ByteReader, fileReader } from './byte-reader.ts';

export interface ParquetFile {
  path: string;
  bytes: ByteReader;
  metadata: FileMetaData;
  /** The rows of each row group. */
  groups: number[];
  /** What the library's functions are to be called with. */
  reading: {
    file: { byteLength: number; slice(start: number, end?: number): Promise<ArrayBuffer> };
    metadata: FileMetaData;
    compressors: typeof compressors;
  };
}

/** What one page may unpack to; a page holds images of one row group. */
const MAX_PAGE = 2 ** 31 - 1;
/** Sets have fewer rows than this for each byte, however well labels shrink. */
const MAX_ROWS_PER_BYTE = 8;

/** Reads a Parquet file's footer. @throws OutlierExposureError `invalid-file` when it is damaged */
export async function openParquetFile(path: string): Promise<ParquetFile> {
  const bytes = await fileReader(path);
  const file = {
    byteLength: bytes.size,
    async slice(start: number, end = bytes.size) {
      if (!(start >= 0 && end >= start && end <= bytes.size)) {
        throw new Error(`it refers to the bytes ${start} to ${end}, but has ${bytes.size}`);
      }
      const part = await bytes.read(start, end - start);
      return part.buffer as ArrayBuffer;
    },
  };
  return parquetError(path, async () => {
    const metadata = await parquetMetadataAsync(file);
    const groups = metadata.row_groups.map((group) => Number(group.num_rows));
    const rows = groups.reduce((sum, count) => sum + count, 0);
    if (!groups.every((count) => Number.isSafeInteger(count) && count >= 0))
      throw new Error('a row group has no proper number of rows');
    if (rows !== Number(metadata.num_rows)) throw new Error('its row groups have other rows than it says');
    if (rows > bytes.size * MAX_ROWS_PER_BYTE)
      throw new Error(`it claims ${rows} rows in ${bytes.size} bytes`);
    return { path, bytes, metadata, groups, reading: { file, metadata, compressors: bounded } };
  });
}

/** The library's decompressors, which take memory for what a page claims to unpack to. */
const bounded = Object.fromEntries(
  Object.entries(compressors).map(([codec, unpack]) => [
    codec,
    (input: Uint8Array, size: number) => {
      if (!(size >= 0 && size <= Math.min(MAX_PAGE, 2 ** 16 * (input.length + 64))))
        throw new Error(`a page of ${input.length} bytes claims to unpack to ${size}`);
      return unpack!(input, size);
    },
  ]),
) as typeof compressors;

/** What the library throws at damaged files, as a sentence. */
export async function parquetError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OutlierExposureError) throw error;
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is not a readable Parquet file: ${(error as Error).message.replace(/^parquet /, '')}; fetch it again.`,
      { cause: error },
    );
  }
}

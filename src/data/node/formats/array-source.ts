/** Images that lie one after the other in a file, each in equally many bytes. Node only. */
import { OutlierExposureError } from '../../../errors.ts';
import type { ImageSource } from '../../source.ts';
import { type ByteReader, residentReader } from './byte-reader.ts';
import { MEMORY } from './options.ts';
import { imageBytes, type PixelLayout, pixelDecoder, tellRange, type ValueRange } from './pixels.ts';
import { type Records, readRecords } from './records.ts';

export interface ImageArray extends PixelLayout {
  name: string;
  bytes: ByteReader;
  /** Where the first record begins; 0 unless given. */
  offset?: number;
  /** Bytes in front of each image (its label, in CIFAR's files); 0 unless given. */
  head?: number;
  count: number;
  /** Told by a sample unless given. */
  range?: ValueRange | undefined;
  /** Bytes of the file to keep in memory. */
  memory?: number | undefined;
  labels?: Int32Array | undefined;
  classNames?: readonly string[] | undefined;
  fingerprint: string;
}

/** Images that are looked at to tell the range of the values. */
const SAMPLES = 64;

/** The images of an array in a file, read by window. */
export async function arraySource(array: ImageArray): Promise<ImageSource> {
  const { name, bytes, offset = 0, head = 0, count, shape, labels, classNames, fingerprint } = array;
  const size = head + imageBytes(array);
  if (!(count > 0 && size > head)) {
    throw new OutlierExposureError('invalid-file', `${bytes.name} holds no images.`);
  }
  if (offset + count * size > bytes.size) {
    throw new OutlierExposureError(
      'invalid-file',
      `${bytes.name} should hold ${count} images of ${size} bytes, but has only ${bytes.size} bytes; it is cut off: fetch it again.`,
    );
  }
  if (labels && labels.length !== count) {
    throw new OutlierExposureError(
      'invalid-file',
      `${bytes.name} has ${count} images, but ${labels.length} labels belong to it; give the labels of these images.`,
    );
  }
  const records: Records = { bytes, offset, size, count };
  const range = array.range ?? (await sampledRange(records, { ...array, head }));
  const decode = pixelDecoder(array, range);
  const resident = residentReader(bytes, array.memory ?? MEMORY);
  const values = shape[0] * shape[1] * shape[2];
  return {
    name,
    length: count,
    shape,
    ...(labels && { labels }),
    ...(classNames && { classNames }),
    fingerprint,
    read: (indices, out) =>
      readRecords({ ...records, bytes: resident }, indices, (record, position) => {
        try {
          decode(record.subarray(head), out, position * values);
        } catch (error) {
          if (!(error instanceof OutlierExposureError)) throw error;
          throw new OutlierExposureError(
            error.code,
            `Image ${indices[position]} of ${bytes.name} holds values that are not finite numbers.`,
          );
        }
      }),
    close: () => resident.close(),
  };
}

async function sampledRange(records: Records, array: ImageArray & { head: number }): Promise<ValueRange> {
  const count = Math.min(SAMPLES, records.count);
  const indices = Array.from({ length: count }, (_, i) => Math.floor((i * records.count) / count));
  const samples: Uint8Array[] = [];
  await readRecords(records, indices, (record) => samples.push(record.slice(array.head)));
  return tellRange(samples, { ...array, name: records.bytes.name });
}

/** From an image's bytes, in whatever type and order a file has them, to floats in [0, 1], channels first. */
import { OutlierExposureError } from '../../../errors.ts';
import { NPY_TYPES, type NpyType } from '../../npy.ts';
import type { ImageShape } from '../../source.ts';

/** Which axis changes slowest: channels, rows, columns; rows, columns, channels; or channels, columns, rows. */
export type PixelOrder = 'chw' | 'hwc' | 'cwh';

export interface PixelLayout {
  shape: ImageShape;
  order: PixelOrder;
  type: NpyType;
  littleEndian: boolean;
}

/** The value that is shown black and the one that is shown white. */
export type ValueRange = readonly [black: number, white: number];

/** How many bytes an image takes. */
export function imageBytes({ shape, type }: PixelLayout): number {
  return shape[0] * shape[1] * shape[2] * NPY_TYPES[type].BYTES_PER_ELEMENT;
}

/**
 * A function that writes an image's bytes as (value − black) / (white − black), channels first, from `at` on.
 * It throws when a value is not finite.
 */
export function pixelDecoder(
  layout: PixelLayout,
  [black, white]: ValueRange,
): (image: Uint8Array, out: Float32Array, at: number) => void {
  const [channels, height, width] = layout.shape;
  const [byChannel, byRow, byColumn] = {
    chw: [height * width, width, 1],
    hwc: [1, width * channels, channels],
    cwh: [height * width, 1, height],
  }[layout.order] as [number, number, number];
  const scale = white - black;
  const table = Float32Array.from({ length: 256 }, (_, byte) => (byte - black) / scale);
  const bytesOnly = NPY_TYPES[layout.type] === Uint8Array;
  return (image, out, at) => {
    const values = bytesOnly ? image : valuesOf(image, layout);
    let to = at;
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        let from = c * byChannel + y * byRow;
        if (bytesOnly) {
          for (let x = 0; x < width; x++, from += byColumn) out[to++] = table[values[from]!]!;
        } else {
          for (let x = 0; x < width; x++, from += byColumn) out[to++] = (values[from]! - black) / scale;
        }
      }
    }
    if (!bytesOnly && !allFinite(out, at, to)) {
      throw new OutlierExposureError('invalid-file', 'An image holds values that are not finite numbers.');
    }
  };
}

function allFinite(values: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

/** The numbers that bytes stand for. */
export function valuesOf(
  bytes: Uint8Array,
  { type, littleEndian }: Pick<PixelLayout, 'type' | 'littleEndian'>,
): ArrayLike<number> {
  const Values = NPY_TYPES[type];
  const width = Values.BYTES_PER_ELEMENT;
  if (width === 1)
    return new Values(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length) as Uint8Array;
  // A copy, since a typed array needs its bytes aligned.
  const copy = bytes.slice();
  if (!littleEndian) for (let i = 0; i < copy.length; i += width) copy.subarray(i, i + width).reverse();
  const values = new Values(copy.buffer as ArrayBuffer, copy.byteOffset, copy.length / width);
  return values instanceof BigInt64Array || values instanceof BigUint64Array
    ? Float64Array.from(values, Number)
    : values;
}

/**
 * Which values stand for black and white, told by those of a sample of images: 0 and 1 when none is larger, else 0
 * and 255. Drawings stored as bytes 0 and 1 count as 0 and 1.
 *
 * @throws OutlierExposureError `invalid-argument` when neither fits, so that the caller has to say
 */
export function tellRange(
  samples: readonly Uint8Array[],
  { name, type, littleEndian }: { name: string } & Pick<PixelLayout, 'type' | 'littleEndian'>,
): ValueRange {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const sample of samples) {
    const values = valuesOf(sample, { type, littleEndian });
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) {
        throw new OutlierExposureError(
          'invalid-file',
          `${name} holds values that are not finite numbers; images are numbers from 0 to 1 or from 0 to 255.`,
        );
      }
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (type === 'b1') return [0, 1];
  if (low >= 0 && high <= 255) return high <= 1 && (high > 0 || type.startsWith('f')) ? [0, 1] : [0, 255];
  throw new OutlierExposureError(
    'invalid-argument',
    `${name} holds values from ${Number(low.toPrecision(4))} to ${Number(high.toPrecision(4))}; images are numbers from 0 to 1 or from 0 to 255: give the range (the values of black and white) if these are meant, and undo any normalisation.`,
  );
}

/** Reading records of equal length, wherever they lie, with few reads of the file. Node only. */
import { OutlierExposureError } from '../../../errors.ts';
import type { ByteReader } from './byte-reader.ts';

export interface Records {
  bytes: ByteReader;
  /** Where the first record begins. */
  offset: number;
  /** How many bytes a record takes. */
  size: number;
  count: number;
}

/** Reading this much for nothing is cheaper than another read. */
const MAX_GAP = 16_384;
/** What one read may fetch. */
const MAX_READ = 4 * 2 ** 20;
/** Reads under way at once; Node has four threads for them. */
const AT_ONCE = 8;

/**
 * Calls `visit` for each of the records at `indices`, in any order: neighbours are read together, and several reads
 * run at once.
 *
 * @param visit gets a record's bytes and where its index stands in `indices`
 */
export async function readRecords(
  { bytes, offset, size, count }: Records,
  indices: ArrayLike<number>,
  visit: (record: Uint8Array, position: number) => void,
): Promise<void> {
  checkIndices(indices, count, bytes.name);
  const positions = ascendingPositions(indices);
  let next = 0;
  const work = async () => {
    while (next < positions.length) {
      const first = next;
      const start = indices[positions[first]!]! * size;
      let end = start + size;
      next++;
      while (next < positions.length) {
        const further = indices[positions[next]!]! * size;
        if (further - end > MAX_GAP || further + size - start > MAX_READ) break;
        end = further + size;
        next++;
      }
      const last = next;
      const window = await bytes.read(offset + start, end - start);
      for (let k = first; k < last; k++) {
        const from = indices[positions[k]!]! * size - start;
        visit(window.subarray(from, from + size), positions[k]!);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Refuses indices that no example has. */
export function checkIndices(indices: ArrayLike<number>, count: number, name: string): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (!(Number.isInteger(index) && index >= 0 && index < count)) {
      throw new OutlierExposureError(
        'invalid-argument',
        `${name} has the images 0 to ${count - 1}; there is no image ${index}.`,
      );
    }
  }
}

/** The positions in `indices`, such that the indices at them ascend. */
export function ascendingPositions(indices: ArrayLike<number>): Uint32Array {
  const positions = Uint32Array.from({ length: indices.length }, (_, i) => i);
  for (let i = 1; i < indices.length; i++)
    if (indices[i]! < indices[i - 1]!) return positions.sort((a, b) => indices[a]! - indices[b]!);
  return positions;
}

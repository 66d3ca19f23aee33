/** A part of a set. */
import { OutlierExposureError } from '../errors.ts';
import { Random } from '../random.ts';
import type { ImageSource } from './source.ts';

/**
 * Some images of a set, with their labels.
 *
 * @param which the images' indices in the set; or how many: the first ones, or, with a seed, ones drawn at random
 *   without repetition and kept in the set's order
 * @throws OutlierExposureError `invalid-argument` when the set has no such images
 */
export function subset(
  source: ImageSource,
  which: ArrayLike<number> | number,
  { seed }: { seed?: number } = {},
): ImageSource {
  const chosen = typeof which === 'number' ? choose(source, which, seed) : Uint32Array.from(which);
  for (let i = 0; i < chosen.length; i++) {
    const index = typeof which === 'number' ? chosen[i]! : which[i]!;
    if (!(Number.isInteger(index) && index >= 0 && index < source.length)) {
      throw new OutlierExposureError(
        'invalid-argument',
        `"${source.name}" has the images 0 to ${source.length - 1}; there is no image ${index}.`,
      );
    }
  }
  const { labels, classNames } = source;
  return {
    name: source.name,
    length: chosen.length,
    shape: source.shape,
    ...(labels && { labels: Int32Array.from(chosen, (index) => labels[index]!) }),
    ...(classNames && { classNames }),
    ...(source.nameOf && { nameOf: (index) => source.nameOf!(chosen[index]!) }),
    fingerprint: `${chosen.length} of ${source.fingerprint}: ${
      typeof which === 'number'
        ? seed === undefined
          ? 'the first'
          : `seed ${seed}`
        : `numbers ${hash(chosen)}`
    }`,
    read: (indices, out) =>
      source.read(
        Uint32Array.from({ length: indices.length }, (_, i) => chosen[indices[i]!]!),
        out,
      ),
    ...(source.close && { close: () => source.close!() }),
  };
}

function choose(source: ImageSource, count: number, seed: number | undefined): Uint32Array {
  if (!(Number.isInteger(count) && count > 0 && count <= source.length)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${source.name}" has ${source.length} images, of which ${count} cannot be taken; give a number from 1 to ${source.length}.`,
    );
  }
  if (seed === undefined) return Uint32Array.from({ length: count }, (_, i) => i);
  const order = Random.from(seed, 'subset').permutation(source.length);
  return Uint32Array.from(order.subarray(0, count)).sort();
}

/** FNV-1a over the numbers' bytes: enough to show that a list has changed. */
function hash(numbers: Uint32Array): string {
  let value = 0x811c9dc5;
  for (const byte of new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value.toString(16).padStart(8, '0');
}

/** A batch as one message: images of one shape and kind go as one block of memory, which costs less than many. */
import type { PixelTensor } from '../guard/index.ts';
import type { CheckItem } from './protocol.ts';

/** What {@link packItems} makes: a block of images, or items as they are. */
export type PackedItems =
  | { images: Float32Array | Uint8Array; shape: readonly number[]; count: number }
  | { items: CheckItem[] };

/** @param items at least one; images hold as many values as their shapes say */
export function packItems(items: CheckItem[]): PackedItems {
  const [first] = items;
  if (items.length < 2 || typeof first !== 'object' || !items.every((item) => isLike(item, first)))
    return { items };
  const tensors = items as PixelTensor[];
  const { data, shape } = first;
  const Values = data instanceof Float32Array ? Float32Array : Uint8Array;
  // Images of one request mostly lie behind one another already.
  const lined = tensors.every(
    (each, i) =>
      each.data.buffer === data.buffer && each.data.byteOffset === data.byteOffset + i * data.byteLength,
  );
  if (lined)
    return {
      images: new Values(data.buffer as ArrayBuffer, data.byteOffset, data.length * items.length),
      shape,
      count: items.length,
    };
  const images = new Values(data.length * items.length);
  for (const [i, each] of tensors.entries()) images.set(each.data, i * data.length);
  return { images, shape, count: items.length };
}

/** The items again, as views. */
export function unpackItems(packed: PackedItems): CheckItem[] {
  if ('items' in packed) return packed.items;
  const { images, shape, count } = packed;
  const size = images.length / count;
  return Array.from({ length: count }, (_, i) => ({
    data: images.subarray(i * size, (i + 1) * size),
    shape,
  }));
}

function isLike(item: CheckItem, first: PixelTensor): boolean {
  return (
    typeof item === 'object' &&
    item.data instanceof Float32Array === first.data instanceof Float32Array &&
    item.shape.length === first.shape.length &&
    item.shape.every((side, i) => side === first.shape[i])
  );
}

/** Texts in batches for a model that only looks at them: each padded to its own length, whatever stands beside it. */
import type { EncodedText, TextInput } from '../data/index.ts';

/** Texts of one length that go through the model together. */
export interface TextWindow {
  /** Places in the list of indices that was given. */
  places: Uint32Array;
  /** The texts' numbers in the set. */
  indices: Uint32Array;
  /** The padded length. */
  length: number;
}

/** Words a call: enough to keep the processor busy, few enough for long texts to fit into memory. */
const MOST_WORDS = 2 ** 15;

/**
 * Puts texts of one padded length together. The length is that of the text alone, brought up to a multiple of 8, so that
 * what a model says of a text does not depend on the others.
 *
 * @param batch texts a call, at most; fewer of long ones
 */
export function textWindows(
  set: EncodedText,
  indices: Uint32Array,
  { input, batch }: { input: TextInput; batch: number },
): TextWindow[] {
  const byLength = new Map<number, number[]>();
  for (const [place, index] of indices.entries()) {
    const length = input.lengthOf(set, [index]);
    const places = byLength.get(length);
    if (places) places.push(place);
    else byLength.set(length, [place]);
  }
  const windows: TextWindow[] = [];
  for (const [length, all] of [...byLength].sort(([a], [b]) => a - b)) {
    const size = Math.max(1, Math.min(batch, Math.floor(MOST_WORDS / length)));
    for (let start = 0; start < all.length; start += size) {
      const places = Uint32Array.from(all.slice(start, start + size));
      windows.push({ places, indices: places.map((place) => indices[place]!), length });
    }
  }
  return windows;
}

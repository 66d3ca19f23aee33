/** Some examples of a set, of images or of texts in numbers. */
import { type EncodedText, type ExampleSet, isEncodedText, subset } from '../data/index.ts';

/** @param indices into the set; one may occur several times */
export function selectExamples(set: ExampleSet, indices: Uint32Array): ExampleSet {
  return isEncodedText(set) ? selectEncoded(set, indices) : subset(set, indices);
}

function selectEncoded(set: EncodedText, indices: Uint32Array): EncodedText {
  const { offsets, labels } = set;
  const places = new Uint32Array(indices.length + 1);
  for (const [i, index] of indices.entries())
    places[i + 1] = places[i]! + offsets[index + 1]! - offsets[index]!;
  const ids = new Int32Array(places[indices.length]!);
  for (const [i, index] of indices.entries())
    ids.set(set.ids.subarray(offsets[index]!, offsets[index + 1]!), places[i]!);
  return {
    ...set,
    length: indices.length,
    ids,
    offsets: places,
    fingerprint: `${indices.length} of ${set.fingerprint}`,
    ...(labels && { labels: Int32Array.from(indices, (index) => labels[index]!) }),
    text: (i) => set.text(indices[i]!),
  };
}

/** The most and the least anomalous examples of a set, to be looked at. */
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import type { ImageShape, ImageSource } from '../data/source.ts';

export interface ExtremeExample {
  /** Its number in the set. */
  index: number;
  /** By detector; higher = more anomalous. */
  scores: Record<string, number>;
  /** The class that the model took it for. */
  predicted: number;
  /** The class that it has, in labelled sets. */
  label?: number;
}

export interface ExtremeImage extends ExtremeExample {
  /** Channels first, float32 in [0, 1]. */
  pixels: Float32Array;
}

export interface ExtremeText extends ExtremeExample {
  text: string;
}

interface Ends<Example extends ExtremeExample> {
  /** The detector by which they were chosen. */
  score: string;
  /** From the highest score down. */
  most: Example[];
  /** From the lowest score up. */
  least: Example[];
}

export interface ImageExtremes extends Ends<ExtremeImage> {
  shape: ImageShape;
}

export interface TextExtremes extends Ends<ExtremeText> {}

/** Of images, with their `shape`, or of texts, without one. */
export type Extremes = ImageExtremes | TextExtremes;

/**
 * Reads the `count` highest and the `count` lowest scored examples; of equal scores the earlier example comes first.
 *
 * @param indices which examples of the set were scored
 * @param scores by detector, one for each of `indices`; the first detector decides
 * @param predicted the classes that the model took them for
 */
export async function readExtremes(
  set: ExampleSet,
  indices: Uint32Array,
  scores: Readonly<Record<string, Float32Array>>,
  predicted: ArrayLike<number>,
  count: number,
): Promise<Extremes> {
  const [score, values] = Object.entries(scores)[0]!;
  const order = Array.from(indices, (_, at) => at).sort((a, b) => values[a]! - values[b]! || a - b);
  const highest = [...order].sort((a, b) => values[b]! - values[a]! || a - b).slice(0, count);
  const lowest = order.slice(0, count);
  const facts = (at: number): ExtremeExample => ({
    index: indices[at]!,
    scores: Object.fromEntries(Object.entries(scores).map(([name, all]) => [name, all[at]!])),
    predicted: predicted[at]!,
    ...(set.labels ? { label: set.labels[indices[at]!]! } : {}),
  });
  if (isEncodedText(set)) {
    const texts = (places: number[]) =>
      places.map((at): ExtremeText => ({ ...facts(at), text: set.text(indices[at]!) }));
    return { score, most: texts(highest), least: texts(lowest) };
  }
  const images = async (places: number[]): Promise<ExtremeImage[]> => {
    const pixels = await readPixels(
      set,
      places.map((at) => indices[at]!),
    );
    return places.map((at, i) => ({ ...facts(at), pixels: pixels[i]! }));
  };
  return { shape: set.shape, score, most: await images(highest), least: await images(lowest) };
}

async function readPixels(set: ImageSource, chosen: number[]): Promise<Float32Array[]> {
  const size = set.shape[0] * set.shape[1] * set.shape[2];
  const pixels = new Float32Array(chosen.length * size);
  await set.read(chosen, pixels);
  return chosen.map((_, i) => pixels.slice(i * size, (i + 1) * size));
}

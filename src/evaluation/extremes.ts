/** The most and the least anomalous examples of a set, to be looked at. */
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
  /** Channels first, float32 in [0, 1]. */
  pixels: Float32Array;
}

export interface Extremes {
  shape: ImageShape;
  /** The detector by which they were chosen. */
  score: string;
  /** From the highest score down. */
  most: ExtremeExample[];
  /** From the lowest score up. */
  least: ExtremeExample[];
}

/**
 * Reads the `count` highest and the `count` lowest scored examples; of equal scores the earlier example comes first.
 *
 * @param indices which examples of the set were scored
 * @param scores by detector, one for each of `indices`; the first detector decides
 * @param predicted the classes that the model took them for
 */
export async function readExtremes(
  set: ImageSource,
  indices: Uint32Array,
  scores: Readonly<Record<string, Float32Array>>,
  predicted: ArrayLike<number>,
  count: number,
): Promise<Extremes> {
  const [score, values] = Object.entries(scores)[0]!;
  const order = Array.from(indices, (_, at) => at).sort((a, b) => values[a]! - values[b]! || a - b);
  const size = set.shape[0] * set.shape[1] * set.shape[2];
  const read = async (places: number[]): Promise<ExtremeExample[]> => {
    const chosen = places.map((at) => indices[at]!);
    const pixels = new Float32Array(places.length * size);
    await set.read(chosen, pixels);
    return places.map((at, i) => ({
      index: chosen[i]!,
      scores: Object.fromEntries(Object.entries(scores).map(([name, all]) => [name, all[at]!])),
      predicted: predicted[at]!,
      ...(set.labels ? { label: set.labels[chosen[i]!]! } : {}),
      pixels: pixels.slice(i * size, (i + 1) * size),
    }));
  };
  const highest = [...order].sort((a, b) => values[b]! - values[a]! || a - b).slice(0, count);
  return { shape: set.shape, score, most: await read(highest), least: await read(order.slice(0, count)) };
}

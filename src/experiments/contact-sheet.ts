/** Some pictures of each set, to be looked at: what the numbers are about. */
import type { ImageShape, ImageSource } from '../data/index.ts';
import { Random } from '../random.ts';
import type { DataRecord } from './results.ts';

export interface ContactSheet {
  name: string;
  role: DataRecord['role'];
  /** How many the set has. */
  count: number;
  shape: ImageShape;
  /** Which ones are shown, ascending. */
  indices: number[];
  /** Theirs, one after the other, channels first. */
  pixels: Float32Array;
}

/** Draws `count` pictures of a set at random, the same for the same seed. */
export async function contactSheet(
  source: ImageSource,
  role: DataRecord['role'],
  { count, seed }: { count: number; seed: number },
): Promise<ContactSheet> {
  const random = Random.from(seed, 'contact sheet', role, source.name);
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, source.length)) chosen.add(random.integer(source.length));
  const indices = [...chosen].sort((a, b) => a - b);
  const { shape } = source;
  const pixels = new Float32Array(indices.length * shape[0] * shape[1] * shape[2]);
  await source.read(indices, pixels);
  return { name: source.name, role, count: source.length, shape, indices, pixels };
}

/** A set's images with noise on them: outliers that are made of D_in. */
import { Random } from '../random.ts';
import type { ImageSource } from './source.ts';

/**
 * x + N(0, σ²), value by value, clamped to [0, 1]. The labels are left out: what it shows is meant to be no class any more.
 *
 * @param sigma σ, in units of the pixels' range; default 0.3
 * @param seed decides the noise; image i depends on it and on i alone
 */
export function noised(
  source: ImageSource,
  { sigma = 0.3, seed }: { sigma?: number; seed: number },
): ImageSource {
  const size = source.shape[0] * source.shape[1] * source.shape[2];
  return {
    name: `${source.name}, noised`,
    length: source.length,
    shape: source.shape,
    fingerprint: `Gaussian noise (sigma ${sigma}, seed ${seed}) on ${source.fingerprint}`,
    async read(indices, out) {
      await source.read(indices, out);
      for (let i = 0; i < indices.length; i++) {
        const random = Random.from(seed, 'noised', indices[i]!);
        for (let at = i * size; at < (i + 1) * size; at++)
          out[at] = Math.min(1, Math.max(0, out[at]! + sigma * random.normal()));
      }
    },
    ...(source.close && { close: () => source.close!() }),
  };
}

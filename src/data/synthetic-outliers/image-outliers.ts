/** Outliers made from images, as they are read. */
import { OutlierExposureError } from '../../errors.ts';
import { Random } from '../../random.ts';
import type { ImageSource } from '../source.ts';
import { IMAGE_KINDS, type ImageKind, type ImageKindName } from './image-kinds.ts';
import { checkPairs, partnerOf } from './partner.ts';

/**
 * A set as long as `source`, whose image i is made of image i by kind i mod k. Nothing is held in memory, and what is
 * random in an image depends on the seed, its kind and its place alone.
 *
 * @param kinds one or more, in the order in which they take turns
 */
export function imageOutliers(
  source: ImageSource,
  kinds: readonly ImageKindName[],
  { name, seed }: { name: string; seed: number },
): ImageSource {
  const { shape, length } = source;
  const recipes: ImageKind[] = kinds.map((kind) => IMAGE_KINDS[kind]);
  for (const [i, { takes, leastSide }] of recipes.entries()) {
    if (takes === 'pair') checkPairs(source, kinds[i]!);
    if (Math.min(shape[1], shape[2]) >= leastSide) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `Outliers of the kind "${kinds[i]}" need images of ${leastSide} × ${leastSide} or more, but those of "${source.name}" are ${shape[1]} × ${shape[2]}: choose another kind.`,
    );
  }
  const size = shape[0] * shape[1] * shape[2];
  const kindAt = (index: number) => recipes[index % recipes.length]!;
  const randomAt = (index: number, what: string) =>
    Random.from(seed, what, kinds[index % kinds.length]!, index);
  return {
    name,
    length,
    shape,
    fingerprint: `${name} (seed ${seed}) of ${source.fingerprint}`,
    async read(indices, out) {
      await source.read(indices, out);
      const paired = Array.from(indices, (_, i) => i).filter((i) => kindAt(indices[i]!).takes === 'pair');
      const others = new Float32Array(paired.length * size);
      if (paired.length > 0) {
        const partners = paired.map((i) =>
          partnerOf(source, indices[i]!, randomAt(indices[i]!, 'made outliers, partner')),
        );
        await source.read(partners, others);
      }
      let pair = 0;
      for (let i = 0; i < indices.length; i++) {
        const index = indices[i]!;
        const kind = kindAt(index);
        const at = kind.takes === 'pair' ? pair++ : 0;
        kind.change(out.subarray(i * size, (i + 1) * size), {
          shape,
          random: randomAt(index, 'made outliers'),
          other: others.subarray(at * size, (at + 1) * size),
        });
      }
    },
  };
}

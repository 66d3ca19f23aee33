/** The picture of a list that is most like another one. */
import type { ContentHash } from './content-hash.ts';
import type { HammingIndex } from './hamming-index.ts';
import { CELLS } from './image-grid.ts';
import { likeness, mirroredHash, mirroredThumbnail, type Thumbnail } from './perceptual-hash.ts';
import type { SignatureTable } from './signature-table.ts';

/** The entry most like a picture or its mirror image, of those that are alike enough. */
export function bestOf(
  { index, table }: { index: HammingIndex; table: SignatureTable },
  { hash, thumbnail: small }: { hash: ContentHash; thumbnail: Thumbnail },
  {
    distance,
    similarity,
    allowed = () => true,
    enough = 'best',
  }: {
    distance: number;
    similarity: number;
    allowed?: (entry: number) => boolean;
    /** Whether the first that is found is good enough. */
    enough?: 'first' | 'best';
  },
): { entry: number; similarity: number } | undefined {
  let best: { entry: number; similarity: number } | undefined;
  const { thumbnails } = table;
  const mirrored = mirroredHash(hash);
  let turned: Thumbnail | undefined;
  for (const { low, high } of [hash, mirrored]) {
    const ours = low === hash.low && high === hash.high ? small : (turned ??= mirroredThumbnail(small));
    index.near(low, high, distance, (entry) => {
      if (!allowed(entry)) return;
      const alike = likeness(ours, thumbnails, entry * CELLS, Math.max(similarity, best?.similarity ?? 0));
      if (alike < similarity || alike <= (best?.similarity ?? 0)) return;
      best = { entry, similarity: alike };
      return enough === 'first' ? 'stop' : undefined;
    });
    if (best && enough === 'first') break;
  }
  return best;
}

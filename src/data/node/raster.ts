/** Drawing SVG at the size of a set's images. Node only. */
import sharp from 'sharp';
import { OutlierExposureError } from '../../errors.ts';

/** What drew the pixels; another version may round edges otherwise. */
export const rasterId = `sharp@${sharp.versions.sharp}, librsvg ${sharp.versions.rsvg}`;

/** Drawings under way at once; more only takes memory. */
const AT_ONCE = 32;

/**
 * Draws SVG documents, over a background, as colour bytes with interleaved red, green and blue.
 *
 * @param name what to call a document in errors
 */
export async function rasterize(
  documents: { svg: string; name: string }[],
  { background }: { background: 'white' | 'black' },
): Promise<Uint8Array[]> {
  const results: Uint8Array[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < documents.length; i = next++) {
      const { svg, name } = documents[i]!;
      try {
        results[i] = await sharp(Buffer.from(svg))
          .flatten({ background })
          .toColourspace('srgb')
          .raw()
          .toBuffer();
      } catch (error) {
        throw new OutlierExposureError(
          'invalid-file',
          `${name} cannot be drawn: ${(error as Error).message}. Install the package it comes from again.`,
          { cause: error },
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** Puts images of equal size one after the other in the given order, leaving out all but the first of equal ones. */
export function joinDistinct(images: Uint8Array[], order: ArrayLike<number>): Uint8Array {
  const seen = new Set<string>();
  const kept: Uint8Array[] = [];
  for (const index of Array.from(order)) {
    const image = images[index]!;
    const key = Buffer.from(image).toString('latin1');
    if (seen.has(key)) continue;
    seen.add(key);
    kept.push(image);
  }
  return new Uint8Array(Buffer.concat(kept));
}

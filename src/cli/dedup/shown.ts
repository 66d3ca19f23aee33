/** Some of the pairs that were found, for looking at. */
import sharp from 'sharp';
import type { DuplicatePair } from '../../data/duplicates/index.ts';
import type { ImageSource, TextSource } from '../../data/index.ts';
import type { ShownPair, ShownSide } from '../../report/html/duplicates.ts';
import { tileSheet } from '../../report/tile-sheet.ts';
import type { Cleaning } from './clean.ts';

/** Pairs of a page, found by a model or not: those least alike, where mistakes would be, and evenly drawn others. */
const SHOWN = 120;
const MAX_SIDE = 96;

/** The pairs to show, the least alike first; those that a model found follow by themselves, as a cosine is no correlation. */
export async function shownPairs(
  { pairs }: Cleaning,
  source: ImageSource | TextSource,
  against: readonly (ImageSource | TextSource)[],
): Promise<ShownPair[]> {
  const shown: ShownPair[] = [];
  const [ours, models] = [
    pairs.filter(({ sameness }) => sameness !== 'embedding'),
    pairs.filter(({ sameness }) => sameness === 'embedding'),
  ];
  for (const pair of [...chosen(ours), ...chosen(models)]) {
    const other = pair.set === 'within' ? source : against[pair.set]!;
    shown.push({
      similarity: pair.similarity,
      sameness: pair.sameness,
      left: await side(source, pair.index),
      right: await side(other, pair.of),
    });
  }
  return shown;
}

function chosen(pairs: readonly DuplicatePair[]): DuplicatePair[] {
  const sorted = pairs.toSorted((a, b) => a.similarity - b.similarity || a.index - b.index);
  if (sorted.length <= SHOWN) return sorted;
  const half = SHOWN / 2;
  const step = (sorted.length - half) / half;
  return [
    ...sorted.slice(0, half),
    ...Array.from({ length: half }, (_, i) => sorted[half + Math.floor(i * step)]!),
  ];
}

async function side(source: ImageSource | TextSource, index: number): Promise<ShownSide> {
  if ('text' in source) return { set: source.name, index, text: source.text(index) };
  const pixels = new Float32Array(source.shape[0] * source.shape[1] * source.shape[2]);
  await source.read([index], pixels);
  const { sheet, size } = await tileSheet([[pixels]], source.shape, { maxSide: MAX_SIDE });
  const png = await sharp(await sheet.png().toBuffer())
    .png({ palette: true })
    .toBuffer();
  return { set: source.name, index, picture: { png, ...size } };
}

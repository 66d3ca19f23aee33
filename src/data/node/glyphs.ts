/** Glyphs: the letters A to J in many fonts, made as notMNIST is. Node only. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import opentype from 'opentype.js';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';
import { Random } from '../../random.ts';
import { type ImageShape, type ImageSource, memorySource } from '../source.ts';
import { cachedImages, type ImageBytes } from './cache.ts';
import { fontFamilies, fontPackage } from './font-packages.ts';
import { packageFolder, packageId } from './package-folder.ts';
import { joinDistinct, rasterId, rasterize } from './raster.ts';

const LETTERS = [...'ABCDEFGHIJ'];
const SIDE = 28;
const SHAPE: ImageShape = [1, SIDE, SIDE];
/** Fonts of one script take some tens of kilobytes. */
const MAX_FONT_BYTES = 2 ** 24;

/**
 * White letters A to J on black, 28×28, from some 260 styles of 48 font families: an out-of-distribution test
 * set for digits that needs no download. Each letter is stretched to touch all four borders, as nearly all of
 * notMNIST's do (so an I without serifs is a bright square there and here, and no digit 1). Letters that two fonts draw alike are there once; the order is random and always the same.
 */
export async function loadGlyphs(): Promise<ImageSource> {
  const recipe = `letters ${LETTERS.join('')}, stretched to ${SIDE}×${SIDE}; ${rasterId}; ${packageId('opentype.js')}; ${fontFamilies
    .map((family) => packageId(fontPackage(family)))
    .join(' ')}`;
  const { pixels, sha256 } = await cachedImages('glyphs', recipe, drawGlyphs);
  return memorySource({ name: 'Glyphs', shape: SHAPE, pixels, fingerprint: sha256 });
}

async function drawGlyphs(): Promise<ImageBytes> {
  const fonts = (await Promise.all(fontFamilies.map(fontFiles))).flat();
  const documents: { svg: string; name: string }[] = [];
  for (const path of fonts) {
    const bytes = await readFileBounded(path, { what: 'font', maxBytes: MAX_FONT_BYTES });
    documents.push({ svg: lettersSvg(bytes, { name: path }), name: path });
  }
  const rows = await rasterize(documents, { background: 'black' });
  const tiles = rows.flatMap((row) => LETTERS.map((_, i) => cutTile(row, i)));
  const order = Random.from(0, 'glyphs').permutation(tiles.length);
  return { pixels: joinDistinct(tiles, order), shape: SHAPE };
}

/** The Latin fonts of a family: every weight, upright and italic. */
async function fontFiles(family: string): Promise<string[]> {
  const folder = join(packageFolder(fontPackage(family)), 'files');
  const names = await readdir(folder);
  const styles = names.filter((name) => /-latin-\d+-(normal|italic)\.woff$/.test(name)).sort();
  if (styles.length === 0) {
    throw new OutlierExposureError(
      'not-found',
      `${folder} holds no Latin .woff font: install ${fontPackage(family)} again.`,
    );
  }
  return styles.map((name) => join(folder, name));
}

/** A row of tiles, one a letter, as SVG. */
export function lettersSvg(font: Uint8Array, { name }: { name: string }): string {
  let paths: string[];
  try {
    const parsed = opentype.parse(font.slice().buffer as ArrayBuffer);
    paths = LETTERS.map((letter, i) => {
      const glyph = parsed.charToGlyph(letter);
      const path = glyph.getPath(0, 0, 1000);
      const { x1, y1, x2, y2 } = path.getBoundingBox();
      const across = SIDE / (x2 - x1);
      const down = SIDE / (y2 - y1);
      if (glyph.index === 0 || !Number.isFinite(across) || !Number.isFinite(down))
        throw new Error(`it has no ${letter}`);
      return `<path transform="translate(${i * SIDE - across * x1} ${-down * y1}) scale(${across} ${down})" d="${path.toPathData(2)}"/>`;
    });
  } catch (error) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} cannot be used as a font: ${error instanceof Error ? error.message : String(error)}. Install its package again.`,
      { cause: error },
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE * LETTERS.length}" height="${SIDE}" fill="white">${paths.join('')}</svg>`;
}

/** One tile of a row, from its red channel: white on black has three equal ones. */
function cutTile(row: Uint8Array, tile: number): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const x = tile * SIDE + (i % SIDE);
    const y = Math.floor(i / SIDE);
    return row[(y * SIDE * LETTERS.length + x) * 3]!;
  });
}

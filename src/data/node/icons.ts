/** Icons: emoji of two families, drawn small and grey, in the place of Icons-50. Node only. */
import { join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';
import { Random } from '../../random.ts';
import { grayBytes } from '../gray.ts';
import { type ImageShape, type ImageSource, memorySource } from '../source.ts';
import { cachedImages, type ImageBytes } from './cache.ts';
import { packageFolder, packageId } from './package-folder.ts';
import { joinDistinct, rasterId, rasterize } from './raster.ts';

const PACKAGES = ['@iconify-json/noto', '@iconify-json/twemoji'];
const SIDE = 28;
const SHAPE: ImageShape = [1, SIDE, SIDE];
/** The larger package has 25 MB. */
const MAX_BYTES = 2 ** 27;

/**
 * Icons that show digits, which are in-distribution for MNIST (the paper leaves out the class "numbers" of
 * Icons-50), and clock faces and calendars, which are full of them.
 */
const DIGITS =
  /\d|keycap|digit|number|hundred|eighteen|oclock|-thirty$|clock\b|watch|calendar|slot-machine|receipt|hollow-red-circle/;

/** One icon in up to six skin tones: the same image to a small grey eye. */
const SKIN_TONES = /skin-tone|-tone\d/;

/** Whether an icon of that name belongs to the set. */
export function isIconOfSet(name: string): boolean {
  return !DIGITS.test(name) && !SKIN_TONES.test(name);
}

/**
 * Emoji of Noto and of Twemoji on white, as the images of Icons-50 are, 28×28 and grey: an out-of-distribution
 * test set for digits that needs no download. The order is random and always the same.
 */
export async function loadIcons(): Promise<ImageSource> {
  const recipe = `side ${SIDE}, on white, without ${DIGITS} ${SKIN_TONES}; ${rasterId}; ${PACKAGES.map(packageId).join(' ')}`;
  const { pixels, sha256 } = await cachedImages('icons', recipe, drawIcons);
  return memorySource({ name: 'Icons', shape: SHAPE, pixels, fingerprint: sha256 });
}

async function drawIcons(): Promise<ImageBytes> {
  const documents: { svg: string; name: string }[] = [];
  for (const name of PACKAGES) {
    const path = join(packageFolder(name), 'icons.json');
    const bytes = await readFileBounded(path, { what: 'icon set', maxBytes: MAX_BYTES });
    documents.push(...iconDocuments(new TextDecoder().decode(bytes), { name: path }));
  }
  const drawn = await rasterize(documents, { background: 'white' });
  const icons = drawn.map((pixels) => grayBytes(pixels));
  const order = Random.from(0, 'icons').permutation(icons.length);
  return { pixels: joinDistinct(icons, order), shape: SHAPE };
}

interface IconSet {
  icons: Record<string, { body: string; width?: number; height?: number; hidden?: boolean }>;
  width?: number;
  height?: number;
}

/** The icons of a set in Iconify's JSON format, as SVG documents in alphabetical order. */
export function iconDocuments(text: string, { name }: { name: string }): { svg: string; name: string }[] {
  const fail = (detail: string, cause?: unknown): never => {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is not a readable icon set: ${detail}; install its package again.`,
      { cause },
    );
  };
  let set: IconSet;
  try {
    set = JSON.parse(text) as IconSet;
  } catch (error) {
    return fail('it is no JSON', error);
  }
  if (typeof set?.icons !== 'object' || set.icons === null) return fail('it has no "icons"');
  return Object.entries(set.icons)
    .filter(([key, icon]) => isIconOfSet(key) && !icon?.hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, icon]) => {
      if (typeof icon?.body !== 'string') return fail(`its icon "${key}" has no body`);
      const [width, height] = [icon.width ?? set.width ?? 16, icon.height ?? set.height ?? 16];
      return {
        name: `The icon "${key}" of ${name}`,
        svg: `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${SIDE}" height="${SIDE}" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`,
      };
    });
}

/** Precision and recall on planted copies: pictures made of icons, changed as copies on the web are. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../random.ts';
import { findDuplicateImages } from '../../duplicates/index.ts';
import { type ImageSource, memorySource } from '../../source.ts';

const SIDE = 64;
const COUNT = 80;

interface IconSet {
  width?: number;
  height?: number;
  icons: Record<string, { body: string }>;
}

const {
  icons,
  width = 128,
  height = 128,
} = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('@iconify-json/noto/icons.json'), 'utf8'),
) as IconSet;
const bodies = Object.values(icons).map(({ body }) => body);

/** Three icons on a ground that goes from one colour to another. */
async function picture(random: Random): Promise<Buffer> {
  const color = () => `rgb(${random.integer(256)},${random.integer(256)},${random.integer(256)})`;
  const icon = () => {
    const size = 28 + random.integer(40);
    const place = () => random.integer(SIDE) - size / 2;
    return `<svg x="${place()}" y="${place()}" width="${size}" height="${size}" viewBox="0 0 ${width} ${height}">${bodies[random.integer(bodies.length)]}</svg>`;
  };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${SIDE}" height="${SIDE}"><defs><linearGradient id="ground" x2="${random.uniform()}" y2="1"><stop stop-color="${color()}"/><stop offset="1" stop-color="${color()}"/></linearGradient></defs><rect width="${SIDE}" height="${SIDE}" fill="url(#ground)"/>${icon()}${icon()}${icon()}</svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().png().toBuffer();
}

const CHANGES: Record<string, (image: Buffer, random: Random) => Promise<Buffer> | Buffer> = {
  none: (image) => image,
  mirrored: (image) => sharp(image).flop().png().toBuffer(),
  'JPEG, quality 40': (image) => sharp(image).jpeg({ quality: 40 }).toBuffer(),
  brighter: (image) => sharp(image).linear(1.25, 12).png().toBuffer(),
  'less contrast': (image) => sharp(image).linear(0.6, 40).png().toBuffer(),
  grey: (image) => sharp(image).grayscale().png().toBuffer(),
  'made small and large again': async (image) =>
    sharp(await sharp(image).resize(24, 24).png().toBuffer())
      .resize(SIDE, SIDE)
      .png()
      .toBuffer(),
  'cropped by a tenth': (image, random) =>
    sharp(image)
      .extract({ left: random.integer(7), top: random.integer(7), width: 58, height: 58 })
      .resize(SIDE, SIDE)
      .png()
      .toBuffer(),
  'middle, cropped by a fifth, JPEG': (image) =>
    sharp(image)
      .extract({ left: 6, top: 6, width: 52, height: 52 })
      .resize(SIDE, SIDE)
      .jpeg({ quality: 70 })
      .toBuffer(),
};

async function sourceOf(name: string, images: readonly Buffer[]): Promise<ImageSource> {
  const pixels = new Uint8Array(images.length * 3 * SIDE * SIDE);
  for (const [i, image] of images.entries()) {
    const data = await sharp(image).toColourspace('srgb').removeAlpha().raw().toBuffer();
    for (let c = 0; c < 3; c++)
      for (let j = 0; j < SIDE * SIDE; j++)
        pixels[(i * 3 + c) * SIDE * SIDE + j] =
          data[j * (data.length / (SIDE * SIDE)) + (data.length > SIDE * SIDE ? c : 0)]!;
  }
  return memorySource({ name, shape: [3, SIDE, SIDE], pixels, fingerprint: name });
}

let originals: Buffer[];
let strangers: Buffer[];
let test: ImageSource;
beforeAll(async () => {
  const random = Random.from(1, 'planted pictures');
  const make = async (count: number) => {
    const made: Buffer[] = [];
    for (let i = 0; i < count; i++) made.push(await picture(random));
    return made;
  };
  originals = await make(COUNT);
  strangers = await make(3 * COUNT);
  test = await sourceOf('test', originals);
}, 120_000);

/** The least share that is found of each kind of copies. */
const RECALL: Record<string, number> = {
  none: 1,
  mirrored: 1,
  'JPEG, quality 40': 1,
  brighter: 0.95,
  'less contrast': 1,
  grey: 0.95,
  'made small and large again': 1,
  'cropped by a tenth': 0.75,
  'middle, cropped by a fifth, JPEG': 0.9,
};

describe('planted pictures', { timeout: 120_000 }, () => {
  it.each(Object.keys(CHANGES))('%s', async (change) => {
    const random = Random.from(2, change);
    const copies = await Promise.all(originals.map((image) => CHANGES[change]!(image, random)));
    const { pairs } = await findDuplicateImages(await sourceOf('outliers', [...strangers, ...copies]), [
      test,
    ]);
    const right = pairs.filter(({ index, of }) => index - strangers.length === of).length;
    expect(right / COUNT).toBeGreaterThanOrEqual(RECALL[change]!);
    // Whatever else is found is a mistake.
    expect(pairs.length - right).toBeLessThanOrEqual(1);
    if (change === 'none') expect(pairs.every(({ sameness }) => sameness === 'exact')).toBe(true);
  });

  it('finds copies within a set, and keeps the first of each', async () => {
    const mirrored = await Promise.all(originals.map((image) => CHANGES.mirrored!(image, Random.from(3))));
    const set = await sourceOf('set', [...originals, ...mirrored, ...originals]);
    const { pairs } = await findDuplicateImages(set, [], { within: 'remove' });
    expect(pairs.map(({ index, of }) => [index, of])).toEqual(
      Array.from({ length: 2 * COUNT }, (_, i) => [COUNT + i, i % COUNT]),
    );
    expect((await findDuplicateImages(set, [])).pairs).toEqual([]);
  });
});

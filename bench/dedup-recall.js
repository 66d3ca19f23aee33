/**
 * Which changed copies of real pictures `findDuplicateImages` finds, by the distance of hashes, and what it takes for a
 * copy that is none. Prints a Markdown table. The files are arrays of pictures, uint8 [count, side, side, 3]; copies are
 * planted of 500 of each, and the second set, which is to share nothing with the first, is searched in it.
 *
 *     node bench/dedup-recall.js cifar10-test-images.npy tiny-imagenet-images.npy
 */
import sharp from 'sharp';
import { findDuplicateImages, IMAGE_DISTANCE } from '../dist/data/duplicates/index.js';
import { memorySource } from '../dist/data/index.js';
import { openImages } from '../dist/data/node/index.js';
import { Random } from '../dist/random.js';

const DISTANCES = [4, 7, 8, 10, 12, 14, 16];
const PLANTED = 500;

const sets = [];
for (const path of process.argv.slice(2, 4)) sets.push(await openImages(path));
if (sets.length < 2) throw new Error('Give two files of pictures.');
const side = sets[0].shape[1];
const shape = [3, side, side];
const raw = { raw: { width: side, height: side, channels: 3 } };
const random = Random.from(1, 'planted copies');

const pixels = (image) => image.toColourspace('srgb').removeAlpha().raw().toBuffer();
const cropped = (image, share, place) => {
  const part = Math.round(share * side);
  const [left, top] =
    place === 'middle'
      ? [(side - part) >> 1, (side - part) >> 1]
      : [0, 0].map(() => random.integer(side - part + 1));
  const cut = sharp(image, raw).extract({ left, top, width: part, height: part });
  return pixels(cut.resize(side, side, { fit: 'fill' }));
};
const jpeg = async (image, quality) => pixels(sharp(await sharp(image, raw).jpeg({ quality }).toBuffer()));
const flop = (image) => pixels(sharp(image, raw).flop());

const CHANGES = {
  mirrored: flop,
  'JPEG, quality 40': (image) => jpeg(image, 40),
  'JPEG, quality 10': (image) => jpeg(image, 10),
  'brighter (1.25, + 12)': (image) => pixels(sharp(image, raw).linear(1.25, 12)),
  'contrast × 0.6': (image) => pixels(sharp(image, raw).linear(0.6, 40)),
  'blurred (σ 1)': (image) => pixels(sharp(image, raw).blur(1)),
  'half the size and back': async (image) => {
    const half = { width: side / 2, height: side / 2, channels: 3 };
    const small = await pixels(sharp(image, raw).resize(side / 2, side / 2));
    return pixels(sharp(small, { raw: half }).resize(side, side));
  },
  'cut to 90 %, anywhere': (image) => cropped(image, 0.9),
  'cut to 90 %, mirrored': async (image) => flop(await cropped(image, 0.9)),
  'middle 80 %, JPEG 70': async (image) => jpeg(await cropped(image, 0.8, 'middle'), 70),
  'cut to 80 %, anywhere': (image) => cropped(image, 0.8),
};

const originals = [];
for (const set of sets) {
  const out = new Float32Array(3 * side * side);
  for (let i = 0; i < PLANTED; i++) {
    await set.read([Math.floor((i * set.length) / PLANTED)], out);
    originals.push(
      Buffer.from(
        Uint8Array.from({ length: out.length }, (_, j) =>
          Math.round(255 * out[(j % 3) * side * side + Math.floor(j / 3)]),
        ),
      ),
    );
  }
}
const source = (name, images) => {
  const channelsFirst = new Uint8Array(images.length * 3 * side * side);
  for (const [i, image] of images.entries())
    for (let j = 0; j < image.length; j++)
      channelsFirst[i * image.length + (j % 3) * side * side + Math.floor(j / 3)] = image[j];
  return memorySource({ name, shape, pixels: channelsFirst, fingerprint: name });
};
const against = source('originals', originals);
const percent = (share) => (100 * share).toFixed(1);
const print = (cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);

print([
  'found, %',
  ...DISTANCES.map((distance) => (distance === IMAGE_DISTANCE ? `**${distance} bits**` : `${distance} bits`)),
]);
print(['---', ...DISTANCES.map(() => '--:')]);
const mistaken = DISTANCES.map(() => 0);
for (const [name, change] of Object.entries(CHANGES)) {
  const copies = [];
  for (const image of originals) copies.push(await change(image));
  const cells = [];
  for (const [d, distance] of DISTANCES.entries()) {
    const { pairs } = await findDuplicateImages(source(name, copies), [against], { distance });
    const right = pairs.filter(({ index, of }) => index === of).length;
    mistaken[d] += pairs.length - right;
    cells.push(percent(right / originals.length));
  }
  print([name, ...cells]);
}
const copies = originals.length * Object.keys(CHANGES).length;
print([`taken for a copy of another, of ${copies.toLocaleString('en')}`, ...mistaken]);
const strangers = [];
for (const distance of DISTANCES)
  strangers.push((await findDuplicateImages(sets[1], [sets[0]], { distance })).pairs.length);
print([
  `of ${sets[1].length.toLocaleString('en')} pictures of another set taken for one of ${sets[0].length.toLocaleString('en')}`,
  ...strangers,
]);
for (const set of sets) await set.close?.();

/**
 * What the features of a model find that hashes miss, by the least cosine: cut copies of real pictures, and how many of
 * another set are taken for copies, though they are none. Prints a Markdown table. The files are arrays of pictures, uint8
 * [count, side, side, 3]; 2,000 of each are taken, evenly spaced, and both sets should share nothing.
 *
 *     node bench/dedup-embedding.js model.onnx cifar10-test-images.npy tiny-imagenet-images.npy
 */
import sharp from 'sharp';
import { readEmbedder } from '../dist/cli/dedup/embedder.js';
import { findDuplicateImages } from '../dist/data/duplicates/index.js';
import { memorySource, toShape } from '../dist/data/index.js';
import { openImages } from '../dist/data/node/index.js';
import { runtimeAlgebra } from '../dist/detectors/index.js';
import { embeddingNeighbours, openFeatures } from '../dist/evaluation/index.js';
import { Random } from '../dist/random.js';
import { nodeRuntime } from '../dist/runtime/index.js';

const COSINES = [0.9, 0.93, 0.95, 0.97, 0.98, 0.99];
const COUNT = 2000;

const [modelPath, ...paths] = process.argv.slice(2);
if (paths.length !== 2) throw new Error('Give a model and two files of pictures.');
const embedder = await readEmbedder(modelPath);
const random = Random.from(1, 'planted copies');

/** Pictures as bytes, channels last. */
async function pictures(path) {
  const set = await openImages(path);
  const [channels, height, width] = set.shape;
  const out = new Float32Array(channels * height * width);
  const list = [];
  for (let i = 0; i < COUNT; i++) {
    await set.read([Math.floor((i * set.length) / COUNT)], out);
    const at = (j) => out[(j % channels) * height * width + Math.floor(j / channels)];
    list.push(Buffer.from(Uint8Array.from({ length: out.length }, (_, j) => Math.round(255 * at(j)))));
  }
  await set.close?.();
  return { list, side: height };
}
const { list: originals, side } = await pictures(paths[0]);
const raw = { raw: { width: side, height: side, channels: 3 } };
const pixels = (image) => image.toColourspace('srgb').removeAlpha().raw().toBuffer();
const cut = (image, share) => {
  const part = Math.round(share * side);
  const [left, top] = [0, 0].map(() => random.integer(side - part + 1));
  return pixels(
    sharp(image, raw).extract({ left, top, width: part, height: part }).resize(side, side, { fit: 'fill' }),
  );
};
const flop = (image) => pixels(sharp(image, raw).flop());
const CHANGES = {
  'cut to 90 %, anywhere': (image) => cut(image, 0.9),
  'cut to 80 %, anywhere': (image) => cut(image, 0.8),
  'cut to 80 %, mirrored': async (image) => flop(await cut(image, 0.8)),
  'cut to 60 %, anywhere': (image) => cut(image, 0.6),
};

const source = (name, images) => {
  const channelsFirst = new Uint8Array(images.length * 3 * side * side);
  for (const [i, image] of images.entries())
    for (let j = 0; j < image.length; j++)
      channelsFirst[i * image.length + (j % 3) * side * side + Math.floor(j / 3)] = image[j];
  return memorySource({ name, shape: [3, side, side], pixels: channelsFirst, fingerprint: name });
};
const runtime = await nodeRuntime();
const reader = await openFeatures(embedder.model, { runtime });
const algebra = runtimeAlgebra(runtime);
const shape = embedder.sides.map((one, i) => (typeof one === 'number' ? one : [3, side, side][i]));
const embedded = (set) => ({
  indices: Uint32Array.from({ length: set.length }, (_, i) => i),
  read: (indices) => reader.read(toShape(set, shape, { resize: 'stretch' }), indices),
});
const against = source('originals', originals);
const nearest = async (set) =>
  (await embeddingNeighbours(embedded(set), [embedded(against)], { algebra, alike: COSINES[0] })).pairs;

const percent = (count) => ((100 * count) / COUNT).toFixed(1);
const print = (cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
print(['%', 'hashes', ...COSINES.map((cosine) => `cosine ${cosine}`)]);
print(['---', ...['hashes', ...COSINES].map(() => '--:')]);
const found = new Map();
for (const [name, change] of Object.entries(CHANGES)) {
  const copies = [];
  for (const image of originals) copies.push(await change(image));
  const set = source(name, copies);
  const hashed = (await findDuplicateImages(set, [against])).pairs.filter(({ index, of }) => index === of);
  const pairs = (await nearest(set)).filter(({ index, of }) => index === of);
  found.set(
    name,
    COSINES.map((cosine) => pairs.filter(({ similarity }) => similarity >= cosine).length),
  );
  print([`found: ${name}`, percent(hashed.length), ...found.get(name).map(percent)]);
  const either = COSINES.map((cosine) => {
    const close = pairs.filter(({ similarity }) => similarity >= cosine);
    return new Set([...hashed, ...close].map(({ index }) => index)).size;
  });
  print(['by hashes or the model', '', ...either.map(percent)]);
}
const strangers = source('strangers', (await pictures(paths[1])).list);
const hashed = (await findDuplicateImages(strangers, [against])).pairs.length;
const pairs = await nearest(strangers);
const mistaken = COSINES.map((cosine) => pairs.filter(({ similarity }) => similarity >= cosine).length);
print(['strangers taken for copies', percent(hashed), ...mistaken.map(percent)]);
const right = found.get('cut to 80 %, anywhere');
print([
  'precision, as many strangers as copies cut to 80 %',
  '',
  ...mistaken.map((wrong, i) => ((100 * right[i]) / Math.max(1, right[i] + wrong)).toFixed(1)),
]);
await runtime.dispose();

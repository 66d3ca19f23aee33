/** Which sets the study of advice is about: what is known, what it may be exposed to, and what it is tested by. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadFashionMnist, loadGlyphs, loadIcons, loadMnist } from '../../dist/data/node/index.js';
import { openImages } from '../../dist/data/node/open-images.js';
import {
  bernoulliNoise,
  blobs,
  gaussianNoise,
  invert,
  madeKinds,
  makeOutliers,
  memorySource,
  rademacherNoise,
  subset,
  toShape,
} from '../../dist/index.js';

/** Files of the folder that OE_BENCH_DATA names, and what kind of pictures each holds. */
const FILES = {
  notmnist: ['letters', 'notmnist28-images.npy'],
  omniglot: ['strokes', 'omniglot28-images.npy'],
  cifar10: ['photos', 'cifar10-test-images.npy'],
  cifar100: ['photos', 'cifar100-test-images.npy'],
  'tiny-imagenet': ['photos', 'tinyimagenet32-train30k-images.npy'],
  scenes: ['photos', 'scenes32-images.npy'],
  textures: ['photos', 'dtd32-images.npy'],
};
/** Photographs are all of a kind to digits; to objects they are not. */
const KINDS_IN_COLOUR = {
  cifar100: 'objects',
  'tiny-imagenet': 'objects',
  scenes: 'scenes',
  textures: 'textures',
};
const TRAINED_ON = 'cifar10-train-images.npy';
const TESTED_ON = 'cifar10-test-images.npy';

/** What made candidates have in common with test sets. */
const MADE_KIND = { 'made:inverted': 'negative' };

const WINDOW = 100;

/**
 * Every set of outliers is a candidate and a test set, and has a kind; no candidate is tested by its own kind.
 *
 * @param known `'mnist'`, `'fashion-mnist'` or `'cifar10'`
 * @param size how many examples of each there are at most: { train, tune, test, candidate, outliers }
 * @returns `inliers`, which the baseline is trained on, `heldOut`, if any, by which the advice judges, `tuned`, which whole tunings are, `test`, `candidates` and `tests`
 */
export async function loadSets(known, size, folder) {
  const [digits, clothes] = [await loadMnist(), await loadFashionMnist()];
  const own = known === 'mnist' ? digits : known === 'fashion-mnist' ? clothes : await photographs(folder);
  const inliers = atMost(own.train, size.train);
  const test = atMost(own.test, size.test);
  const { shape } = inliers;
  const noise = { count: 2000, shape, seed: 1 };
  const packaged = [
    { name: 'mnist', kind: 'digits', source: digits.train },
    { name: 'fashion-mnist', kind: 'clothes', source: clothes.train },
    { name: 'glyphs', kind: 'letters', source: await loadGlyphs() },
    { name: 'icons', kind: 'icons', source: await loadIcons() },
  ];
  const real = packaged
    .filter(({ name }) => name !== known)
    .map(({ source, ...rest }) => ({ ...rest, source: toShape(source, shape) }));
  for (const [name, [kind, file]] of Object.entries(FILES)) {
    const path = folder === undefined ? undefined : join(folder, file);
    if (name === known || path === undefined || !existsSync(path)) continue;
    const kindHere = shape[0] === 3 ? (KINDS_IN_COLOUR[name] ?? kind) : kind;
    real.push({ name, kind: kindHere, source: await openImages(path, { name, shape }) });
  }
  const made = [
    { name: 'gaussian', kind: 'noise', source: gaussianNoise(noise) },
    shape[0] === 3
      ? { name: 'rademacher', kind: 'noise', source: rademacherNoise(noise) }
      : { name: 'bernoulli', kind: 'noise', source: bernoulliNoise(noise) },
    { name: 'blobs', kind: 'blobs', source: blobs(noise) },
  ];
  const negative = { name: 'negative', kind: 'negative', source: invert(test) };
  const candidates = [
    ...[...real, ...made].map((each) => sized(each, size.candidate)),
    ...madeKinds('images').map((kind) => ({
      name: `made:${kind}`,
      kind: MADE_KIND[`made:${kind}`] ?? `made:${kind}`,
      source: makeOutliers(inliers, kind, { seed: 1 }),
    })),
  ];
  const tests = [...real, ...made, negative].map((each) => sized(each, size.outliers));
  return {
    inliers,
    tuned: atMost(own.train, size.tune),
    ...(size.heldOut === undefined ? {} : { heldOut: lastOf(own.test, size.heldOut) }),
    test,
    candidates: await Promise.all(candidates.map(inMemory)),
    tests: await Promise.all(tests.map(inMemory)),
  };
}

/** Whether the folder has CIFAR-10. */
export function hasPhotographs(folder) {
  return folder !== undefined && [TRAINED_ON, TESTED_ON].every((file) => existsSync(join(folder, file)));
}

async function photographs(folder) {
  const open = (file) =>
    openImages(join(folder, file), { labels: join(folder, file.replace('images', 'labels')) });
  return { train: await open(TRAINED_ON), test: await open(TESTED_ON) };
}

/** Read once: they are made or resized as they are read, which is no part of what is measured. */
async function inMemory({ name, source, ...rest }) {
  const { shape, length, fingerprint } = source;
  const size = shape.reduce((product, side) => product * side);
  const pixels = new Float32Array(length * size);
  for (let start = 0; start < length; start += WINDOW) {
    const indices = Array.from({ length: Math.min(WINDOW, length - start) }, (_, i) => start + i);
    await source.read(indices, pixels.subarray(start * size, (start + indices.length) * size));
  }
  return { ...rest, name, source: memorySource({ name, shape, pixels, fingerprint }) };
}

function sized({ source, ...rest }, most) {
  return { ...rest, source: source.length > most ? subset(source, most, { seed: 1 }) : source };
}

/** What `atMost` leaves out, when it is not more. */
function lastOf(source, count) {
  return subset(
    source,
    Uint32Array.from({ length: count }, (_, i) => source.length - count + i),
  );
}

function atMost(source, most) {
  return source.length > most ? subset(source, most) : source;
}

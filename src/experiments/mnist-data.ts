/** The sets of the MNIST experiment: what comes with the install, and what the user's folder adds. Node only. */
import {
  arithmeticMean,
  bernoulliNoise,
  blobs,
  gaussianNoise,
  geometricMean,
  type ImageSource,
  invert,
  jigsaw,
  mirroredDigits,
  pixelate,
  speckle,
  uniformNoise,
} from '../data/index.ts';
import { loadExtraTestSets, loadFashionMnist, loadGlyphs, loadIcons, loadMnist } from '../data/node/index.ts';
import { nearestName, OutlierExposureError } from '../errors.ts';
import { type OnProgress, stage } from './progress.ts';

export interface MnistData {
  train: ImageSource;
  test: ImageSource;
  outliers: ImageSource;
  testSets: ImageSource[];
  validationSets: ImageSource[];
}

export interface MnistDataOptions {
  /** Which set the model is exposed to; it is then no test set. */
  outliers: string;
  /** A folder with CIFAR-10, notMNIST or Omniglot files, which join as test sets. */
  folder?: string | undefined;
  /** How many images of noise each set holds. */
  noiseCount: number;
  /** Use only the first digits, for a quick run. */
  trainSize?: number | undefined;
  seed: number;
  onProgress?: OnProgress | undefined;
}

/** The sets that can serve as D_out^OE with nothing but the install. */
export const MNIST_OUTLIERS = ['fashion-mnist', 'glyphs', 'icons'] as const;

export async function loadMnistData(options: MnistDataOptions): Promise<MnistData> {
  const { outliers: chosen, folder, noiseCount, trainSize, seed, onProgress } = options;
  const known = [...MNIST_OUTLIERS, ...(folder === undefined ? [] : ['cifar10', 'notmnist', 'omniglot'])];
  if (!known.includes(chosen)) {
    const near = nearestName(chosen, known);
    throw new OutlierExposureError(
      'invalid-argument',
      `There is no outlier set "${chosen}"${near ? `; did you mean "${near}"?` : '.'} Known: ${known.join(', ')}.`,
    );
  }
  const digits = await stage(onProgress, 'Read MNIST', loadMnist);
  const fashion = await stage(onProgress, 'Read Fashion-MNIST', loadFashionMnist);
  const glyphs = await stage(onProgress, 'Draw glyphs', loadGlyphs);
  const icons = await stage(onProgress, 'Draw icons', loadIcons);
  const extra =
    folder === undefined ? [] : await stage(onProgress, `Read ${folder}`, () => loadExtraTestSets(folder));

  const real = [named(glyphs, 'glyphs'), named(icons, 'icons'), named(fashion.test, 'fashion-mnist')];
  for (const set of extra) if (!real.some(({ name }) => name === set.name)) real.push(set);
  const outliers =
    chosen === 'fashion-mnist' ? named(fashion.train, chosen) : real.find(({ name }) => name === chosen);
  if (!outliers) {
    throw new OutlierExposureError(
      'not-found',
      `The folder ${folder} holds no ${chosen} files to expose the model to.`,
    );
  }
  const noise = { count: noiseCount, shape: digits.test.shape, seed };
  return {
    train: trainSize === undefined ? digits.train : first(digits.train, trainSize),
    test: digits.test,
    outliers,
    testSets: [
      named(gaussianNoise(noise), 'gaussian'),
      named(bernoulliNoise(noise), 'bernoulli'),
      named(blobs(noise), 'blobs'),
      named(invert(digits.test), 'negative'),
      // What a model was exposed to is no test of what it was never shown.
      ...real.filter(({ name }) => name !== chosen),
    ],
    validationSets: [
      named(uniformNoise(noise), 'uniform'),
      named(arithmeticMean(digits.test, seed), 'arithmetic-mean'),
      named(geometricMean(digits.test, seed), 'geometric-mean'),
      named(jigsaw(digits.test), 'jigsaw'),
      named(speckle(digits.test, seed), 'speckle'),
      named(pixelate(digits.test), 'pixelate'),
      named(mirroredDigits(digits.test), 'mirrored'),
    ],
  };
}

function named(source: ImageSource, name: string): ImageSource {
  return { ...source, name };
}

function first(source: ImageSource, count: number): ImageSource {
  const { labels, ...rest } = source;
  return {
    ...rest,
    length: count,
    fingerprint: `first ${count} of ${source.fingerprint}`,
    ...(labels ? { labels: labels.slice(0, count) } : {}),
  };
}

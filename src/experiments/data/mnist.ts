/** The sets of the MNIST experiment: what comes with the install, and what the user's folder adds. Node only. */
import {
  arithmeticMean,
  bernoulliNoise,
  blobs,
  gaussianNoise,
  geometricMean,
  invert,
  jigsaw,
  mirroredDigits,
  pixelate,
  renamed,
  speckle,
  uniformNoise,
} from '../../data/index.ts';
import {
  loadExtraTestSets,
  loadFashionMnist,
  loadGlyphs,
  loadIcons,
  loadMnist,
} from '../../data/node/index.ts';
import { nearestName, OutlierExposureError } from '../../errors.ts';
import type { DataRequest, Inliers, OutlierRequest, OutlierSets } from '../declaration.ts';
import { stage } from '../progress.ts';
import { withoutExcluded } from './exclude.ts';
import { madeImages, withoutResembling } from './made.ts';
import { openPath } from './open-set.ts';

/** The sets that can serve as D_out^OE with nothing but the install. */
export const MNIST_OUTLIERS = ['fashion-mnist', 'glyphs', 'icons'] as const;

/** The digits that come with the install. */
export async function loadMnistInliers({ files, onProgress }: DataRequest): Promise<Inliers> {
  if (files.train || files.test) {
    throw new OutlierExposureError(
      'invalid-argument',
      'The digits of the MNIST experiment come with the install; --in and --test are for the other experiments, or use `oe train` for data of your own.',
    );
  }
  return stage(onProgress, 'Read MNIST', loadMnist);
}

export async function loadMnistOutliers(request: OutlierRequest): Promise<OutlierSets> {
  const {
    outliers: chosen = 'fashion-mnist',
    exclude,
    files,
    folder,
    noiseCount,
    seed,
    onProgress,
  } = request;
  const { test } = request.inliers;
  const own = /^([\w.-]+)=(.+)$/.exec(chosen);
  const known = [...MNIST_OUTLIERS, ...(folder === undefined ? [] : ['cifar10', 'notmnist', 'omniglot'])];
  const made = await madeImages(request);
  if (!own && !made && !known.includes(chosen)) {
    const near = nearestName(chosen, known);
    throw new OutlierExposureError(
      'invalid-argument',
      `There is no outlier set "${chosen}"${near ? `; did you mean "${near}"?` : '.'} Known: ${known.join(', ')}, or made:KIND.`,
    );
  }
  const fashion = await stage(onProgress, 'Read Fashion-MNIST', loadFashionMnist);
  const glyphs = await stage(onProgress, 'Draw glyphs', loadGlyphs);
  const icons = await stage(onProgress, 'Draw icons', loadIcons);
  const extra =
    folder === undefined ? [] : await stage(onProgress, `Read ${folder}`, () => loadExtraTestSets(folder));

  const real = [renamed(glyphs, 'glyphs'), renamed(icons, 'icons'), renamed(fashion.test, 'fashion-mnist')];
  for (const set of extra) if (!real.some(({ name }) => name === set.name)) real.push(set);
  const theirs = own
    ? await openPath(own[1]!, { path: own[2]! }, request)
    : chosen === 'fashion-mnist'
      ? renamed(fashion.train, chosen)
      : real.find(({ name }) => name === chosen);
  const whole = made ?? theirs;
  if (!whole) {
    throw new OutlierExposureError(
      'not-found',
      `The folder ${folder} holds no ${chosen} files to expose the model to.`,
    );
  }
  const wanted = request.exposure === 'wanted';
  const excluded =
    wanted && exclude !== undefined ? await withoutExcluded(whole, exclude, 'mnist') : undefined;
  const outliers = renamed(excluded?.kept ?? whole, whole.name);
  for (const [name, path] of Object.entries(files.ood ?? {}))
    real.push(await openPath(name, { path }, request));
  const noise = { count: noiseCount, shape: test.shape, seed };
  const sets: OutlierSets = {
    ...(wanted ? { train: outliers } : {}),
    testSets: [
      renamed(gaussianNoise(noise), 'gaussian'),
      renamed(bernoulliNoise(noise), 'bernoulli'),
      renamed(blobs(noise), 'blobs'),
      renamed(invert(test), 'negative'),
      // What a model was exposed to is no test of what it was never shown.
      ...real.filter(({ name }) => name !== outliers.name),
    ],
    validationSets: [
      renamed(uniformNoise(noise), 'uniform'),
      renamed(arithmeticMean(test, seed), 'arithmetic-mean'),
      renamed(geometricMean(test, seed), 'geometric-mean'),
      renamed(jigsaw(test), 'jigsaw'),
      renamed(speckle(test, seed), 'speckle'),
      renamed(pixelate(test), 'pixelate'),
      renamed(mirroredDigits(test), 'mirrored'),
    ],
    notes: excluded ? [excluded.note] : [],
  };
  return withoutResembling(sets, 'images');
}

/** The sets of the paper's vision experiments, from files. Node only. */
import { basename } from 'node:path';
import {
  bernoulliNoise,
  blobs,
  gaussianNoise,
  type ImageSource,
  type InputRange,
  rademacherNoise,
  renamed,
  validationOutliers,
} from '../../data/index.ts';
import { howToGet } from '../../data/node/catalogue/index.ts';
import { nearestName, OutlierExposureError } from '../../errors.ts';
import type { DataRequest, Inliers, OutlierRequest, OutlierSets } from '../declaration.ts';
import { withoutExcluded } from './exclude.ts';
import { KNOWN_SETS, knownSet } from './known-sets.ts';
import { madeImages, withoutResembling } from './made.ts';
import { missingSet, openKnown, openPath } from './open-set.ts';

/** Which sets an experiment has, by name. */
export interface VisionSets {
  inliers: string;
  /** D_out^OE: the paper's, then what may stand in for it; the first that is there is taken. */
  outliers: readonly string[];
  noise: readonly ('gaussian' | 'rademacher' | 'bernoulli' | 'blobs')[];
  noiseRange: InputRange;
  /** Of the blobs' blur. Default 1.5. */
  sigma?: number;
  /** The paper's D_out^test that lie in files. */
  tests: readonly string[];
  /** Sets that join when they are there. */
  alsoTests?: readonly string[];
  /** What D_out^val is made of. */
  validation: { from: string; content: 'digits' | 'pictures' };
}

export async function loadVisionInliers(name: string, request: DataRequest): Promise<Inliers> {
  const { files, training } = request;
  const test = files.test
    ? await openPath('test', files.test, request)
    : await openKnown(name, 'test', request);
  if (!test) throw missingSet(name, 'test', request);
  if (training === 'not wanted') return { test: renamed(test, `${name}-test`) };
  const train = files.train
    ? await openPath('train', files.train, request)
    : await openKnown(name, 'train', request);
  if (!train) throw missingSet(name, 'train', request);
  return { train: renamed(train, `${name}-train`), test: renamed(test, `${name}-test`) };
}

export async function loadVisionOutliers(sets: VisionSets, request: OutlierRequest): Promise<OutlierSets> {
  const { files, seed, inliers, noiseCount, normalization, shape } = request;
  const notes: string[] = [];
  const train = request.exposure === 'wanted' ? await openOutliers(sets, request, notes) : undefined;
  const noise = { count: noiseCount, shape, seed, range: sets.noiseRange, normalization };
  const testSets = sets.noise.map((kind) => renamed(NOISE[kind](noise, sets.sigma), kind));
  const missing: string[] = [];
  for (const name of [...sets.tests, ...(sets.alsoTests ?? [])]) {
    // What a model was exposed to is no test of what it was never shown.
    if (name === train?.name || files.ood?.[name] !== undefined) continue;
    const set = await openKnown(name, 'test', request);
    if (set) testSets.push(set);
    else if (sets.tests.includes(name)) missing.push(name);
    const standsInFor = set && knownSet(name)?.standsInFor;
    if (standsInFor) notes.push(`The test set ${name} is not the paper's; it stands in for ${standsInFor}.`);
  }
  if (missing.length > 0) {
    notes.push(
      `The means are not over all of the paper's test sets: ${missing.join(', ')} ${missing.length === 1 ? 'was' : 'were'} not there (\`oe data list\` says how to get them).`,
    );
  }
  for (const [name, path] of Object.entries(files.ood ?? {}))
    testSets.push(await openPath(name, { path }, request));
  const base = await validationBase(sets, request, testSets, notes);
  const validationSets = validationOutliers(base, seed, {
    content: sets.validation.content,
    range: sets.noiseRange,
    normalization,
  }).map((set) => renamed(set, set.name.toLowerCase().replaceAll(' ', '-')));
  if (inliers.train && !inliers.train.labels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The training set "${inliers.train.name}" has no labels: name their file (--in-labels), or lay it beside the images as X-labels.npy.`,
    );
  }
  return withoutResembling({ ...(train ? { train } : {}), testSets, validationSets, notes }, 'images');
}

const NOISE = {
  gaussian: gaussianNoise,
  rademacher: rademacherNoise,
  bernoulli: bernoulliNoise,
  blobs: (options: Parameters<typeof blobs>[0], sigma = 1.5) => blobs({ ...options, sigma }),
} as const;

async function openOutliers(
  sets: VisionSets,
  request: OutlierRequest,
  notes: string[],
): Promise<ImageSource> {
  const source = await chosenOutliers(sets, request, notes);
  if (request.exclude === undefined) {
    if (source.labels)
      notes.push(
        `The outliers shown (${source.name}) were taken whole; classes that they share with the others can be left out with --exclude.`,
      );
    return source;
  }
  const { kept, note } = await withoutExcluded(source, request.exclude, sets.inliers);
  notes.push(note);
  return kept;
}

async function chosenOutliers(
  { outliers: candidates }: VisionSets,
  request: OutlierRequest,
  notes: string[],
): Promise<ImageSource> {
  const { outliers: chosen } = request;
  const made = await madeImages(request);
  if (made) return made;
  const own = chosen === undefined ? undefined : /^([\w.-]+)=(.+)$/.exec(chosen);
  if (own) return openPath(own[1]!, { path: own[2]! }, request);
  if (chosen?.includes('/'))
    return openPath(basename(chosen).replace(/\.\w+$/, ''), { path: chosen }, request);
  for (const name of chosen === undefined ? candidates : [chosen]) {
    const set = (await openKnown(name, 'train', request)) ?? (await openKnown(name, 'test', request));
    if (!set) continue;
    if (set.name !== candidates[0])
      notes.push(`The outliers shown (${set.name}) are not the paper's, which were ${candidates[0]}.`);
    return set;
  }
  if (chosen !== undefined) {
    const known = KNOWN_SETS.map(({ name }) => name);
    const near = knownSet(chosen) ? undefined : nearestName(chosen, known);
    throw new OutlierExposureError(
      'not-found',
      `There are no files of the outliers "${chosen}"${near ? `; did you mean "${near}"?` : ''}: lay them into the folder of --data, or give their path as --outliers NAME=PATH.`,
    );
  }
  const get = candidates.flatMap((name) => knownSet(name)?.catalogue?.train ?? []).map(howToGet);
  throw new OutlierExposureError(
    'not-found',
    `There are no outliers to expose the model to (D_out^OE: ${candidates.join(', or ')}). ${get.join(' ')} Or give files of your own: --outliers NAME=PATH.`,
  );
}

/** The set that D_out^val is made of; where it is not there, the in-distribution test set. */
async function validationBase(
  { inliers: ours, validation }: VisionSets,
  request: OutlierRequest,
  testSets: readonly ImageSource[],
  notes: string[],
): Promise<ImageSource> {
  const { test } = request.inliers;
  if (validation.from === ours) return test;
  const other =
    testSets.find(({ name }) => name === validation.from) ??
    (await openKnown(validation.from, 'test', request));
  if (other) return other;
  notes.push(
    `D_out^val is made of the in-distribution test pictures, since ${validation.from}, which the paper makes it of, was not there.`,
  );
  return test;
}

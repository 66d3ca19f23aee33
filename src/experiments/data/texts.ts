/** The sets of the paper's experiments with texts, from files. Node only. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { renamed, type TextSource } from '../../data/index.ts';
import { dataFolder, howToGet } from '../../data/node/catalogue/index.ts';
import { type OpenTextOptions, openText } from '../../data/node/text/index.ts';
import { nearestName, OutlierExposureError } from '../../errors.ts';
import type { Inliers, OutlierSets, TextRequest } from '../declaration.ts';
import { stage } from '../progress.ts';
import type { Part } from './known-sets.ts';
import { type KnownText, knownText } from './known-texts.ts';
import { madeTexts } from './made.ts';

/** Which sets an experiment has, by name. */
export interface TextSets {
  inliers: string;
  /** D_out^OE: the paper's, then what may stand in for it; the first that is there is taken. */
  outliers: readonly string[];
  /** The paper's D_out^test. */
  tests: readonly string[];
}

interface Loaded {
  inliers: Inliers<TextSource>;
  outliers: OutlierSets<TextSource>;
}

/** Ends that the name of a file may have. */
const ENDINGS = ['', '.tsv', '.txt', '.csv', '.jsonl', '.conllu'].flatMap((end) => [end, `${end}.gz`]);

/**
 * @throws OutlierExposureError `not-found` for a folder or a set that is not there and is needed, with how to get it
 */
export async function loadTextSets(sets: TextSets, request: TextRequest): Promise<Loaded> {
  const { folder, files, training } = request;
  if (folder !== undefined && !existsSync(folder))
    throw new OutlierExposureError(
      'not-found',
      `The folder of data ${folder} cannot be read: it does not exist.`,
    );
  // Read in any case: a test set rarely has every class, so that the training set says how they are numbered.
  const train = await openInliers(sets.inliers, 'train', request);
  const test = await openInliers(sets.inliers, 'test', request, train.classNames);
  const notes: string[] = [];
  const shown =
    request.exposure === 'wanted'
      ? ((await madeTexts(request, train)) ?? (await openOutliers(sets, request, notes)))
      : undefined;
  const { testSets, missing } = await openTests(sets, request, shown?.name);
  for (const [name, path] of Object.entries(files.ood ?? {}))
    testSets.push(await openOwn(name, path, { labels: 'none' }, request));
  if (testSets.length === 0) {
    throw new OutlierExposureError(
      'not-found',
      `None of the test outliers (${sets.tests.join(', ')}) is there: name the folder of their files with --data, or give sets of your own with --ood NAME=PATH.`,
    );
  }
  if (missing.length > 0) {
    notes.push(
      `The means are not over all of the paper's test sets: ${missing.join(', ')} ${missing.length === 1 ? 'was' : 'were'} not there (\`oe data list\` says how to get them).`,
    );
  }
  return {
    inliers: { ...(training === 'wanted' && { train }), test },
    outliers: { ...(shown && { train: shown }), testSets, validationSets: [], notes },
  };
}

async function openTests({ tests }: TextSets, request: TextRequest, shown: string | undefined) {
  const testSets: TextSource[] = [];
  const missing: string[] = [];
  for (const name of tests) {
    // What a model was exposed to is no test of what it was never shown.
    if (name === shown || request.files.ood?.[name] !== undefined) continue;
    const set = await openKnown(name, 'test', request);
    if (set) testSets.push(set);
    else missing.push(name);
  }
  return { testSets, missing };
}

async function openInliers(
  name: string,
  part: Part,
  request: TextRequest,
  classes?: readonly string[],
): Promise<TextSource> {
  const own = request.files[part];
  const options = {
    ...(classes && { classes }),
    ...(own?.labels !== undefined && { labelsFrom: own.labels }),
  };
  const set = own
    ? await openOwn(`${name}-${part}`, own.path, options, request)
    : await openKnown(name, part, request, options);
  if (!set) throw missingText(name, part, request.folder);
  if (!set.labels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The texts "${set.name}" have no labels: give a file with a label, a tab and a text in each line, or a file of labels with --${part === 'train' ? 'in' : 'test'}-labels.`,
    );
  }
  return renamed(set, `${name}-${part}`);
}

async function openOutliers(
  { outliers: candidates }: TextSets,
  request: TextRequest,
  notes: string[],
): Promise<TextSource> {
  const { outliers: chosen } = request;
  const own = chosen === undefined ? undefined : /^([\w.-]+)=(.+)$/.exec(chosen);
  if (own) return openOwn(own[1]!, own[2]!, { labels: 'none' }, request);
  const names = chosen === undefined ? candidates : [chosen];
  for (const name of names) {
    const set = (await openKnown(name, 'train', request)) ?? (await openKnown(name, 'test', request));
    if (!set) continue;
    if (set.name !== candidates[0])
      notes.push(`The outliers shown (${set.name}) are not the paper's, which were ${candidates[0]}.`);
    else if (/valid|test/.test(set.read))
      notes.push(`The outliers shown are a smaller part of ${set.name} than the paper's (${set.read}).`);
    return set;
  }
  if (chosen !== undefined && existsSync(chosen))
    return openOwn(basename(chosen).replace(/\..*$/, ''), chosen, { labels: 'none' }, request);
  if (chosen === undefined) {
    throw new OutlierExposureError(
      'not-found',
      `There are no outliers to expose the model to (D_out^OE: ${candidates.join(', or ')}). ${howToGet(candidates[0]!)} Or give files of your own: --outliers FILE.`,
    );
  }
  const near = knownText(chosen) ? undefined : nearestName(chosen, candidates);
  throw new OutlierExposureError(
    'not-found',
    `There are no files of the outliers "${chosen}"${near ? `; did you mean "${near}"?` : ''}: lay them into the folder of --data, or give their path as --outliers FILE.`,
  );
}

/** A set by its name, and the file that it was read from; nothing when its files are nowhere. */
async function openKnown(
  name: string,
  part: Part,
  request: TextRequest,
  options: OpenTextOptions = {},
): Promise<(TextSource & { read: string }) | undefined> {
  const set = knownText(name);
  const found = set && locate(set, part, request.folder);
  if (!found) return undefined;
  const source = await openOwn(set.name, found.path, { ...found.options, ...options }, request);
  return { ...source, read: basename(found.path) };
}

/** In the folder first, then among what `oe data fetch` has fetched. */
function locate(
  { places, catalogue }: KnownText,
  part: Part,
  folder: string | undefined,
): { path: string; options: OpenTextOptions } | undefined {
  const fetched = catalogue && dataFolder(catalogue.name);
  for (const root of [folder, fetched]) {
    if (root === undefined) continue;
    for (const { paths, read = {} } of places[part] ?? []) {
      for (const path of paths) {
        const end = ENDINGS.find((ending) => existsSync(join(root, path + ending)));
        if (end !== undefined) return { path: join(root, path + end), options: read };
      }
    }
  }
  const read = catalogue?.[part];
  return fetched !== undefined && read ? { path: fetched, options: read } : undefined;
}

async function openOwn(
  name: string,
  path: string,
  options: OpenTextOptions,
  { maxTokens, signal, onProgress }: TextRequest,
): Promise<TextSource> {
  const all = {
    ...options,
    name,
    ...(maxTokens !== undefined && { maxTokens }),
    ...(signal && { signal }),
  };
  return stage(onProgress, `Read ${name}`, () => openText(path, all));
}

function missingText(name: string, part: Part, folder: string | undefined): OutlierExposureError {
  const role = part === 'train' ? 'what it is trained on' : 'what it is tested on';
  const where = folder === undefined ? '' : `${folder} does not hold it. `;
  return new OutlierExposureError(
    'not-found',
    `The experiment needs the texts of ${name}, ${role}. ${where}${howToGet(knownText(name)!.catalogue!.name)}`,
  );
}

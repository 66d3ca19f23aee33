/** A playground from a run's folder: the page, the models, examples of every set and the scores of all. Node only. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ExampleSet, isEncodedText } from '../../data/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import type { ExperimentResults, OnProgress } from '../../experiments/index.ts';
import { reloadData } from '../../experiments/reload.ts';
import { readFileBounded } from '../../files/atomic.ts';
import { Random } from '../../random.ts';
import { loadRun, type Run } from '../../report/index.ts';
import type { Playground, PlaygroundModel, PlaygroundSet } from '../playground.ts';
import { builtPage } from './built-page.ts';
import { type PageFiles, pageFile } from './files.ts';

export interface PlaygroundOptions {
  /** Examples of each set. Default 300. */
  examples?: number | undefined;
  /** Digits, and as many outliers twice, to fine-tune with on the page. Default 1000. */
  training?: number | undefined;
  /** The folder of the page, where it was built elsewhere than beside this package's code. */
  page?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

/** Models that a page can fine-tune while one waits: the digits' network has 89 kB. */
const LARGEST_TRAINED = 2 ** 20;
const LARGEST_MODEL = 2 ** 28;
/** Longer texts are cut where they are shown. */
const LONGEST_TEXT = 600;

/**
 * Makes a playground of a run of `oe reproduce`.
 *
 * @param folder the run's, with `results.json`, `models/` and `scores/`
 * @returns the files of a static page, for {@link writePage} or a server; a server should send the headers that isolate the page
 * @throws OutlierExposureError when it is no run's folder, its models or scores are missing, its data are no longer there, or
 * the page was not built
 */
export async function playgroundFiles(folder: string, options: PlaygroundOptions = {}): Promise<PageFiles> {
  const { examples = 300, training = 1000, signal, onProgress } = options;
  const page = await builtPage(options.page);
  const run = await loadRun(folder);
  const { results } = run;
  const models = await modelsOf(folder, run, page);
  const data = await reloadData(results, { signal, onProgress });
  try {
    const { inliers, outliers } = data;
    const seed = results.seeds[0]!;
    const sets: PlaygroundSet[] = [];
    const known = new Set(Object.keys(models[0]!.scores));
    const chosen: [ExampleSet, 'in' | 'out'][] = [
      [inliers.test, 'in'],
      ...outliers.testSets
        .filter(({ name }) => known.has(name))
        .map((set) => [set, 'out'] as [ExampleSet, 'out']),
    ];
    for (const [set, role] of chosen) {
      signal?.throwIfAborted();
      sets.push(
        await addSet(page, set, { role, name: role === 'in' ? 'in' : set.name, count: examples, seed }),
      );
    }
    const { test } = inliers;
    const playground: Playground = {
      format: 'outlier-exposure/playground',
      version: 1,
      title: results.title,
      subject: results.subject ?? { one: 'known example', many: 'known examples' },
      examples: isEncodedText(test) ? 'texts' : 'images',
      ...(isEncodedText(test) ? {} : { shape: [...test.shape] as [number, number, number] }),
      classes: classNames(results, test),
      models,
      sets,
    };
    const small = page.get(models[0]!.file)!.body.length <= LARGEST_TRAINED;
    if (small && !isEncodedText(test) && inliers.train && outliers.train) {
      const part = { seed, folder: 'training' };
      playground.training = {
        inliers: await addSet(page, inliers.train, { ...part, role: 'in', name: 'in', count: training }),
        outliers: await addSet(page, outliers.train, {
          ...part,
          role: 'out',
          name: 'out',
          count: 2 * training,
        }),
        learningRate: numberIn(results.config.learningRate, 0.01),
        lambda: numberIn(results.config.lambda, 0.5),
      };
    }
    page.set('playground.json', pageFile('playground.json', JSON.stringify(playground)));
    return page;
  } finally {
    await data.close();
  }
}

/** The baseline and the model that was exposed to outliers, with the scores of all test sets. */
async function modelsOf(folder: string, run: Run, page: PageFiles): Promise<PlaygroundModel[]> {
  const { results, scores } = run;
  const names = results.models.map(({ name }) => name);
  const exposed = names.includes('oe-tune') ? 'oe-tune' : names.at(-1)!;
  const part = results.seeds.length > 1 ? [`seed-${results.seeds[0]}`] : [];
  const models: PlaygroundModel[] = [];
  for (const name of new Set([names[0]!, exposed])) {
    const at = join(folder, 'models', ...part, `${name}.onnx`);
    const ofModel = scores.get(name)?.get('msp');
    if (!existsSync(at) || !ofModel) {
      throw new OutlierExposureError(
        'not-found',
        `${folder} lacks ${ofModel ? `the model ${at}` : `the scores of ${name} by msp`}, which the playground shows: run the experiment again.`,
      );
    }
    const file = `models/${name}.onnx`;
    page.set(file, pageFile(file, await readFileBounded(at, { what: 'model', maxBytes: LARGEST_MODEL })));
    const files: Record<string, string> = {};
    for (const [set, values] of ofModel) {
      files[set] = `scores/${name}/${set}.bin`;
      page.set(
        files[set],
        pageFile('.bin', new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
      );
    }
    const { testError } = results.perSeed[0]!.models.find((model) => model.name === name)!;
    models.push({ name, file, testError, scores: files });
  }
  return models;
}

async function addSet(
  page: PageFiles,
  set: ExampleSet,
  {
    name,
    role,
    count,
    seed,
    folder = 'sets',
  }: { name: string; role: 'in' | 'out'; count: number; seed: number; folder?: string },
): Promise<PlaygroundSet> {
  const drawn = Random.from(seed, 'playground', name)
    .permutation(set.length)
    .slice(0, Math.min(count, set.length));
  const texts = isEncodedText(set);
  const file = `${folder}/${name}.${texts ? 'json' : 'bin'}`;
  const body = texts
    ? JSON.stringify(Array.from(drawn, (index) => set.text(index).slice(0, LONGEST_TEXT)))
    : await bytesOf(set, drawn);
  page.set(file, pageFile(file, body));
  const { labels } = set;
  return {
    name,
    role,
    count: drawn.length,
    file,
    ...(labels && role === 'in' ? { labels: Array.from(drawn, (i) => labels[i]!) } : {}),
  };
}

async function bytesOf(
  set: Exclude<ExampleSet, { ids: Int32Array }>,
  indices: ArrayLike<number>,
): Promise<Uint8Array> {
  const values = new Float32Array(indices.length * set.shape[0] * set.shape[1] * set.shape[2]);
  await set.read(indices, values);
  // Noise may leave [0, 1]; a picture cannot.
  return Uint8Array.from(new Uint8ClampedArray(values.map((value) => 255 * value)));
}

function classNames(results: ExperimentResults, test: ExampleSet): string[] {
  const named = results.classes ?? test.classNames;
  if (named) return [...named];
  const highest = test.labels?.reduce((most, label) => Math.max(most, label), 0) ?? 0;
  return Array.from({ length: highest + 1 }, (_, i) => String(i));
}

function numberIn(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** A run's folder, read back: what a report is built from. Node only. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseNpy } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { ExperimentResults } from '../experiments/results.ts';
import { readFileBounded } from '../files/atomic.ts';
import { readAlbums, type ShownAlbum } from './album.ts';
import { parseResults } from './results-schema.ts';
import { isFileName, readSamples, type SampleSet } from './samples.ts';
import { readSheets, type Sheet } from './sheets.ts';
import { readTextSamples, readTextSheets, type ShownTexts, type TextSampleSet } from './text-samples.ts';

export interface Run {
  /** The folder's name. */
  name: string;
  results: ExperimentResults;
  /** The first seed's scores by model, score and set (`'in'` is in-distribution); what is not in the folder is left out. */
  scores: Map<string, Map<string, Map<string, Float32Array>>>;
  /** The first seed's extremes by model and set. */
  samples: Map<string, Map<string, SampleSet>>;
  /** The same where the sets hold texts. */
  textSamples: Map<string, Map<string, TextSampleSet>>;
  /** Some pictures of each set. */
  sheets: Sheet[];
  /** Some texts of each set. */
  textSheets: ShownTexts[];
  /** What the generators of the first seed's models made, where there were any. */
  albums: ShownAlbum[];
}

const MAX_RESULTS = 2 ** 26;
const MAX_SCORES = 2 ** 28;

/**
 * @param results what results.json holds, when it is not written yet
 * @throws OutlierExposureError when it is no run's folder, or damaged
 */
export async function loadRun(folder: string, results?: ExperimentResults): Promise<Run> {
  const read = results ?? (await readResults(folder));
  const part = read.seeds.length > 1 ? [`seed-${read.seeds[0]}`] : [];
  const scores: Run['scores'] = new Map();
  for (const { model, score, set } of read.perSeed[0]!.rows) {
    if (set === 'mean' || ![model, score, set].every(isFileName)) continue;
    const at = join(folder, 'scores', ...part, model, score);
    if (!existsSync(join(at, 'in.npy')) || !existsSync(join(at, `${set}.npy`))) continue;
    const ofModel = scores.get(model) ?? new Map<string, Map<string, Float32Array>>();
    const ofScore = ofModel.get(score) ?? new Map<string, Float32Array>();
    scores.set(model, ofModel.set(score, ofScore));
    if (!ofScore.has('in')) ofScore.set('in', await readScores(join(at, 'in.npy')));
    ofScore.set(set, await readScores(join(at, `${set}.npy`)));
  }
  const samples: Run['samples'] = new Map();
  const textSamples: Run['textSamples'] = new Map();
  for (const { name } of read.models) {
    if (!isFileName(name)) continue;
    samples.set(name, await readSamples(join(folder, 'samples', name)));
    textSamples.set(name, await readTextSamples(join(folder, 'samples', name)));
  }
  const sheets = await readSheets(join(folder, 'sheets'));
  const textSheets = await readTextSheets(join(folder, 'sheets'));
  const albums = await readAlbums(join(folder, 'album'));
  const name = basename(resolve(folder));
  return { name, results: read, scores, samples, textSamples, sheets, textSheets, albums };
}

async function readResults(folder: string): Promise<ExperimentResults> {
  const info = await stat(folder).catch(() => undefined);
  if (!info)
    throw new OutlierExposureError('not-found', `${folder} does not exist; give the folder of a run.`);
  const path = join(folder, 'results.json');
  if (!info.isDirectory()) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${folder} is a file; give the folder of a run, which holds results.json.`,
    );
  }
  if (!existsSync(path)) {
    throw new OutlierExposureError(
      'not-found',
      `${folder} is not the folder of a run: it holds no results.json.`,
    );
  }
  const bytes = await readFileBounded(path, { what: 'results file', maxBytes: MAX_RESULTS });
  return parseResults(new TextDecoder().decode(bytes), path);
}

async function readScores(path: string): Promise<Float32Array> {
  const { data, shape } = parseNpy(
    await readFileBounded(path, { what: 'score file', maxBytes: MAX_SCORES }),
    { name: path },
  );
  if (!(data instanceof Float32Array) || shape.length !== 1 || data.length === 0 || data.some(Number.isNaN)) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is damaged: a list of float32 scores was expected; run the experiment again.`,
    );
  }
  return data;
}

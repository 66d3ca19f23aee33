/** What exposure to each candidate is worth: whole tunings, measured on test sets, and kept on disk as they are made. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  convNet,
  cosineSchedule,
  crossEntropy,
  evaluate,
  readModel,
  sgd,
  train,
  trainWithOutlierExposure,
  writeModel,
} from '../../dist/index.js';

/** How the small network of digits and clothes is trained. */
const BATCH = { inliers: 50, outliers: 100 };
const RATE = 0.01;
export const SMALL = { batch: BATCH, learningRate: RATE };

/** A folder of files that hold what was computed, by what it was computed from; so a run that was broken off goes on. */
export function keeper(folder = process.env.OE_BENCH_CACHE ?? usualFolder()) {
  return async (key, compute) => {
    const path = join(folder, sha256(JSON.stringify(key)).slice(0, 24));
    try {
      return { value: await readFile(path), kept: true };
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    const value = await compute();
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.${process.pid}`, value);
    await rename(`${path}.${process.pid}`, path);
    return { value, kept: false };
  };
}

/** Another version may train otherwise. */
function usualFolder() {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return join(homedir(), '.cache', 'outlier-exposure', 'bench', version);
}

/** The classifier that is to be exposed. */
export async function baselineOf({ inliers }, { epochs }, { keep, runtime, signal }) {
  const steps = epochs * Math.floor(inliers.length / BATCH.inliers);
  const { value } = await keep(['baseline', inliers.fingerprint, epochs], async () => {
    const { model } = await train(convNet({ seed: 1 }), {
      inliers,
      objective: crossEntropy(),
      optimizer: sgd(),
      schedule: cosineSchedule({ peak: RATE, steps }),
      epochs,
      batch: { ...BATCH, outliers: 0 },
      seed: 1,
      runtime,
      signal,
    });
    return writeModel(model);
  });
  return readModel(new Uint8Array(value));
}

/**
 * Gains in AUROC by candidate, seed and test set. All candidates have their turn with one seed before the next.
 *
 * @param sets as loadSets gives them, of which `inliers` is tuned on
 * @param seeds how many whole tunings of each
 * @param how batch, learning rate and statistics of batch normalization
 * @returns by candidate, for each seed, by test set
 */
export async function wholeTunings(model, sets, { epochs, seeds, how }, { keep, runtime, signal, progress }) {
  const { inliers, test, tests, candidates } = sets;
  const before = await aurocsOf(model, sets, { runtime, signal });
  const testedBy = [test.fingerprint, ...tests.map(({ name, source }) => [name, source.fingerprint])];
  const weights = sha256(writeModel(model));
  const gains = Object.fromEntries(candidates.map(({ name }) => [name, []]));
  let [made, spent, done] = [0, 0, 0];
  const total = seeds * candidates.length;
  for (let seed = 11; seed < 11 + seeds; seed++) {
    for (const { name, source } of candidates) {
      const left = made > 0 ? `, ${Math.ceil(((spent / made) * (total - done)) / 60)} min left` : '';
      progress(`a whole tuning on ${name}, seed ${seed} (${done + 1} of ${total}${left})`);
      const began = performance.now();
      const key = ['tuning', weights, inliers.fingerprint, name, source.fingerprint, epochs, seed, testedBy];
      if (how !== SMALL) key.push(how);
      const { value, kept } = await keep(key, async () => {
        const tuned = await trainWithOutlierExposure({
          model,
          inliers,
          outliers: source,
          epochs,
          weightDecay: 0,
          ...how,
          outlierOrder: 'shuffled',
          seed,
          runtime,
          signal,
        });
        return JSON.stringify(await aurocsOf(tuned.model, sets, { runtime, signal }));
      });
      const { aurocs } = JSON.parse(value);
      gains[name].push(
        Object.fromEntries(tests.map((set) => [set.name, aurocs[set.name] - before.aurocs[set.name]])),
      );
      done++;
      if (kept) continue;
      made++;
      spent += (performance.now() - began) / 1000;
    }
  }
  return gains;
}

/** AUROC by test set. */
async function aurocsOf(model, { test, tests }, { runtime, signal }) {
  const outliers = Object.fromEntries(tests.map(({ name, source }) => [name, source]));
  const { sets, testError } = await evaluate(model, { inliers: test, outliers, runtime, signal });
  const aurocs = Object.fromEntries(Object.entries(sets).map(([name, { auroc }]) => [name, auroc]));
  return { testError, aurocs };
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

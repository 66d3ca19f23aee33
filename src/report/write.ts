/** Writes everything an experiment leaves behind. Node only. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy } from '../data/index.ts';
import type { ExperimentResults, TrainedModel } from '../experiments/index.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { writeModel } from '../onnx/index.ts';
import { csvReport } from './csv.ts';
import { markdownReport } from './markdown.ts';

/**
 * Under `folder`: results.json, results.csv, results.md; models/*.onnx; scores/MODEL/SCORE/SET.npy, where `in.npy` is
 * the in-distribution test set. With several seeds, models and scores lie in a folder for each seed.
 */
export async function writeExperiment(
  folder: string,
  results: ExperimentResults,
  models: readonly TrainedModel[],
): Promise<void> {
  for (const { seed, name, model, scores } of models) {
    const part = results.seeds.length > 1 ? [`seed-${seed}`] : [];
    const modelFolder = join(folder, 'models', ...part);
    await mkdir(modelFolder, { recursive: true });
    await writeFileAtomic(join(modelFolder, `${name}.onnx`), writeModel(model));
    for (const [score, sets] of Object.entries(scores)) {
      const scoreFolder = join(folder, 'scores', ...part, name, score);
      await mkdir(scoreFolder, { recursive: true });
      for (const [set, values] of Object.entries(sets)) {
        await writeFileAtomic(join(scoreFolder, `${set}.npy`), encodeNpy(values, [values.length]));
      }
    }
  }
  await writeFileAtomic(join(folder, 'results.csv'), csvReport(results));
  await writeFileAtomic(join(folder, 'results.md'), markdownReport(results));
  // Last: whoever sees results.json finds the rest complete.
  await writeFileAtomic(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
}

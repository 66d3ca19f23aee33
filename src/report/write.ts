/** Writes everything an experiment leaves behind. Node only. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy, tokenizerOf } from '../data/index.ts';
import type { ContactSheet, ExperimentResults, TextSheet, TrainedModel } from '../experiments/index.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { writeModel } from '../onnx/index.ts';
import { writeAlbums } from './album.ts';
import { csvReport } from './csv.ts';
import { markdownReport } from './markdown.ts';
import { writeReport } from './rebuild.ts';
import { writeSamples } from './samples.ts';
import { writeSheets } from './sheets.ts';
import { writeTextSamples, writeTextSheets } from './text-samples.ts';

/**
 * Under `folder`: report.html, results.json, results.csv, results.md; models/*.onnx; scores/MODEL/SCORE/SET.npy, where
 * `in.npy` is the in-distribution test set; samples/MODEL/SET.png, the pictures with the highest and the lowest scores
 * (texts: samples/MODEL/texts.json). With several seeds, models and scores lie in a folder for each seed, and the samples are the first seed's.
 * `sheets/` holds some pictures, or texts, of each set; `album/` what generators made, which lie beside the models as
 * MODEL-generator.onnx.
 */
export async function writeExperiment(
  folder: string,
  results: ExperimentResults,
  models: readonly TrainedModel[],
  sheets: readonly (ContactSheet | TextSheet)[] = [],
): Promise<void> {
  for (const { seed, name, model, scores, extremes, synthetic } of models) {
    const part = results.seeds.length > 1 ? [`seed-${seed}`] : [];
    const modelFolder = join(folder, 'models', ...part);
    await mkdir(modelFolder, { recursive: true });
    await writeFileAtomic(join(modelFolder, `${name}.onnx`), writeModel(model));
    if (synthetic)
      await writeFileAtomic(join(modelFolder, `${name}-generator.onnx`), writeModel(synthetic.generator));
    for (const [score, sets] of Object.entries(scores)) {
      const scoreFolder = join(folder, 'scores', ...part, name, score);
      await mkdir(scoreFolder, { recursive: true });
      for (const [set, values] of Object.entries(sets)) {
        await writeFileAtomic(join(scoreFolder, `${set}.npy`), encodeNpy(values, [values.length]));
      }
    }
    if (seed !== results.seeds[0]) continue;
    await writeSamples(join(folder, 'samples', name), extremes);
    const tokenizer = tokenizerOf(model);
    if (tokenizer) await writeTextSamples(join(folder, 'samples', name), extremes, tokenizer);
  }
  await writeSheets(
    join(folder, 'sheets'),
    sheets.filter((sheet) => 'pixels' in sheet),
  );
  await writeTextSheets(
    join(folder, 'sheets'),
    sheets.filter((sheet) => 'texts' in sheet),
  );
  await writeAlbums(
    join(folder, 'album'),
    models.filter(({ seed }) => seed === results.seeds[0]),
  );
  await writeReport(folder, results);
  await writeFileAtomic(join(folder, 'results.csv'), csvReport(results));
  await writeFileAtomic(join(folder, 'results.md'), markdownReport(results));
  // Last: whoever sees results.json finds the rest complete.
  await writeFileAtomic(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
}

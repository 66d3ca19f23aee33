/** Pages from the folders of runs. Node only. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OutlierExposureError } from '../errors.ts';
import type { ExperimentResults } from '../experiments/results.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { drawAblation } from './ablation.ts';
import { readAblation } from './read-ablation.ts';
import { loadRun } from './run.ts';

/**
 * Writes the report of a run or an ablation, from its folder alone.
 *
 * @param results what results.json holds, when it is not written yet
 * @param path where it goes; default: `report.html` in the folder
 * @returns where it is
 */
export async function writeReport(
  folder: string,
  results?: ExperimentResults,
  path = join(folder, 'report.html'),
): Promise<string> {
  const ablation = results ? undefined : await readAblation(folder);
  if (ablation) return writePage(path, await drawAblation(ablation));
  const run = await loadRun(folder, results);
  // The plots' library takes a while to load; most commands never draw.
  const { htmlReport } = await import('./html/report.ts');
  return writePage(path, htmlReport(run));
}

/** Writes a page that compares runs. @returns where it is */
export async function writeComparison(folders: readonly string[], path: string): Promise<string> {
  for (const folder of folders) {
    if (!(await readAblation(folder))) continue;
    throw new OutlierExposureError(
      'unsupported',
      `${folder} holds an ablation, whose page compares its levels already: make it again by itself (oe report ${folder}).`,
    );
  }
  const runs = await Promise.all(folders.map((folder) => loadRun(folder)));
  const { htmlComparison } = await import('./html/comparison.ts');
  return writePage(path, htmlComparison(runs));
}

async function writePage(path: string, page: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true }).catch(() => {
    // The write tells what is wrong, in a sentence.
  });
  await writeFileAtomic(path, page);
  return path;
}

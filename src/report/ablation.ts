/** Writes everything an ablation leaves behind. Node only. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AblationResults } from '../experiments/index.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { ablationCsv } from './ablation-csv.ts';

/** Under `folder`: report.html, results.json and results.csv. */
export async function writeAblation(folder: string, results: AblationResults): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(folder, 'report.html'), await drawAblation(results));
  await writeFileAtomic(join(folder, 'results.csv'), ablationCsv(results));
  // Last: whoever sees results.json finds the rest complete.
  await writeFileAtomic(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
}

/** The page, as text. */
export async function drawAblation(results: AblationResults): Promise<string> {
  // The plots' library takes a while to load; most commands never draw.
  const { ablationPage } = await import('./html/ablation.ts');
  return ablationPage(results);
}

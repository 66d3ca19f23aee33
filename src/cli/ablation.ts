/** `oe reproduce ablation-…`: varies one factor of Outlier Exposure. */
import { join } from 'node:path';
import { OutlierExposureError } from '../errors.ts';
import {
  ABLATION_EXPERIMENTS,
  ABLATIONS,
  type AblationName,
  type AblationResults,
  ablationNamed,
  type ReproduceAblationOptions,
  reproduceAblation,
} from '../experiments/index.ts';
import { METRIC_DEFINITIONS } from '../metrics/index.ts';
import { ablationTable, writeAblation } from '../report/index.ts';
import { runInFolder } from './run-in-folder.ts';
import { terminalTable } from './terminal-table.ts';

const PREFIX = 'ablation-';

/** What they are called on the command line. */
export const ABLATION_ARGUMENTS = ABLATIONS.map((name) => `${PREFIX}${name}`);

/** What the help says of them. */
export const ABLATION_HELP = `Ablations, one factor varied, of an experiment with images (--of ${ABLATION_EXPERIMENTS.join(', ')}):\n${ABLATIONS.map(
  (name) => `  ${PREFIX}${name.padEnd(14)} ${ablationNamed(name).question}`,
).join('\n')}`;

/** The name behind `ablation-`; nothing for anything else. */
export function ablationAsked(argument: string): AblationName | undefined {
  if (!argument.startsWith(PREFIX)) return undefined;
  return ablationNamed(argument.slice(PREFIX.length)).name as AblationName;
}

/** What `oe reproduce` hands on. */
export interface AblationCommandOptions
  extends Omit<ReproduceAblationOptions, 'checkpoints' | 'signal' | 'onProgress'> {
  out?: string;
  resume?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  json?: boolean;
  /** Options of `oe reproduce` that no ablation has. */
  scratch?: unknown;
  models?: unknown;
  detectors?: unknown;
  strict?: unknown;
}

/** @throws OutlierExposureError `invalid-argument` for an option that no ablation has */
export async function runAblationCommand(name: AblationName, options: AblationCommandOptions): Promise<void> {
  const { scratch, models, detectors, strict, ...given } = options;
  for (const [flag, value] of Object.entries({ scratch, models, detectors, strict })) {
    if (value === undefined) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `An ablation has no --${flag}: its levels say what is trained and measured (--levels); leave it out.`,
    );
  }
  const { out, resume, quiet, verbose, json, threads, ...rest } = given;
  const folder = out ?? join('runs', `${PREFIX}${name}`);
  const results = await runInFolder(
    folder,
    { threads, resume, quiet, verbose },
    (run) => reproduceAblation(name, { ...rest, ...run }),
    (made) => writeAblation(folder, made),
  );
  process.stdout.write(json ? `${JSON.stringify(results)}\n` : said(results, folder));
}

function said(results: AblationResults, folder: string): string {
  const { fpr, auroc, aupr } = METRIC_DEFINITIONS;
  const { total, training } = results.durations;
  return [
    `\n${results.question}\n${terminalTable(ablationTable(results), process.stdout.columns)}\n`,
    ...[results.paper, ...results.notes].map((note) => `\n${note}\n`),
    `\nPercentages.\n  ${[fpr, auroc, aupr].join('\n  ')}\n`,
    `\nTook ${total!.toFixed(0)} s, ${training!.toFixed(0)} s of it training.\n`,
    `Written to ${folder}: report.html (open it in a browser), results.json, results.csv\n`,
  ].join('');
}

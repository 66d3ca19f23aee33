/** `oe reproduce ablation-…`: varies one factor of Outlier Exposure. */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { OutlierExposureError } from '../errors.ts';
import {
  ABLATION_EXPERIMENTS,
  ABLATIONS,
  type AblationName,
  ablationNamed,
  checkpointFolder,
  type ReproduceAblationOptions,
  reproduceAblation,
} from '../experiments/index.ts';
import { ensureWritableFolder } from '../files/atomic.ts';
import { METRIC_DEFINITIONS } from '../metrics/index.ts';
import { ablationTable, writeAblation } from '../report/index.ts';
import { interruptible, tellOfDiscarded } from './interruption.ts';
import { progressDisplay } from './progress.ts';
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
  const { out, resume, quiet, verbose, json, threads = availableParallelism(), ...rest } = given;
  const folder = out ?? join('runs', `${PREFIX}${name}`);
  // Find out now, not after the training.
  await ensureWritableFolder(folder);
  const display = progressDisplay(process.stderr, quiet ? 'quiet' : verbose ? 'verbose' : 'normal');
  const checkpoints = join(folder, 'checkpoints');
  try {
    const results = await interruptible(
      (signal) =>
        reproduceAblation(name, {
          ...rest,
          threads,
          checkpoints: checkpointFolder(
            checkpoints,
            resume ? 'resume' : 'anew',
            { threads },
            { onDiscard: tellOfDiscarded },
          ),
          signal,
          onProgress: display.show,
        }),
      () =>
        `Interrupted. What was done is kept in ${checkpoints}; the same command with --resume goes on from there.`,
    );
    await writeAblation(folder, results);
    // What they were kept for is done.
    await rm(checkpoints, { recursive: true, force: true });
    display.end();
    if (json) {
      process.stdout.write(`${JSON.stringify(results)}\n`);
      return;
    }
    process.stdout.write(
      `\n${results.question}\n${terminalTable(ablationTable(results), process.stdout.columns)}\n`,
    );
    for (const note of [results.paper, ...results.notes]) process.stdout.write(`\n${note}\n`);
    const { fpr, auroc, aupr } = METRIC_DEFINITIONS;
    process.stdout.write(`\nPercentages.\n  ${[fpr, auroc, aupr].join('\n  ')}\n`);
    const { total, training } = results.durations;
    process.stdout.write(`\nTook ${total!.toFixed(0)} s, ${training!.toFixed(0)} s of it training.\n`);
    process.stdout.write(
      `Written to ${folder}: report.html (open it in a browser), results.json, results.csv\n`,
    );
  } finally {
    display.end();
  }
}

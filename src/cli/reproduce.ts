/** `oe reproduce`: runs one of the paper's experiments. */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import {
  checkExperiment,
  checkpointFolder,
  EXPERIMENTS,
  type ExperimentResults,
  MNIST_OUTLIERS,
  reproduce,
} from '../experiments/index.ts';
import { ensureWritableFolder } from '../files/atomic.ts';
import { METRIC_DEFINITIONS } from '../metrics/index.ts';
import { detectionTable, errorTable, scoresOf, writeExperiment } from '../report/index.ts';
import { progressDisplay } from './progress.ts';
import { terminalTable } from './terminal-table.ts';

interface ReproduceOptions {
  out?: string;
  data?: string;
  outliers: string;
  seed: number;
  seeds: number;
  draws: number;
  threads?: number;
  quick?: boolean;
  scratch?: boolean;
  resume?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  json?: boolean;
}

export function reproduceCommand(): Command {
  return (
    new Command('reproduce')
      .description("Run one of the paper's experiments: train, expose to outliers, compare.")
      // Choices for the help and for completion; checkExperiment says which one was probably meant.
      .addArgument(new Argument('<experiment>', 'which one').choices(EXPERIMENTS).argParser((name) => name))
      .option('--quick', '10,000 digits and fewer epochs: see it work in about half a minute')
      .option('--scratch', 'also train from scratch with Outlier Exposure')
      .option(
        '--outliers <name>',
        `what the model is exposed to: ${MNIST_OUTLIERS.join(', ')}, or a set of --data`,
        'fashion-mnist',
      )
      .option(
        '--data <folder>',
        'a folder with CIFAR-10, notMNIST or Omniglot files, which join as test sets',
      )
      .option('--seed <number>', 'the first seed', wholeNumber(0), 1)
      .option(
        '--seeds <count>',
        'train this many models and show mean ± standard deviation over them',
        wholeNumber(1),
        1,
      )
      .option(
        '--draws <count>',
        'draw the outliers this often for each model (the paper: 10)',
        wholeNumber(1),
        1,
      )
      .addOption(
        new Option('--threads <count>', 'processor threads (default: all)').argParser(wholeNumber(1)),
      )
      .option('--out <folder>', 'where results, models and scores go (default: runs/EXPERIMENT)')
      .option('--resume', 'go on with a run that was interrupted, from its last checkpoint')
      .addOption(new Option('--quiet', 'show no progress').conflicts('verbose'))
      .option('--verbose', 'keep a line for every epoch, and say where data came from')
      .option('--json', 'print the results as JSON on standard output, and nothing else')
      .addHelpText(
        'after',
        '\nExamples:\n  $ oe reproduce mnist --quick\n  $ oe reproduce mnist --seeds 3 --scratch --out runs/three-seeds\n  $ oe reproduce mnist --seeds 3 --scratch --out runs/three-seeds --resume',
      )
      .action(run)
  );
}

async function run(experiment: string, options: ReproduceOptions): Promise<void> {
  checkExperiment(experiment);
  const folder = options.out ?? join('runs', experiment);
  // Find out now, not after the training.
  await ensureWritableFolder(folder);
  const display = progressDisplay(
    process.stderr,
    options.quiet ? 'quiet' : options.verbose ? 'verbose' : 'normal',
  );
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  const threads = options.threads ?? availableParallelism();
  const checkpoints = join(folder, 'checkpoints');
  try {
    const { results, models } = await reproduce(experiment, {
      seed: options.seed,
      seeds: options.seeds,
      draws: options.draws,
      size: options.quick ? 'quick' : 'full',
      scratch: options.scratch ? 'with' : 'without',
      outliers: options.outliers,
      folder: options.data,
      threads,
      checkpoints: checkpointFolder(checkpoints, options.resume ? 'resume' : 'anew', { threads }),
      signal: interruption.signal,
      onProgress: display.show,
    });
    await writeExperiment(folder, results, models);
    // What they were kept for is done.
    await rm(checkpoints, { recursive: true, force: true });
    display.end();
    if (options.json) {
      process.stdout.write(`${JSON.stringify(results)}\n`);
      return;
    }
    const tables = [errorTable(results), ...scoresOf(results).map((score) => detectionTable(results, score))];
    for (const table of tables) process.stdout.write(`\n${terminalTable(table, process.stdout.columns)}\n`);
    if (options.verbose) for (const line of dataLines(results)) process.stdout.write(`${line}\n`);
    const { fpr, auroc, aupr } = METRIC_DEFINITIONS;
    process.stdout.write(`\nPercentages.\n  ${[fpr, auroc, aupr].join('\n  ')}\n\n${costs(results)}\n`);
    process.stdout.write(
      `Written to ${folder}: report.html (open it in a browser), results.json, results.csv, results.md, models/, scores/\n`,
    );
  } catch (error) {
    display.end();
    if (interruption.signal.aborted && (error as Error).name === 'AbortError') throw new Interrupted(folder);
    throw error;
  } finally {
    display.end();
    process.off('SIGINT', interrupt);
  }
}

/** The run was broken off by the user; what it had done is kept. */
export class Interrupted extends Error {
  constructor(folder: string) {
    super(
      `Interrupted. What was done is kept in ${join(folder, 'checkpoints')}; the same command with --resume goes on from there.`,
    );
  }
}

function dataLines({ data }: ExperimentResults): string[] {
  return [
    '',
    'Data:',
    ...data.map(
      ({ name, role, count, fingerprint }) =>
        `  ${role}: ${name}, ${count} images (${fingerprint.slice(0, 48)})`,
    ),
  ];
}

/** What the run took, in one line. */
function costs({ durations, training, peakMemoryBytes }: ExperimentResults): string {
  const waited = training.reduce((sum, { seconds, stallShare }) => sum + seconds * stallShare, 0);
  const share = (100 * waited) / durations.training!;
  return (
    `Took ${durations.total!.toFixed(0)} s, ${durations.training!.toFixed(0)} s of it training, which waited for data ` +
    `${share.toFixed(1)} % of the time; at most ${(peakMemoryBytes / 1e6).toFixed(0)} MB of memory.`
  );
}

function wholeNumber(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || text.trim() === '') {
      throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
    }
    return value;
  };
}

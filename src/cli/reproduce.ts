/** `oe reproduce`: runs one of the paper's experiments. */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { OutlierExposureError } from '../errors.ts';
import {
  checkExperiment,
  checkpointFolder,
  declarationOf,
  EXPERIMENTS,
  type ExperimentResults,
  MNIST_OUTLIERS,
  MODELS,
  type ModelName,
  type OwnFiles,
  PACKAGED_OUTLIERS,
  reproduce,
} from '../experiments/index.ts';
import { ensureWritableFolder } from '../files/atomic.ts';
import { METRIC_DEFINITIONS } from '../metrics/index.ts';
import { ARCHITECTURE_NAMES, type Normalization } from '../nn/index.ts';
import { detectionTable, errorTable, scoresOf, writeExperiment } from '../report/index.ts';
import { ABLATION_ARGUMENTS, ABLATION_HELP, ablationAsked, runAblationCommand } from './ablation.ts';
import { interruptible, tellOfDiscarded } from './interruption.ts';
import { namedPath, wholeNumber } from './parse.ts';
import { progressDisplay } from './progress.ts';
import { terminalTable } from './terminal-table.ts';

interface ReproduceOptions {
  out?: string;
  model?: string;
  from?: string;
  mean?: number[];
  std?: number[];
  models?: ModelName[];
  detectors?: string[];
  trainSize?: number;
  epochs?: number;
  tuneEpochs?: number;
  batch?: { inliers: number; outliers: number };
  data?: string;
  in?: string;
  inLabels?: string;
  test?: string;
  testLabels?: string;
  outliers?: string;
  exclude?: string;
  strict?: boolean;
  ood?: Record<string, string>;
  seed: number;
  seeds: number;
  draws: number;
  threads?: number;
  quick?: boolean;
  scratch?: boolean;
  of?: string;
  levels?: string[];
  resume?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  json?: boolean;
}

export function reproduceCommand(): Command {
  const list = EXPERIMENTS.map((name) => `  ${name.padEnd(14)} ${declarationOf(name).description}`);
  return (
    new Command('reproduce')
      .description("Run one of the paper's experiments: train, expose to outliers, compare.")
      // Choices for the help and for completion; checkExperiment says which one was probably meant.
      .addArgument(
        new Argument('<experiment>', 'which one')
          .choices([...EXPERIMENTS, ...ABLATION_ARGUMENTS])
          .argParser((name) => name),
      )
      .option('--quick', 'less data, fewer epochs and a smaller network: see it work')
      .option('--scratch', 'also train from scratch with Outlier Exposure')
      .option(
        '--models <list>',
        `which models: ${MODELS.join(',')} (default: the first two; confidence-branch and synthetic-outliers have three of their own; cifar10 and cifar100 have all)`,
        modelList,
      )
      .option('--detectors <name...>', 'measure these too: all, or names as oe eval takes them')
      .option(
        '--model <name>',
        `the network (default: the paper's): ${ARCHITECTURE_NAMES.join(', ')}; of texts gru`,
      )
      .option(
        '--from <file>',
        'take the baseline from a checkpoint or an .onnx file instead of training it; of cifar10 and cifar100, branch and gan then go on from it too, instead of training from the beginning',
      )
      .option('--mean <r,g,b>', 'what the network subtracts from pixels in [0, 1] first', numbers)
      .option('--std <r,g,b>', 'what it then divides them by', numbers)
      .option('--train-size <count>', 'train on so many examples only', wholeNumber(1))
      .option(
        '--epochs <count>',
        'of the baseline, of training from scratch, of branch and gan',
        wholeNumber(1),
      )
      .option('--tune-epochs <count>', 'of fine-tuning with Outlier Exposure', wholeNumber(1))
      .option('--batch <in,out>', 'how many examples and outliers a step takes', batchSizes)
      .option(
        '--data <folder>',
        'a folder with files of the data sets (also looked for: what `oe data fetch` has fetched)',
      )
      .option(
        '--in <file>',
        'your own training set in place of the paper’s: any file or folder of images, or of texts',
      )
      .option(
        '--in-labels <file>',
        'its labels (default: X-labels.npy beside X-images.npy, or class folders)',
      )
      .option('--test <file>', 'your own test set')
      .option('--test-labels <file>', 'its labels')
      .option(
        '--outliers <name>',
        `what the model is exposed to: a data set's name, or NAME=PATH (mnist: ${MNIST_OUTLIERS.join(', ')}, or a set of --data; text: ${PACKAGED_OUTLIERS.join(', ')}; other texts: ${declarationOfTexts().join(', ')}, or a file; all: made:KIND, made of the training set, as made:jigsaw or made:words=FILE)`,
      )
      .option(
        '--exclude <file>',
        'what to leave out of the outliers: a JSON list of classes, or what `oe data dedup` wrote',
      )
      .option('--strict', 'refuse outliers that hold examples of a test set, in place of a note')
      .option('--ood <name=path>', 'a further set of test outliers; may be given several times', oodSet)
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
      .option('--of <experiment>', 'of an ablation: the experiment that it varies (default: mnist)')
      .option('--levels <list>', 'of an ablation: the levels to compare, as in 100,1000,all', (text) =>
        text.split(',').map((level) => level.trim()),
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
        `\nExperiments:\n${list.join('\n')}\n\n${ABLATION_HELP}\n\nExamples:\n  $ oe reproduce mnist --quick\n  $ oe reproduce mnist --seeds 3 --scratch --out runs/three-seeds --resume\n  $ oe reproduce cifar10 --data FOLDER --model resnet-20 --from resnet20.safetensors --tune-epochs 1\n  $ oe reproduce cifar10 --data FOLDER --model resnet-20 --from resnet20.safetensors --models baseline,branch,branch-oe --epochs 3 --tune-epochs 2\n  $ oe reproduce cifar10 --model wrn-16-2 --epochs 30 --exclude not-disjoint.json --ood mine=photos/\n  $ oe reproduce trec --data FOLDER --outliers wikitext103\n  $ oe reproduce ablation-size --quick\n  $ oe reproduce ablation-lambda --of cifar10 --data FOLDER --levels 0,0.5,2 --seeds 3`,
      )
      .action(run)
  );
}

async function run(experiment: string, options: ReproduceOptions): Promise<void> {
  const normalization = normalizationFrom(options);
  const ablation = ablationAsked(experiment);
  if (ablation) {
    const { of, quick, model: network, data: folder, ...rest } = options;
    await runAblationCommand(ablation, {
      ...rest,
      experiment: of,
      size: quick ? 'quick' : 'full',
      network,
      normalization,
      folder,
      files: filesFrom(options),
    });
    return;
  }
  checkExperiment(experiment);
  if (options.of ?? options.levels)
    throw new OutlierExposureError(
      'invalid-argument',
      `--of and --levels belong to ablations, and ${experiment} is none: leave them out, or run one of ${ABLATION_ARGUMENTS.join(', ')}.`,
    );
  const folder = options.out ?? join('runs', experiment);
  // Find out now, not after the training.
  await ensureWritableFolder(folder);
  const display = progressDisplay(
    process.stderr,
    options.quiet ? 'quiet' : options.verbose ? 'verbose' : 'normal',
  );
  const threads = options.threads ?? availableParallelism();
  const checkpoints = join(folder, 'checkpoints');
  try {
    const { results, models, sheets } = await interruptible(
      (signal) =>
        reproduce(experiment, {
          seed: options.seed,
          seeds: options.seeds,
          draws: options.draws,
          size: options.quick ? 'quick' : 'full',
          scratch: options.scratch ? 'with' : 'without',
          models: options.models,
          detectors: options.detectors,
          network: options.model,
          from: options.from,
          normalization,
          trainSize: options.trainSize,
          epochs: options.epochs,
          tuneEpochs: options.tuneEpochs,
          batch: options.batch,
          outliers: options.outliers,
          exclude: options.exclude,
          ...(options.strict ? { overlap: 'refuse' as const } : {}),
          folder: options.data,
          files: filesFrom(options),
          threads,
          checkpoints: checkpointFolder(
            checkpoints,
            options.resume ? 'resume' : 'anew',
            { threads },
            { onDiscard: tellOfDiscarded },
          ),
          signal,
          onProgress: display.show,
        }),
      () =>
        `Interrupted. What was done is kept in ${checkpoints}; the same command with --resume goes on from there.`,
    );
    await writeExperiment(folder, results, models, sheets);
    // What they were kept for is done.
    await rm(checkpoints, { recursive: true, force: true });
    display.end();
    if (options.json) {
      process.stdout.write(`${JSON.stringify(results)}\n`);
      return;
    }
    const tables = [errorTable(results), ...scoresOf(results).map((score) => detectionTable(results, score))];
    for (const table of tables) process.stdout.write(`\n${terminalTable(table, process.stdout.columns)}\n`);
    for (const note of results.notes ?? []) process.stdout.write(`\n${note}\n`);
    if (options.verbose) for (const line of dataLines(results)) process.stdout.write(`${line}\n`);
    const { fpr, auroc, aupr } = METRIC_DEFINITIONS;
    process.stdout.write(`\nPercentages.\n  ${[fpr, auroc, aupr].join('\n  ')}\n\n${costs(results)}\n`);
    process.stdout.write(
      `Written to ${folder}: report.html (open it in a browser), results.json, results.csv, results.md, models/, scores/\n`,
    );
  } finally {
    display.end();
  }
}

/** What the paper's text experiments can be exposed to; the same for all three. */
function declarationOfTexts(): readonly string[] {
  const trec = declarationOf('trec');
  return trec.examples === 'texts' ? trec.outlierNames : [];
}

function filesFrom({ in: train, inLabels, test, testLabels, ood }: ReproduceOptions): OwnFiles {
  for (const [labels, images, flag] of [
    [inLabels, train, '--in'],
    [testLabels, test, '--test'],
  ] as const) {
    if (labels === undefined || images !== undefined) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `${flag}-labels gives labels for no images: give the images with ${flag}.`,
    );
  }
  return {
    ...(train === undefined ? {} : { train: { path: train, labels: inLabels } }),
    ...(test === undefined ? {} : { test: { path: test, labels: testLabels } }),
    ...(ood ? { ood } : {}),
  };
}

function normalizationFrom({ mean, std }: ReproduceOptions): Normalization | undefined {
  if (mean && std) return { mean, std };
  if (!mean && !std) return undefined;
  throw new OutlierExposureError(
    'invalid-argument',
    `${mean ? '--mean' : '--std'} was given without ${mean ? '--std' : '--mean'}: a normalization takes both.`,
  );
}

function dataLines({ data, examples = 'images' }: ExperimentResults): string[] {
  return [
    '',
    'Data:',
    ...data.map(
      ({ name, role, count, fingerprint }) =>
        `  ${role}: ${name}, ${count} ${examples} (${fingerprint.slice(0, 48)})`,
    ),
  ];
}

/** What the run took, in one line. */
function costs({ durations, training, peakMemoryBytes }: ExperimentResults): string {
  const waited = training.reduce((sum, { seconds, stallShare }) => sum + seconds * stallShare, 0);
  const spent =
    training.length === 0
      ? 'none of it training'
      : `${durations.training!.toFixed(0)} s of it training, which waited for data ${((100 * waited) / durations.training!).toFixed(1)} % of the time`;
  return `Took ${durations.total!.toFixed(0)} s, ${spent}; at most ${(peakMemoryBytes / 1e6).toFixed(0)} MB of memory.`;
}

function modelList(text: string): ModelName[] {
  return text.split(',').map((name) => {
    const found = MODELS.find((model) => model === name.trim());
    if (found) return found;
    throw new InvalidArgumentError(`It must be a list of ${MODELS.join(', ')}.`);
  });
}

function numbers(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.every(Number.isFinite)) return values;
  throw new InvalidArgumentError('It must be numbers with commas between, one for each channel.');
}

function batchSizes(text: string): { inliers: number; outliers: number } {
  const [inliers, outliers, ...more] = text.split(',').map(Number);
  const whole = (value: number | undefined) => Number.isSafeInteger(value) && value! >= 1;
  if (whole(inliers) && whole(outliers) && more.length === 0)
    return { inliers: inliers!, outliers: outliers! };
  throw new InvalidArgumentError('It must be two whole numbers with a comma between, as in 128,256.');
}

function oodSet(text: string, before: Record<string, string> = {}): Record<string, string> {
  const { name, path } = namedPath(text);
  if (Object.hasOwn(before, name))
    throw new InvalidArgumentError(`There are two sets called "${name}": give one another name, NAME=PATH.`);
  return { ...before, [name]: path };
}

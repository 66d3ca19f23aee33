/** `oe eval`: measures classifiers as detectors on the user's own images or texts. */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { type ExampleSet, encodeNpy, isEncodedText } from '../data/index.ts';
import { type Detector, describeDetector, findDetector } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { type Evaluation, evaluateClassifier, type ResultRow } from '../evaluation/index.ts';
import { environment } from '../experiments/environment.ts';
import { ensureWritableFolder, writeFileAtomic } from '../files/atomic.ts';
import { METRIC_DEFINITIONS } from '../metrics/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { checkLabels, type EvalSetsRun, inputKey, type OpenedSets, openTestSets } from './eval-sets.ts';
import { evaluationTables } from './evaluation-tables.ts';
import { interruptible } from './interruption.ts';
import { type Classifier, readClassifier } from './models.ts';
import { namedPath, numberBetween, wholeNumber } from './parse.ts';
import { progressDisplay } from './progress.ts';
import { addSetOptions, type SetOptions } from './sets.ts';
import { terminalTable } from './terminal-table.ts';
import { addTextSetOptions, type TextSetOptions } from './text-sets.ts';

interface EvalOptions extends SetOptions, TextSetOptions {
  model: string[];
  in: string[];
  labels?: string;
  ood: string[];
  detector: string[];
  draws: number;
  outRatio: number;
  n: number;
  seed: number;
  split: string;
  threads?: number;
  scores?: string;
  quiet?: boolean;
  json?: boolean;
}

/** What `--json` prints. All rates are fractions, 0 to 1. */
export interface EvaluationRecord {
  models: { name: string; path: string; sha256: string; testError: number }[];
  /** As in the results of `oe reproduce`. */
  rows: ResultRow[];
  errorDetection: ResultRow[];
  settings: { seed: number; draws: number; outRatio: number; n: number; detectors: string[] };
  data: { role: string; name: string; count: number; fingerprint: string }[];
  versions: Record<string, string>;
  machine: ReturnType<typeof environment>['machine'];
}

export function evalCommand(): Command {
  const command = new Command('eval')
    .description('Measure how well classifiers tell their own images or texts from outliers.')
    .requiredOption('--model <file...>', 'the classifiers (.onnx); several are compared')
    .requiredOption('--in <path...>', 'labelled test images or texts that are in-distribution')
    .option('--labels <file>', 'labels of images (default: those inside the data, or the names of folders)')
    .requiredOption('--ood <path...>', 'a set of outliers each, PATH or NAME=PATH')
    .option('--detector <name...>', 'scores to measure', ['msp'])
    .option(
      '--draws <count>',
      'draw the outliers this often, and show mean ± standard deviation (the paper: 10)',
      wholeNumber(1),
      1,
    )
    .option(
      '--out-ratio <ratio>',
      'how many outliers are drawn for each in-distribution example; a smaller set is taken whole',
      numberBetween(0, Number.POSITIVE_INFINITY),
      0.2,
    )
    .option('--n <percent>', 'the true positive rate of FPRN', numberBetween(0, 100), 95)
    .option('--seed <number>', 'decides which outliers are drawn', wholeNumber(0), 1)
    .option('--split <name>', 'which part of sets that come in parts: train, test, …', 'test');
  return addTextSetOptions(addSetOptions(command), 'the in-distribution set')
    .option('--threads <count>', 'processor threads (default: all)', wholeNumber(1))
    .option('--scores <folder>', 'write all scores there, MODEL/DETECTOR/SET.npy, for oe metrics')
    .option('--quiet', 'show no progress')
    .option('--json', 'print the results as JSON on standard output, and nothing else')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe eval --model model.onnx --in images.npy --labels labels.npy --ood svhn.npy textures=textures/\n  $ oe eval --model model.onnx tuned.onnx --in test/ --ood others/ --detector msp uniform-ce --draws 10 --scores scores\n  $ oe eval --model questions.onnx --in test.tsv --ood reviews=reviews.txt news.txt.gz',
    )
    .action(evaluateFiles);
}

async function evaluateFiles(options: EvalOptions): Promise<void> {
  const detectors = options.detector.map(findDetector);
  const sets = namedSets(options.ood);
  if (options.scores !== undefined) await ensureWritableFolder(options.scores);
  const classifiers: Classifier[] = [];
  for (const path of options.model) classifiers.push(await readClassifier(path));
  const names = modelNames(classifiers);
  const display = progressDisplay(process.stderr, options.quiet ? 'quiet' : 'normal');
  const opened: ExampleSet[] = [];
  let runtime: Runtime | undefined;
  try {
    const { record, scores } = await interruptible(
      async (signal) => {
        runtime = await nodeRuntime({ threads: options.threads ?? availableParallelism() });
        const run: Run = { options, detectors, runtime, signal, onProgress: display.show };
        return measureAll(classifiers, names, sets, run, opened);
      },
      () => 'Interrupted; nothing was written.',
    );
    if (options.scores !== undefined) await writeScores(options.scores, scores);
    display.end();
    process.stdout.write(options.json ? `${JSON.stringify(record)}\n` : page(record, options.scores));
  } finally {
    display.end();
    await runtime?.dispose();
    for (const source of opened) if (!isEncodedText(source)) await source.close?.();
  }
}

interface Run extends EvalSetsRun {
  options: EvalOptions;
  detectors: readonly Detector[];
  runtime: Runtime;
}

async function measureAll(
  classifiers: readonly Classifier[],
  names: readonly string[],
  sets: readonly { name: string; path: string }[],
  run: Run,
  opened: ExampleSet[],
): Promise<{ record: EvaluationRecord; scores: Map<string, Evaluation['scores']> }> {
  const { options, detectors, runtime, signal, onProgress } = run;
  const { seed, draws, outRatio, n } = options;
  const byInput = new Map<string, OpenedSets>();
  const record: EvaluationRecord = {
    models: [],
    rows: [],
    errorDetection: [],
    settings: { seed, draws, outRatio, n, detectors: detectors.map(describeDetector) },
    data: [],
    ...environment(),
  };
  const scores = new Map<string, Evaluation['scores']>();
  for (const [i, classifier] of classifiers.entries()) {
    const key = inputKey(classifier);
    const data = byInput.get(key) ?? (await openTestSets(classifier, sets, run, opened));
    byInput.set(key, data);
    checkLabels(data.inliers, classifier);
    const stage = classifiers.length > 1 ? `Measure ${names[i]}` : 'Measure';
    const began = performance.now();
    const evaluation = await evaluateClassifier(classifier.logits, {
      name: names[i]!,
      runtime,
      ...data,
      detectors,
      n,
      outRatio,
      draws,
      seed,
      signal,
      onProgress: (done, total) => {
        const remainingSeconds = (((performance.now() - began) / 1000) * (total - done)) / done;
        onProgress({ stage, done, total, remainingSeconds });
      },
    });
    const { path, sha256 } = classifier;
    record.models.push({ name: names[i]!, path, sha256, testError: evaluation.testError });
    record.rows.push(...evaluation.rows);
    record.errorDetection.push(...evaluation.errorDetection);
    scores.set(names[i]!, evaluation.scores);
    if (i === 0) record.data = dataOf(data);
  }
  return { record, scores };
}

/** Names that files and rows of their own are called by. */
const RESERVED = ['in', 'mean', 'misclassified'];

function namedSets(texts: readonly string[]): { name: string; path: string }[] {
  const sets = texts.map(namedPath);
  for (const [i, { name }] of sets.entries()) {
    const twice = sets.findIndex((set) => set.name === name) < i;
    if (!twice && !RESERVED.includes(name)) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `${twice ? `Two sets of outliers are named "${name}"` : `A set of outliers cannot be named "${name}"`}: give it another name, --ood NAME=PATH.`,
    );
  }
  return sets;
}

/** The files' names without ending; their paths where these are the same. */
function modelNames(classifiers: readonly Classifier[]): string[] {
  const short = classifiers.map(({ path }) => basename(path).replace(/\.onnx$/i, ''));
  return new Set(short).size === short.length
    ? short
    : classifiers.map(({ path }) => path.replace(/\.onnx$/i, '').replaceAll(/[^\w.-]+/g, '-'));
}

function dataOf({ inliers, outlierSets }: OpenedSets): EvaluationRecord['data'] {
  const record = (role: string, { name, length, fingerprint }: ExampleSet) => ({
    role,
    name,
    count: length,
    fingerprint,
  });
  return [
    record('in-distribution test', inliers),
    ...outlierSets.map((set) => record('outliers for test', set)),
  ];
}

async function writeScores(folder: string, scores: ReadonlyMap<string, Evaluation['scores']>): Promise<void> {
  for (const [model, detectors] of scores) {
    for (const [detector, sets] of Object.entries(detectors)) {
      const place = join(folder, model, detector);
      await mkdir(place, { recursive: true });
      for (const [set, values] of Object.entries(sets)) {
        await writeFileAtomic(join(place, `${set}.npy`), encodeNpy(values, [values.length]));
      }
    }
  }
}

function page(record: EvaluationRecord, scores: string | undefined): string {
  const tables = evaluationTables(record).map((table) => terminalTable(table, process.stdout.columns));
  const { fpr, auroc, aupr } = METRIC_DEFINITIONS;
  const written = scores === undefined ? '' : `\nScores are in ${scores}: MODEL/DETECTOR/SET.npy.\n`;
  return `${tables.join('\n\n')}\n\nPercentages.\n  ${[fpr, auroc, aupr].join('\n  ')}\n${written}`;
}

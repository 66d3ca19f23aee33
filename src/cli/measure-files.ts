/** Measures classifiers from files on sets from files: what `oe eval` and `oe compare` share. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { partsOf } from '../classifier/index.ts';
import type { ExampleSet } from '../data/index.ts';
import { type Detector, describeDetector, unsuitedSettings } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { type Evaluation, evaluateClassifier, type ResultRow } from '../evaluation/index.ts';
import { environment } from '../experiments/environment.ts';
import { stageMeter } from '../experiments/progress.ts';
import type { Runtime } from '../runtime/index.ts';
import { type ChooseFlags, type ChosenRecord, calledAs, chooseForModel } from './choose.ts';
import { checkTestSets } from './disjoint-tests.ts';
import { type EvalSetsRun, inputKey, type OpenedSets, openTestSets } from './eval-sets.ts';
import { exposedTo } from './exposed-to.ts';
import { addFitOptions, type FitOptions, openFitSet } from './fit-set.ts';
import type { Classifier } from './models.ts';
import { checkLabels } from './open-for-classifier.ts';
import { namedPath, numberBetween, wholeNumber } from './parse.ts';
import { addSetOptions, type SetOptions } from './sets.ts';
import type { SharedExamples } from './shared-examples.ts';
import { addTextSetOptions, type TextSetOptions } from './text-sets.ts';

/** What `--json` prints. All rates are fractions, 0 to 1. */
export interface EvaluationRecord {
  models: { name: string; path: string; sha256: string; testError: number }[];
  /** As in the results of `oe reproduce`. */
  rows: ResultRow[];
  errorDetection: ResultRow[];
  settings: { seed: number; draws: number; outRatio: number; n: number; detectors: string[] };
  data: { role: string; name: string; count: number; fingerprint: string }[];
  /** Sets that share examples; absent when nothing was found. */
  shared?: SharedExamples[];
  /** Settings that were chosen, a model and detector each; the rows call detectors as they were asked for. */
  chosen?: ChosenRecord[];
  /** Settings of detectors that do not suit what they learned from. */
  warnings?: string[];
  versions: Record<string, string>;
  machine: ReturnType<typeof environment>['machine'];
}

/** What `oe eval` and `oe compare` are both told. */
export interface MeasureOptions extends SetOptions, TextSetOptions, FitOptions {
  model: string[];
  in: string[];
  labels?: string;
  ood: string[];
  draws: number;
  outRatio: number;
  n: number;
  seed: number;
  split: string;
  threads?: number;
  strict?: boolean;
  quiet?: boolean;
  json?: boolean;
}

export function addMeasureOptions(command: Command): Command {
  command
    .requiredOption('--model <file...>', 'the classifiers (.onnx); several are compared')
    .requiredOption('--in <path...>', 'labelled test images or texts that are in-distribution')
    .option('--labels <file>', 'their labels (default: those inside the data, or the names of folders)')
    .requiredOption('--ood <path...>', 'a set of outliers each, PATH or NAME=PATH')
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
  return addFitOptions(addTextSetOptions(addSetOptions(command), 'the in-distribution set'))
    .option('--threads <count>', 'processor threads (default: all)', wholeNumber(1))
    .option(
      '--strict',
      'refuse outliers that are in-distribution examples, or that the model was trained with (default: a warning)',
    )
    .option('--quiet', 'show no progress')
    .option('--json', 'print the results as JSON on standard output, and nothing else');
}

export interface MeasureRun extends EvalSetsRun {
  options: EvalSetsRun['options'] &
    FitOptions &
    ChooseFlags & { seed: number; draws: number; outRatio: number; n: number; strict?: boolean };
  detectors: readonly Detector[];
  runtime: Runtime;
}

export async function measureAll(
  classifiers: readonly Classifier[],
  names: readonly string[],
  sets: readonly { name: string; path: string }[],
  run: MeasureRun,
): Promise<{ record: EvaluationRecord; scores: Map<string, Evaluation['scores']> }> {
  const { options, detectors, runtime, signal, onProgress, opened } = run;
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
    const compared = byInput.has(key) ? 'already' : 'not yet';
    const data = byInput.get(key) ?? (await openTestSets(classifier, sets, run));
    byInput.set(key, data);
    checkLabels(data.inliers, classifier);
    const shown = await exposedTo(classifier, run);
    const shared = await checkTestSets(data, shown && { set: shown, model: names[i]! }, {
      compared,
      draws,
      outRatio,
      overlap: options.strict ? 'refuse' : 'tell',
      signal,
      onProgress,
    });
    if (shared.length > 0) record.shared = [...(record.shared ?? []), ...shared];
    const fit = await openFitSet(detectors, classifier, options, { options, signal, onProgress, opened });
    const toChoose = { runtime, flags: options, tested: data, fit, options, signal, onProgress, opened };
    const chosen = await chooseForModel(classifier, names[i]!, detectors, toChoose);
    const stage = classifiers.length > 1 ? `Measure ${names[i]}` : 'Measure';
    const evaluated = await evaluateClassifier(classifier.logits, {
      name: names[i]!,
      runtime,
      ...data,
      detectors: chosen.detectors,
      fit,
      features: options.features,
      n,
      outRatio,
      draws,
      seed,
      signal,
      onFit: stageMeter('Fit detectors', onProgress),
      onProgress: stageMeter(stage, onProgress),
    });
    const evaluation = calledAs(detectors, chosen.detectors, evaluated);
    const unsuited = unsuitedIn(chosen.detectors, classifier, { fit, features: options.features });
    if (unsuited.length > 0) record.warnings = [...new Set([...(record.warnings ?? []), ...unsuited])];
    if (options.chooseIn) record.chosen = [...(record.chosen ?? []), ...chosen.chosen];
    const { path, sha256 } = classifier;
    record.models.push({ name: names[i]!, path, sha256, testError: evaluation.testError });
    record.rows.push(...evaluation.rows);
    record.errorDetection.push(...evaluation.errorDetection);
    scores.set(names[i]!, evaluation.scores);
    if (i === 0) record.data = dataOf(data);
  }
  return { record, scores };
}

function unsuitedIn(
  detectors: readonly Detector[],
  { logits, classes }: Classifier,
  { fit, features }: { fit: ExampleSet | undefined; features: string | undefined },
): string[] {
  if (!fit) return [];
  const labels = 'labels' in fit ? fit.labels : undefined;
  const counts = new Map<number, number>();
  for (const label of labels ?? []) counts.set(label, (counts.get(label) ?? 0) + 1);
  const learned = {
    examples: fit.length,
    // A class without examples is the detector's own error.
    smallestClass:
      labels && counts.size === (classes ?? counts.size) ? Math.min(...counts.values()) : undefined,
    width: partsOf(logits, { features }).head?.width,
  };
  return detectors.flatMap((detector) => unsuitedSettings(detector, learned) ?? []);
}

/** On standard error, where they are in nobody's way. */
export function tellWarnings({ warnings = [] }: EvaluationRecord): void {
  for (const warning of warnings) process.stderr.write(`Warning: ${warning}.\n`);
}

/** Names that files and rows of their own are called by. */
const RESERVED = ['in', 'mean', 'misclassified'];

/** @throws OutlierExposureError `invalid-argument` for two sets of one name */
export function namedSets(texts: readonly string[]): { name: string; path: string }[] {
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
export function modelNames(classifiers: readonly Classifier[]): string[] {
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

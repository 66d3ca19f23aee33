/** `oe threshold`: from which score on an example is an outlier, and what is to be expected of it. */
import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';
import { Command } from 'commander';
import type { ExampleSet } from '../data/index.ts';
import { type Detector, describeDetector, findDetector } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { openScorer, type Scorer, scoresInOrder } from '../evaluation/index.ts';
import { environment } from '../experiments/environment.ts';
import { stageMeter } from '../experiments/progress.ts';
import { ensureWritableFolder } from '../files/atomic.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { chooseThreshold, flaggedShare, isOutlier, type Rule, shareOf } from '../thresholds/index.ts';
import { openThreshold, type SavedThreshold, saveThreshold } from '../thresholds/node/index.ts';
import { addFitOptions, checkFit, type FitOptions, openFitSet } from './fit-set.ts';
import { interruptible } from './interruption.ts';
import { type Classifier, readClassifier } from './models.ts';
import { closeSets, type OpenSetsRun, openForClassifier } from './open-for-classifier.ts';
import { namedPath, numberBetween, wholeNumber } from './parse.ts';
import { progressDisplay } from './progress.ts';
import { addSetOptions, type SetOptions } from './sets.ts';
import { terminalTable } from './terminal-table.ts';
import { addTextSetOptions, type TextSetOptions } from './text-sets.ts';
import { thresholdTable } from './threshold-table.ts';

interface ThresholdOptions extends SetOptions, TextSetOptions, FitOptions {
  model: string;
  detector: string;
  in: string[];
  labels?: string;
  ood?: string[];
  fpr?: number;
  tpr?: number;
  cost?: number;
  prevalence?: number;
  out: string;
  batch?: number;
  split?: string;
  threads?: number;
  quiet?: boolean;
  json?: boolean;
}

export function thresholdCommand(): Command {
  const command = new Command('threshold')
    .description(
      'Choose the score from which on an example is an outlier, with what is to be expected of it, for oe score --threshold.',
    )
    .requiredOption('--model <file>', 'the classifier (.onnx)')
    .requiredOption(
      '--in <path...>',
      'in-distribution images or texts to calibrate with, that nothing was trained or fitted on',
    )
    .requiredOption(
      '--out <file>',
      'where the threshold goes (.json); what its detector learned goes beside it',
    )
    .option('--detector <name>', 'the score', 'msp')
    .option('--fpr <percent>', 'flag at most this share of in-distribution examples', numberBetween(0, 100))
    .option('--tpr <percent>', 'find at least this share of outliers; needs --ood', numberBetween(0, 100))
    .option(
      '--cost <ratio>',
      'cost least, where a missed outlier costs this many false alarms; needs --ood',
      numberBetween(0, Number.POSITIVE_INFINITY),
    )
    .option(
      '--prevalence <percent>',
      'with --cost: how many of the examples to come are outliers (default: 50)',
      numberBetween(0, 100),
    )
    .option('--ood <path...>', 'sets of outliers, PATH or NAME=PATH; their rates are told in any case')
    .option('--labels <file>', 'labels of --in, to tell how often the classifier errs on what is kept');
  addFitOptions(command)
    .option('--batch <count>', 'images a call (default: by their size, at most 200)', wholeNumber(1))
    .option('--split <name>', 'which part of sets that come in parts: train, test, …');
  return addTextSetOptions(addSetOptions(command), 'the in-distribution sets')
    .option('--threads <count>', 'processor threads (default: all)', wholeNumber(1))
    .option('--quiet', 'show no progress')
    .option('--json', 'print what was written as JSON on standard output, and nothing else')
    .addHelpText('after', HELP)
    .action(threshold);
}

const HELP = `
Outliers are the positive class: --fpr is about in-distribution examples (false alarms), --tpr about outliers (found).
Where in-distribution is the positive class, "TPR 95 %" keeps 95 % of the in-distribution examples: that is --fpr 5 here.

Examples:
  $ oe threshold --model model.onnx --in calibration/ --fpr 5 --out guard.json
  $ oe threshold --model model.onnx --detector knn --fit train.npy --in held-out.npy --ood textures/ --tpr 95 --out guard.json`;

async function threshold(options: ThresholdOptions): Promise<void> {
  const detector = findDetector(options.detector);
  const rule = ruleOf(options);
  const oodSets = (options.ood ?? []).map(namedPath);
  checkFit([detector], options);
  const classifier = await readClassifier(options.model);
  await ensureWritableFolder(dirname(options.out));
  const display = progressDisplay(process.stderr, options.quiet ? 'quiet' : 'normal');
  const opened: ExampleSet[] = [];
  let runtime: Runtime | undefined;
  try {
    const saved = await interruptible(
      async (signal) => {
        const run = { options, signal, onProgress: display.show, opened };
        const inliers = await openForClassifier(
          classifier,
          'in',
          options.in,
          { name: 'in', labels: options.labels, labelled: 'where-there-are' },
          run,
        );
        const outlierSets: ExampleSet[] = [];
        for (const { name, path } of oodSets)
          outlierSets.push(await openForClassifier(classifier, name, path, { name, labelled: 'none' }, run));
        const fit = await openFitSet([detector], classifier, options, run);
        runtime = await nodeRuntime({ threads: options.threads ?? availableParallelism() });
        return calibrate({ ...run, classifier, detector, rule, runtime, fit, inliers, outlierSets });
      },
      () => 'Interrupted; nothing was written.',
    );
    const written = await saveThreshold(options.out, saved);
    display.end();
    const { file } = await openThreshold(options.out);
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...file, written })}\n`
        : `${terminalTable(thresholdTable(file), process.stdout.columns)}\n\nWritten to ${written.join(' and ')}.\n`,
    );
  } finally {
    display.end();
    await runtime?.dispose();
    await closeSets(opened);
  }
}

function ruleOf({ fpr, tpr, cost, prevalence, ood }: ThresholdOptions): Rule {
  const fail = (sentence: string): never => {
    throw new OutlierExposureError('invalid-argument', sentence);
  };
  const given = Object.entries({ fpr, tpr, cost }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    return fail(
      `Choose the threshold by one of --fpr PERCENT, --tpr PERCENT and --cost RATIO; ${given.length === 0 ? 'none' : given.map(([name]) => `--${name}`).join(' and ')} was given.`,
    );
  }
  if (prevalence !== undefined && cost === undefined)
    return fail('--prevalence goes with --cost: leave it out.');
  if (fpr === undefined && ood === undefined)
    return fail(
      `--${given[0]![0]} needs outliers: give some with --ood, or choose by --fpr, which needs none.`,
    );
  if (fpr !== undefined) return { fpr: fpr / 100 };
  if (tpr !== undefined) return { tpr: tpr / 100 };
  return { cost: cost!, ...(prevalence === undefined ? {} : { prevalence: prevalence / 100 }) };
}

interface Calibration extends OpenSetsRun {
  options: ThresholdOptions;
  classifier: Classifier;
  detector: Detector;
  rule: Rule;
  runtime: Runtime;
  fit: ExampleSet | undefined;
  inliers: ExampleSet;
  outlierSets: ExampleSet[];
}

async function calibrate(run: Calibration): Promise<SavedThreshold> {
  const { options, classifier, detector, rule, runtime, fit, inliers, outlierSets, signal, onProgress } = run;
  const { features, batch } = options;
  const scorer = await openScorer(classifier.logits, [detector], {
    runtime,
    fit,
    features,
    ...(classifier.tokenizer ? {} : { batch }),
    signal,
    onProgress: (done, total) => onProgress({ stage: `Fit ${describeDetector(detector)}`, done, total }),
  });
  try {
    const { scores: inScores, wrong } = await scoresOf(scorer, inliers, run);
    const outScores: Float32Array[] = [];
    for (const set of outlierSets) outScores.push((await scoresOf(scorer, set, run)).scores);
    const pooled = joined(outScores);
    const chosen = chooseThreshold(inScores, {
      ...rule,
      ...(outScores.length > 0 ? { outScores: pooled } : {}),
    });
    const dataOf = (role: string, { name, length, fingerprint }: ExampleSet) => ({
      role,
      name,
      count: length,
      fingerprint,
    });
    return {
      ...chosen,
      rule,
      detector: scorer.detectors[0]!,
      features,
      model: { name: basename(classifier.path), sha256: classifier.sha256 },
      sets: outlierSets.map(({ name }, i) => ({ name, ...flaggedShare(outScores[i]!, chosen.threshold) })),
      ...(wrong ? errorsOf(inScores, wrong, chosen.threshold) : {}),
      data: [
        dataOf('in-distribution calibration', inliers),
        ...outlierSets.map((set) => dataOf('outliers for calibration', set)),
        ...(fit ? [dataOf('in-distribution to fit', fit)] : []),
      ],
      versions: environment().versions,
    };
  } finally {
    await scorer.release();
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Scores in the set's order, and which examples the classifier gets wrong, where labels tell. */
async function scoresOf(
  scorer: Scorer,
  set: ExampleSet,
  { signal, onProgress }: Calibration,
): Promise<{ scores: Float32Array; wrong: Uint8Array | undefined }> {
  const scores = new Float32Array(set.length);
  const wrong = set.labels && new Uint8Array(set.length);
  const meter = stageMeter(`Score ${set.name}`, onProgress);
  for await (const { from, scores: part, predicted } of scoresInOrder(scorer, set)) {
    signal.throwIfAborted();
    scores.set(part, from);
    if (wrong)
      for (const [i, each] of predicted.entries()) wrong[from + i] = each === set.labels![from + i] ? 0 : 1;
    meter(from + part.length, set.length);
  }
  return { scores, wrong };
}

/** How often the classifier errs, on all in-distribution examples and on those that are kept. */
function errorsOf(scores: Float32Array, wrong: Uint8Array, threshold: number): Pick<SavedThreshold, 'error'> {
  const kept = wrong.filter((_, i) => !isOutlier(scores[i]!, threshold));
  if (kept.length === 0) return {};
  const rate = (flags: Uint8Array) =>
    shareOf(
      flags.reduce((sum, flag) => sum + flag, 0),
      flags.length,
    );
  return { error: { all: rate(wrong), kept: rate(kept) } };
}

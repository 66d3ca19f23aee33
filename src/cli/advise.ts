/** `oe advise`: which outliers to train with. */
import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';
import { Command, Option } from 'commander';
import { type Advice, advise, heldOutParts } from '../advice/index.ts';
import { describeMade, type ExampleSet, isMade, madeKinds, makeOutliers } from '../data/index.ts';
import { madeSet } from '../data/synthetic-outliers/made-set.ts';
import { makeImages } from '../experiments/data/made.ts';
import { environment, packageVersion } from '../experiments/environment.ts';
import { ensureWritableFolder, writeFileAtomic } from '../files/atomic.ts';
import { advicePage } from '../report/html/advice.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import type { BatchStatistics } from '../training/index.ts';
import { adviceTables } from './advice-table.ts';
import { interruptible } from './interruption.ts';
import { type Classifier, readClassifier } from './models.ts';
import { closeSets, type OpenSetsRun, openForClassifier } from './open-for-classifier.ts';
import { namedPath, numberBetween, wholeNumber } from './parse.ts';
import { progressDisplay } from './progress.ts';
import { addSetOptions, type SetOptions } from './sets.ts';
import { terminalTable } from './terminal-table.ts';
import { addTextSetOptions, encoded, type TextSetOptions } from './text-sets.ts';

interface AdviseFlags extends SetOptions, TextSetOptions {
  model: string;
  in: string[];
  labels?: string;
  candidates: string[];
  heldOut?: string[];
  heldOutLabels?: string;
  validation?: string[];
  budget?: number;
  steps?: number;
  seeds?: number;
  seed: number;
  lambda?: number;
  learningRate?: number;
  batch?: number;
  outlierBatch?: number;
  batchNorm?: BatchStatistics;
  features?: string;
  split: string;
  report?: string;
  threads?: number;
  quiet?: boolean;
  json?: boolean;
}

/** What `--json` prints. */
export interface AdviceRecord extends Advice {
  model: { name: string; sha256: string };
  versions: Record<string, string>;
}

export function adviseCommand(): Command {
  const anyAbove0 = numberBetween(0, Number.POSITIVE_INFINITY);
  const command = new Command('advise')
    .description(
      'Compare sets of outliers to train with: what each helps, what it costs, how many are enough. Looks at no test set.',
    )
    .requiredOption('--model <file>', 'the classifier (.onnx)')
    .requiredOption('--in <path...>', 'labelled in-distribution images or texts, as for oe tune')
    .option('--labels <file>', 'their labels (default: those inside the data, or the names of folders)')
    .requiredOption(
      '--candidates <set...>',
      'a set of outliers each: PATH, NAME=PATH, or made:KIND, made of --in',
    )
    .option(
      '--held-out <path...>',
      'labelled in-distribution examples to judge by, best ones that the model was not trained on (default: a fifth of --in)',
    )
    .option('--held-out-labels <file>', 'their labels')
    .option(
      '--validation <path...>',
      'outliers to judge by, PATH or NAME=PATH, never those of the final test (default: made of the held-out examples, and the other candidates)',
    )
    .addOption(
      new Option('--budget <minutes>', 'how long it may take; decides the steps by this machine’s speed')
        .argParser(anyAbove0)
        .conflicts('steps'),
    )
    .option('--steps <count>', 'training steps of each short tuning (default: 100)', wholeNumber(1))
    .option(
      '--seeds <count>',
      'tunings of each candidate, from seeds of their own (default: 2)',
      wholeNumber(1),
    )
    .option('--seed <number>', 'the first seed', wholeNumber(0), 1)
    .option('--lambda <number>', "the weight of the outliers' term (default: 0.5; texts: 1)", anyAbove0)
    .option('--learning-rate <number>', 'at the start of each tuning (default: 0.001)', anyAbove0)
    .option('--batch <count>', 'examples a step (default: 128; texts: 64)', wholeNumber(1))
    .option('--outlier-batch <count>', 'outliers a step (default: 256; texts: 64)', wholeNumber(1))
    .addOption(
      new Option(
        '--batch-norm <choice>',
        'what batch normalization takes its statistics from (default: stacked, examples and outliers together, as oe tune does)',
      ).choices(['stacked', 'inliers', 'frozen']),
    )
    .option('--features <name>', 'the value to tell sets apart by (default: the last linear layer’s input)')
    .option('--split <name>', 'which part of sets that come in parts: train, test, …', 'train');
  return addTextSetOptions(addSetOptions(command), 'the in-distribution set')
    .option('--report <file>', 'write a page with pictures there (.html)')
    .option('--threads <count>', 'processor threads (default: all)', wholeNumber(1))
    .option('--quiet', 'show no progress')
    .option('--json', 'print the advice as JSON on standard output, and nothing else')
    .addHelpText('after', help())
    .action(run);
}

function help(): string {
  const lines = (of: 'images' | 'texts') =>
    madeKinds(of)
      .map((kind) => `  made:${kind.padEnd(10)} ${describeMade(of, kind)}`)
      .join('\n');
  return `
Candidates are ranked by score: the mean gain in AUROC over all sets that judge, each in units of how far candidates differ on
it. Nothing is judged by what looks like it to the classifier.

Made of images (several joined by +, as made:jigsaw+mixup; or made:all; made:gan=FILE by a trained generator):
${lines('images')}
Made of texts (made:words=FILE draws the words from a file):
${lines('texts')}

Examples:
  $ oe advise --model model.onnx --in train.npy --labels train-labels.npy --candidates textures/ tiny=tiny-images.npy made:jigsaw
  $ oe advise --model model.onnx --in photos/ --candidates art/ maps/ --held-out new-photos/ --validation sketches/ --budget 10 --report advice.html`;
}

async function run(flags: AdviseFlags): Promise<void> {
  for (const candidate of flags.candidates) if (isMade(candidate)) madeSet(candidate);
  const classifier = await readClassifier(flags.model);
  if (flags.report !== undefined) await ensureWritableFolder(dirname(flags.report));
  const display = progressDisplay(process.stderr, flags.quiet ? 'quiet' : 'normal');
  const opened: ExampleSet[] = [];
  let runtime: Runtime | undefined;
  try {
    const record = await interruptible(
      async (signal): Promise<AdviceRecord> => {
        const sets = { options: flags, signal, onProgress: display.show, opened };
        const data = await openData(flags, classifier, sets);
        runtime = await nodeRuntime({ threads: flags.threads ?? availableParallelism() });
        const { seed, steps, seeds: tunings, lambda, learningRate, batchNorm: normalization } = flags;
        const advice = await advise(classifier.logits, {
          ...data,
          ...given({ steps, tunings, lambda, learningRate, normalization }),
          batch: batchOf(flags, classifier),
          budgetSeconds: flags.budget === undefined ? undefined : 60 * flags.budget,
          features: flags.features,
          seed,
          runtime,
          signal,
          onProgress: display.show,
        });
        const model = { name: basename(classifier.path), sha256: classifier.sha256 };
        const notes = [...advice.notes, ...aboutHeldOut(advice, flags)];
        return { ...advice, notes, model, versions: environment().versions };
      },
      () => 'Interrupted; nothing was written.',
    );
    if (flags.report !== undefined)
      await writeFileAtomic(flags.report, advicePage(record, { version: packageVersion() }));
    display.end();
    process.stdout.write(flags.json ? `${JSON.stringify(record)}\n` : said(record, flags.report));
  } finally {
    display.end();
    await runtime?.dispose();
    await closeSets(opened);
  }
}

/** What a model has learned by heart is no measure of what it will be sure of. */
function aboutHeldOut({ recommended }: Advice, { heldOut }: AdviseFlags): string[] {
  if (recommended !== undefined || heldOut !== undefined) return [];
  return [
    'What was judged by is a part of --in: if the model was trained on it, it is surer of it than of anything new, and every tuning seems to do harm. Give --held-out examples that the model has not seen.',
  ];
}

/** What stands there with a value. */
function given<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

function batchOf({ batch, outlierBatch }: AdviseFlags, { tokenizer }: Classifier) {
  const usual = tokenizer ? { inliers: 64, outliers: 64 } : { inliers: 128, outliers: 256 };
  return { inliers: batch ?? usual.inliers, outliers: outlierBatch ?? usual.outliers };
}

async function openData(flags: AdviseFlags, classifier: Classifier, run: OpenSetsRun) {
  const known = { labelled: 'where-there-are', reads: 'often' } as const;
  const strange = { labelled: 'none', reads: 'often' } as const;
  const what = classifier.tokenizer ? 'texts' : 'images';
  const all = await openForClassifier(classifier, what, flags.in, { ...known, labels: flags.labels }, run);
  const given =
    flags.heldOut === undefined
      ? undefined
      : await openForClassifier(
          classifier,
          `held-out ${what}`,
          flags.heldOut,
          { ...known, labels: flags.heldOutLabels },
          run,
        );
  // Parted here already, so that nothing is made of what is held out.
  const { inliers, heldOut } = heldOutParts(all, given, flags.seed);
  const candidates: ExampleSet[] = [];
  for (const text of flags.candidates) {
    if (isMade(text)) {
      candidates.push(await madeCandidate(text, inliers, classifier, { ...run, seed: flags.seed }));
      continue;
    }
    const { name, path } = namedPath(text);
    candidates.push(await openForClassifier(classifier, name, path, { ...strange, name }, run));
  }
  let validationOutliers: ExampleSet[] | undefined;
  for (const { name, path } of (flags.validation ?? []).map(namedPath)) {
    validationOutliers ??= [];
    validationOutliers.push(await openForClassifier(classifier, name, path, { ...strange, name }, run));
  }
  return { inliers, heldOut, candidates, validationOutliers };
}

async function madeCandidate(
  text: string,
  inliers: ExampleSet,
  classifier: Classifier,
  run: OpenSetsRun & { seed: number },
): Promise<ExampleSet> {
  const made = madeSet(text)!;
  const { seed, signal, onProgress } = run;
  const { tokenizer } = classifier;
  if (!tokenizer || !('text' in inliers)) {
    if ('text' in inliers) throw new TypeError('Texts come with a tokenizer.');
    return makeImages(made, inliers, { seed, signal, onProgress });
  }
  const corpus =
    made.corpus === undefined
      ? undefined
      : await openForClassifier(classifier, 'words', made.corpus, { labelled: 'none' }, run);
  const words = corpus && 'text' in corpus ? corpus : undefined;
  return encoded(makeOutliers(inliers, made.kind, { seed, corpus: words }), tokenizer, { signal });
}

function said(record: AdviceRecord, report: string | undefined): string {
  const tables = adviceTables(record).map((table) => terminalTable(table, process.stdout.columns));
  const sentences = record.sentences.map((sentence) => `${sentence}\n`).join('');
  const notes = record.notes.map((note) => `${note}\n`).join('');
  return `${tables.join('\n\n')}\n\n${sentences}${notes === '' ? '' : `\n${notes}`}${
    report === undefined ? '' : `\nWritten to ${report}.\n`
  }`;
}

/** `oe score`: a line for each image or text, for sets of any size. */
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import {
  type EncodedText,
  type ExampleSet,
  type ImageShape,
  type ImageSource,
  isEncodedText,
  type TextSource,
  type Tokenizer,
} from '../data/index.ts';
import { scoreStream } from '../evaluation/index.ts';
import type { OnProgress } from '../experiments/index.ts';
import { ensureWritableFolder } from '../files/atomic.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { isOutlier } from '../thresholds/index.ts';
import { addFitOptions, openFitSet } from './fit-set.ts';
import { interruptible } from './interruption.ts';
import { checkJudgedModel, type JudgeOptions, openJudge } from './judge.ts';
import { readClassifier } from './models.ts';
import { closeSets } from './open-for-classifier.ts';
import { wholeNumber } from './parse.ts';
import { progressDisplay } from './progress.ts';
import { SCORE_FORMATS, type ScoreFormat, scoreLines } from './score-formats.ts';
import { addSetOptions, openSet, refuseImageOptions, type SetOptions } from './sets.ts';
import { fileSink, type Sink, streamSink } from './sink.ts';
import {
  addTextSetOptions,
  encoded,
  openTexts,
  refuseTextOptions,
  type TextSetOptions,
} from './text-sets.ts';

interface ScoreOptions extends SetOptions, TextSetOptions, JudgeOptions {
  model: string;
  data: string[];
  labels?: string;
  format: ScoreFormat;
  out?: string;
  batch?: number;
  split?: string;
  threads?: number;
  quiet?: boolean;
  json?: boolean;
}

export function scoreCommand(): Command {
  const command = new Command('score')
    .description(
      'Score every image or text of a set, a line each (higher = more anomalous); images in constant memory.',
    )
    .requiredOption('--model <file>', 'the classifier (.onnx)')
    .requiredOption(
      '--data <path...>',
      'the images or texts: files, folders or archives, taken one after the other',
    )
    .option('--labels <file>', 'a file of labels, to be written beside (default: those inside the data)')
    .option('--detector <name>', 'the score (default: msp)')
    .option(
      '--threshold <file>',
      'a file of oe threshold: its detector scores, and each line says whether the example is an outlier',
    )
    .option('--strict', 'with --threshold: refuse a model that it was not chosen for (default: a warning)')
    .addOption(
      new Option('--format <format>', 'lines of JSON or CSV, or the scores alone as float32')
        .choices(SCORE_FORMATS)
        .default('jsonl'),
    )
    .option('--out <file>', 'where they go (default: standard output)')
    .option(
      '--batch <count>',
      'images a call (default: by their size, at most 200); texts at once (default: 2000)',
      wholeNumber(1),
    )
    .option('--split <name>', 'which part of a set that comes in parts: train, test, …');
  return addTextSetOptions(addSetOptions(addFitOptions(command)), 'the set')
    .option('--threads <count>', 'processor threads (default: all)', wholeNumber(1))
    .option('--quiet', 'show no progress')
    .option('--json', 'with --out: print what was done as JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe score --model model.onnx --data photos/ > scores.jsonl\n  $ oe score --model model.onnx --data million.npy --detector uniform-ce --format npy --out scores.npy --json\n  $ oe score --model questions.onnx --data comments.txt --format csv --out scores.csv\n  $ oe score --model model.onnx --threshold guard.json --data photos/ > flagged.jsonl',
    )
    .action(score);
}

async function score(options: ScoreOptions): Promise<void> {
  const judge = await openJudge(options);
  const classifier = await readClassifier(options.model);
  checkJudgedModel(judge, classifier, options);
  if (options.out !== undefined) await ensureWritableFolder(dirname(options.out));
  // A live line would tear apart lines that go to the same terminal.
  const shown = options.out !== undefined || process.stdout.isTTY !== true;
  const display = progressDisplay(process.stderr, options.quiet || !shown ? 'quiet' : 'normal');
  const began = performance.now();
  const sink: Sink = options.out === undefined ? streamSink(process.stdout) : fileSink(options.out);
  let runtime: Runtime | undefined;
  let source: ExampleSet | undefined;
  const learnedFrom: ExampleSet[] = [];
  let outliers = 0;
  let dropped: TextSource['dropped'];
  try {
    const count = await interruptible(
      async (signal) => {
        const run = { signal, onProgress: display.show };
        if (classifier.tokenizer) {
          const texts = await openScoredTexts(options, classifier.tokenizer, run);
          source = texts.source;
          dropped = texts.dropped;
        } else source = await openScoredImages(options, classifier.shape, run);
        const fit = await openFitSet(judge.unfitted, classifier, options, {
          ...run,
          options: { ...options, split: undefined },
          opened: learnedFrom,
        });
        runtime = await nodeRuntime({ threads: options.threads ?? availableParallelism() });
        const batches = scoreStream(classifier.logits, source, {
          detector: judge.detector,
          ...(fit ? { fit } : {}),
          ...(judge.features === undefined ? {} : { features: judge.features }),
          runtime,
          signal,
          ...(options.batch === undefined ? {} : { batch: options.batch }),
        });
        const { head, ofBatch } = scoreLines(options.format, source, {
          classes: classifier.classNames,
          threshold: judge.threshold,
        });
        await sink.write(head);
        const meter = stageMeter(source, display.show);
        let done = 0;
        for await (const batch of batches) {
          // Whoever read has had enough.
          if (!(await sink.write(ofBatch(batch)))) break;
          done += batch.scores.length;
          outliers += flagged(batch.scores, judge.threshold);
          meter(done);
        }
        await sink.close();
        return done;
      },
      () => 'Interrupted; no file was written.',
    );
    display.end();
    const seconds = (performance.now() - began) / 1000;
    const texts = classifier.tokenizer !== undefined;
    const done = {
      ...(texts ? { texts: count, dropped: dropped ?? {} } : { images: count }),
      detector: judge.name,
      ...(judge.threshold === undefined ? {} : { threshold: judge.threshold, outliers }),
      seconds,
      [texts ? 'textsPerSecond' : 'imagesPerSecond']: count / seconds,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
    if (!options.quiet) process.stderr.write(leftOut(dropped));
    if (options.out === undefined) return;
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...done, out: options.out })}\n`
        : `Scored ${count.toLocaleString('en')} ${texts ? 'texts' : 'images'} in ${seconds.toFixed(1)} s${judge.threshold === undefined ? '' : `, ${outliers.toLocaleString('en')} of them outliers`}. Written to ${options.out}.\n`,
    );
  } finally {
    display.end();
    await sink.abandon();
    await runtime?.dispose();
    await closeSets(source ? [source, ...learnedFrom] : learnedFrom);
  }
}

function flagged(scores: Float32Array, threshold: number | undefined): number {
  if (threshold === undefined) return 0;
  return scores.reduce((count, score) => count + (isOutlier(score, threshold) ? 1 : 0), 0);
}

interface ScoreRun {
  signal: AbortSignal;
  onProgress: OnProgress;
}

function openScoredImages(
  { layout, resize, labels, split, data, ...options }: ScoreOptions,
  shape: ImageShape | undefined,
  run: ScoreRun,
): Promise<ImageSource> {
  refuseTextOptions(options);
  // Every image is read once.
  return openSet('images', data, { layout, resize, labels, split, memory: 0, shape, ...run });
}

async function openScoredTexts(
  { data, labels, layout, split, labelKind, ...options }: ScoreOptions,
  tokenizer: Tokenizer,
  run: ScoreRun,
): Promise<{ source: EncodedText; dropped: TextSource['dropped'] }> {
  refuseImageOptions({ layout });
  const source = await openTexts('texts', data, {
    ...options,
    labelsFrom: labels,
    labels: labelKind ?? 'fine',
    split,
    ...run,
  });
  return { source: encoded(source, tokenizer, run), dropped: source.dropped };
}

/** Texts that got no line, by reason: their numbers would be searched for in vain. */
function leftOut(dropped: TextSource['dropped'] = {}): string {
  const reasons = Object.entries(dropped).map(([reason, count]) => `${count.toLocaleString('en')} ${reason}`);
  return reasons.length > 0 ? `Left out, and not numbered: ${reasons.join(', ')}.\n` : '';
}

/** Tells how many examples are done, and how long the rest will take. */
function stageMeter(set: ExampleSet, onProgress: OnProgress): (done: number) => void {
  const total = set.length;
  const what = isEncodedText(set) ? 'texts' : 'images';
  const began = performance.now();
  return (done) => {
    const seconds = (performance.now() - began) / 1000;
    onProgress({
      stage: 'Score',
      done,
      total,
      remainingSeconds: (seconds * (total - done)) / done,
      details: { speed: `${Math.round(done / seconds).toLocaleString('en')} ${what}/s` },
    });
  };
}

/** `oe score`: a line for each image, for sets of any size. */
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import type { ImageSource } from '../data/index.ts';
import { scoreStream } from '../evaluation/index.ts';
import type { OnProgress } from '../experiments/index.ts';
import { ensureWritableFolder } from '../files/atomic.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { interruptible } from './interruption.ts';
import { readClassifier } from './models.ts';
import { detectorOf, wholeNumber } from './parse.ts';
import { progressDisplay } from './progress.ts';
import { SCORE_FORMATS, type ScoreFormat, scoreLines } from './score-formats.ts';
import { addSetOptions, openSet, type SetOptions } from './sets.ts';
import { fileSink, type Sink, streamSink } from './sink.ts';

interface ScoreOptions extends SetOptions {
  model: string;
  data: string[];
  labels?: string;
  detector: string;
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
    .description('Score every image of a set, a line each, in constant memory (higher = more anomalous).')
    .requiredOption('--model <file>', 'the classifier (.onnx)')
    .requiredOption('--data <path...>', 'the images: files, folders or archives, taken one after the other')
    .option('--labels <file>', 'a file of labels, to be written beside (default: those inside the data)')
    .option('--detector <name>', 'the score', 'msp')
    .addOption(
      new Option('--format <format>', 'lines of JSON or CSV, or the scores alone as float32')
        .choices(SCORE_FORMATS)
        .default('jsonl'),
    )
    .option('--out <file>', 'where they go (default: standard output)')
    .option('--batch <images>', 'images a call (default: by their size, at most 200)', wholeNumber(1))
    .option('--split <name>', 'which part of a set that comes in parts: train, test, …');
  return addSetOptions(command)
    .option('--threads <count>', 'processor threads (default: all)', wholeNumber(1))
    .option('--quiet', 'show no progress')
    .option('--json', 'with --out: print what was done as JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe score --model model.onnx --data photos/ > scores.jsonl\n  $ oe score --model model.onnx --data million.npy --detector uniform-ce --format npy --out scores.npy --json',
    )
    .action(score);
}

async function score(options: ScoreOptions): Promise<void> {
  const detector = detectorOf(options.detector);
  const classifier = await readClassifier(options.model);
  if (options.out !== undefined) await ensureWritableFolder(dirname(options.out));
  // A live line would tear apart lines that go to the same terminal.
  const shown = options.out !== undefined || process.stdout.isTTY !== true;
  const display = progressDisplay(process.stderr, options.quiet || !shown ? 'quiet' : 'normal');
  const began = performance.now();
  const sink: Sink = options.out === undefined ? streamSink(process.stdout) : fileSink(options.out);
  let runtime: Runtime | undefined;
  let source: ImageSource | undefined;
  try {
    const count = await interruptible(
      async (signal) => {
        const { layout, resize, labels, split } = options;
        // Every image is read once.
        const how = { layout, resize, labels, split, memory: 0, shape: classifier.shape, signal };
        source = await openSet('images', options.data, { ...how, onProgress: display.show });
        runtime = await nodeRuntime({ threads: options.threads ?? availableParallelism() });
        const batches = scoreStream(classifier.logits, source, {
          detector,
          runtime,
          signal,
          ...(options.batch === undefined ? {} : { batch: options.batch }),
        });
        const { head, ofBatch } = scoreLines(options.format, source, {
          classes: classifier.classNames,
        });
        await sink.write(head);
        const meter = stageMeter(source.length, display.show);
        let done = 0;
        for await (const batch of batches) {
          // Whoever read has had enough.
          if (!(await sink.write(ofBatch(batch)))) break;
          done += batch.scores.length;
          meter(done);
        }
        await sink.close();
        return done;
      },
      () => 'Interrupted; no file was written.',
    );
    display.end();
    const seconds = (performance.now() - began) / 1000;
    const done = {
      images: count,
      detector: detector.name,
      seconds,
      imagesPerSecond: count / seconds,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
    if (options.out === undefined) return;
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...done, out: options.out })}\n`
        : `Scored ${count.toLocaleString('en')} images in ${seconds.toFixed(1)} s. Written to ${options.out}.\n`,
    );
  } finally {
    display.end();
    await sink.abandon();
    await runtime?.dispose();
    await source?.close?.();
  }
}

/** Tells how many images are done, and how long the rest will take. */
function stageMeter(total: number, onProgress: OnProgress): (done: number) => void {
  const began = performance.now();
  return (done) => {
    const seconds = (performance.now() - began) / 1000;
    onProgress({
      stage: 'Score',
      done,
      total,
      remainingSeconds: (seconds * (total - done)) / done,
      details: { speed: `${Math.round(done / seconds).toLocaleString('en')} images/s` },
    });
  };
}

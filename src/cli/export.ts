/** `oe export`: a classifier made ready for other places: for a page, a smaller file with the runtime and a page that uses them. */
import { createHash } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { endsOf } from '../classifier/index.ts';
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import { findDetector } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { environment } from '../experiments/environment.ts';
import {
  pageText,
  TOLD_DETECTORS,
  WORDS_FILE,
  webPage,
  withHalfWeights,
  withInt8Weights,
  withToldOutputs,
} from '../export/index.ts';
import { pageFile, webRuntimeFiles, writePage } from '../export/node/index.ts';
import { ensureWritableFolder } from '../files/atomic.ts';
import { type Model, readModel, writeModel } from '../onnx/index.ts';
import { type ThresholdFile, writeThreshold } from '../thresholds/index.ts';
import { changeTable, type ExportChange, measureChange } from './export-change.ts';
import { type ExportOnnxOptions, exportOnnx, TELLINGS, type Telling } from './export-onnx.ts';
import { thresholdFor, unfitted } from './export-threshold.ts';
import { interruptible } from './interruption.ts';
import { type Classifier, readClassifier } from './models.ts';
import { wholeNumber } from './parse.ts';
import { progressDisplay } from './progress.ts';
import { addSetOptions, type SetOptions } from './sets.ts';
import { terminalTable } from './terminal-table.ts';
import { addTextSetOptions, type TextSetOptions } from './text-sets.ts';

const PRECISIONS = ['float32', 'float16', 'int8'] as const;

export interface ExportOptions extends SetOptions, TextSetOptions {
  target: 'web' | 'onnx';
  model: string;
  threshold?: string;
  detector?: string;
  tell?: Telling[];
  precision: (typeof PRECISIONS)[number];
  scales: 'channel' | 'tensor';
  shape?: [number, number, number];
  in?: string[];
  labels?: string;
  ood?: string[];
  split: string;
  threads?: number;
  out: string;
  quiet?: boolean;
  json?: boolean;
}

export function exportCommand(): Command {
  const command = new Command('export')
    .description(
      'Write a classifier as a folder that any static host can serve (web), or as a model that tells its anomaly score itself (onnx).',
    )
    .addOption(new Option('--target <what>', 'a page, or a file').choices(['web', 'onnx']).default('web'))
    .requiredOption('--model <file>', 'the classifier of images or texts (.onnx)')
    .requiredOption('--out <path>', 'where it goes: a folder, or with --target onnx a file')
    .option(
      '--threshold <file>',
      'what oe threshold wrote: the page, or the model, then says what is an outlier',
    )
    .addOption(
      new Option(
        '--tell <what...>',
        'onnx: outputs to add; default: the score, and with a threshold the verdict',
      ).choices(TELLINGS),
    )
    .option(
      '--detector <name>',
      `onnx: what scores, without a threshold: ${TOLD_DETECTORS.filter((name) => !findDetector(name).fit).join(', ')} (default: msp)`,
    )
    .addOption(
      new Option(
        '--precision <type>',
        'how weights are stored; computed is in float32. float16 halves the file, int8 quarters it',
      )
        .choices(PRECISIONS)
        .default('float32'),
    )
    .addOption(
      new Option('--scales <which>', 'with int8: a scale for each output channel, or for each tensor')
        .choices(['channel', 'tensor'])
        .default('channel'),
    )
    .option('--shape <c,h,w>', 'the shape of its images, where the model leaves it open', imageShape)
    .option(
      '--in <path...>',
      'labelled test images or texts: with --ood, what the precision costs is measured',
    )
    .option('--labels <file>', 'their labels (default: those inside the data, or the names of folders)')
    .option('--ood <path...>', 'sets of test outliers, PATH or NAME=PATH')
    .option('--split <name>', 'which part of sets that come in parts: train, test, …', 'test');
  return addTextSetOptions(addSetOptions(command), 'the test set')
    .option('--threads <count>', 'processor threads (default: all)', wholeNumber(1))
    .option('--quiet', 'show no progress')
    .option('--json', 'print what was written and measured as JSON, and nothing else')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe export --model tuned.onnx --threshold guard.json --out site\n  $ oe export --model tuned.onnx --precision int8 --in test.npy --labels labels.npy --ood textures/ --out site\n  $ oe export --target onnx --model tuned.onnx --threshold guard.json --tell features score verdict --out scored.onnx\n  $ oe export --model questions.onnx --threshold questions.guard.json --out site',
    )
    .action((options: ExportOptions) =>
      options.target === 'web' ? exportWeb(options) : exportOnnx(forOnnx(options)),
    );
}

/** Options that a page alone has. */
const WEB_ALONE = ['shape', 'in', 'labels', 'ood'] as const;

function forOnnx(options: ExportOptions): ExportOnnxOptions {
  const strange = WEB_ALONE.find((name) => options[name] !== undefined);
  const flag = strange ?? (options.precision === 'float32' ? undefined : 'precision');
  if (flag === undefined) return options;
  throw new OutlierExposureError('invalid-argument', `--${flag} belongs to --target web: leave it out.`);
}

async function exportWeb(options: ExportOptions): Promise<void> {
  if (options.tell ?? options.detector)
    throw new OutlierExposureError(
      'invalid-argument',
      `--${options.tell ? 'tell' : 'detector'} belongs to --target onnx: the page scores by the threshold's detector, or by MSP.`,
    );
  if ((options.in === undefined) !== (options.ood === undefined)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${options.in ? '--in' : '--ood'} was given without ${options.in ? '--ood' : '--in'}: what changes is measured with both.`,
    );
  }
  const classifier = await readClassifier(options.model);
  const opened = await thresholdFor(classifier, options.threshold);
  const guard = opened?.file;
  const scoring = withToldOutputs(classifier.logits, { detector: opened?.detector ?? unfitted('msp') });
  // Refused now rather than after the measurement.
  const page = pageOf(classifier, options, guard);
  await ensureWritableFolder(options.out);
  const exported = writeModel(shrunk(scoring, options));
  const originalBytes = writeModel(scoring).length;
  const display = progressDisplay(process.stderr, options.quiet ? 'quiet' : 'normal');
  const sets: ExampleSet[] = [];
  try {
    const change = await interruptible(
      async (signal) => {
        if (!options.in || !options.ood) return undefined;
        const measured = { ...options, in: options.in, ood: options.ood };
        const run = { options: measured, signal, onProgress: display.show, opened: sets, guard };
        // What is measured is what was written.
        return measureChange(
          { ...classifier, shape: classifier.shape ?? options.shape },
          readModel(exported),
          run,
        );
      },
      () => 'Interrupted; nothing was written.',
    );
    display.end();
    const files = await webRuntimeFiles();
    files.set('model.onnx', pageFile('model.onnx', exported));
    if (guard) files.set('guard.json', pageFile('guard.json', guardOf(guard, exported, options.precision)));
    const words = classifier.tokenizer?.vocabulary.words;
    if (words) files.set(WORDS_FILE, pageFile(WORDS_FILE, JSON.stringify(words)));
    files.set('index.html', pageFile('index.html', page));
    const bytes = await writePage(options.out, files);
    const record = {
      out: options.out,
      precision: options.precision,
      modelBytes: exported.length,
      originalBytes,
      bytes,
      ...(change ? { change } : {}),
      ...environment(),
    };
    process.stdout.write(options.json ? `${JSON.stringify(record)}\n` : told(record, guard));
  } finally {
    display.end();
    for (const source of sets) if (!isEncodedText(source)) await source.close?.();
  }
}

function pageOf(classifier: Classifier, options: ExportOptions, guard: ThresholdFile | undefined): string {
  const { tokenizer, classNames, logits } = classifier;
  const ends = endsOf(logits.graph);
  const answer = {
    input: ends.pixels,
    output: ends.logits,
    classNames,
    score: 'anomaly_score',
    detector: guard?.detector.name ?? 'msp',
    threshold: guard?.threshold,
  };
  if (tokenizer) {
    const { elementType, shape } = logits.graph.inputs.get(ends.pixels)!;
    return webPage({ ...answer, text: pageText(tokenizer, elementType, shape?.[1]) });
  }
  const shape = classifier.shape ?? options.shape;
  if (shape) return webPage({ ...answer, shape });
  throw new OutlierExposureError(
    'invalid-argument',
    `${options.model} leaves the size of its images open: give it with --shape, as in --shape 3,32,32.`,
  );
}

/** The threshold for the page: of the exported model, where that gives the scores that it was chosen by. */
function guardOf(guard: ThresholdFile, exported: Uint8Array, precision: ExportOptions['precision']): string {
  if (precision !== 'float32') return writeThreshold(guard);
  const sha256 = createHash('sha256').update(exported).digest('hex');
  return writeThreshold({ ...guard, model: { name: 'model.onnx', sha256 } });
}

function shrunk(model: Model, { precision, scales }: ExportOptions): Model {
  switch (precision) {
    case 'float32':
      return model;
    case 'float16':
      return withHalfWeights(model).model;
    case 'int8':
      return withInt8Weights(model, { scales }).model;
  }
}

function told(
  record: {
    out: string;
    precision: string;
    modelBytes: number;
    originalBytes: number;
    bytes: number;
    change?: ExportChange;
  },
  guard: ThresholdFile | undefined,
): string {
  const { out, precision, modelBytes, originalBytes, bytes, change } = record;
  const table = change ? `${terminalTable(changeTable(change, precision), process.stdout.columns)}\n\n` : '';
  const share = (100 * modelBytes) / originalBytes;
  const flags = guard ? '' : ' Without --threshold the page shows scores and calls nothing an outlier.';
  return `${table}Written to ${out}: model.onnx has ${(modelBytes / 1000).toFixed(0)} kB (${precision}, ${share.toFixed(0)} % of float32), the folder ${(bytes / 1e6).toFixed(1)} MB, most of it the runtime.${flags}\n`;
}

function imageShape(text: string): [number, number, number] {
  const sides = text.split(',').map(Number);
  if (sides.length === 3 && sides.every((side) => Number.isSafeInteger(side) && side >= 1 && side <= 4096))
    return sides as [number, number, number];
  throw new InvalidArgumentError('It must be channels, height and width with commas between, as in 3,32,32.');
}

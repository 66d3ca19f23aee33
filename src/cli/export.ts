/** `oe export`: a classifier made ready for a web page: a smaller file, the runtime's files, and a page that uses them. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { endsOf } from '../classifier/index.ts';
import type { ExampleSet } from '../data/index.ts';
import { isEncodedText } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { environment } from '../experiments/environment.ts';
import { webPage, withHalfWeights, withInt8Weights } from '../export/index.ts';
import { pageFile, webRuntimeFiles, writePage } from '../export/node/index.ts';
import { ensureWritableFolder, readFileBounded } from '../files/atomic.ts';
import { type Model, readModel, writeModel } from '../onnx/index.ts';
import type { ThresholdFile } from '../thresholds/index.ts';
import { openThreshold } from '../thresholds/node/index.ts';
import { changeTable, type ExportChange, measureChange } from './export-change.ts';
import { interruptible } from './interruption.ts';
import { readClassifier } from './models.ts';
import { wholeNumber } from './parse.ts';
import { progressDisplay } from './progress.ts';
import { addSetOptions, type SetOptions } from './sets.ts';
import { terminalTable } from './terminal-table.ts';

const PRECISIONS = ['float32', 'float16', 'int8'] as const;

export interface ExportOptions extends SetOptions {
  target: 'web';
  model: string;
  threshold?: string;
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
      'Write a classifier as a folder that any static host can serve: model, runtime, a small page.',
    )
    .addOption(new Option('--target <where>', 'what it is written for').choices(['web']).default('web'))
    .requiredOption('--model <file>', 'the classifier of images (.onnx)')
    .requiredOption('--out <folder>', 'where it goes')
    .option('--threshold <file>', 'what oe threshold wrote: the page then says which pictures are outliers')
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
    .option('--in <path...>', 'labelled test images: with --ood, what the precision costs is measured')
    .option('--labels <file>', 'their labels (default: those inside the data, or the names of folders)')
    .option('--ood <path...>', 'sets of test outliers, PATH or NAME=PATH')
    .option('--split <name>', 'which part of sets that come in parts: train, test, …', 'test');
  return addSetOptions(command)
    .option('--threads <count>', 'processor threads (default: all)', wholeNumber(1))
    .option('--quiet', 'show no progress')
    .option('--json', 'print what was written and measured as JSON, and nothing else')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe export --model tuned.onnx --threshold guard.json --out site\n  $ oe export --model tuned.onnx --precision int8 --in test.npy --labels labels.npy --ood textures/ --out site',
    )
    .action(exportModel);
}

async function exportModel(options: ExportOptions): Promise<void> {
  if ((options.in === undefined) !== (options.ood === undefined)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${options.in ? '--in' : '--ood'} was given without ${options.in ? '--ood' : '--in'}: what changes is measured with both.`,
    );
  }
  const classifier = await readClassifier(options.model);
  if (classifier.tokenizer) {
    throw new OutlierExposureError(
      'unsupported',
      `${options.model} takes texts, and the exported page takes pictures: show the model of a run with oe playground, or use outlier-exposure/web in a page of your own (docs/browser.md).`,
    );
  }
  const shape = classifier.shape ?? options.shape;
  if (!shape) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${options.model} leaves the size of its images open: give it with --shape, as in --shape 3,32,32.`,
    );
  }
  const guard = options.threshold === undefined ? undefined : (await openThreshold(options.threshold)).file;
  const ends = endsOf(classifier.logits.graph);
  // Refused now rather than after the measurement.
  const page = webPage({
    shape,
    input: ends.pixels,
    output: ends.logits,
    classNames: classifier.classNames,
    detector: guard?.detector.name,
    settings: guard?.detector.settings,
    threshold: guard?.threshold,
  });
  await ensureWritableFolder(options.out);
  const exported = writeModel(shrunk(classifier.logits, options));
  const originalBytes = writeModel(classifier.logits).length;
  const display = progressDisplay(process.stderr, options.quiet ? 'quiet' : 'normal');
  const opened: ExampleSet[] = [];
  try {
    const change = await interruptible(
      async (signal) => {
        if (!options.in || !options.ood) return undefined;
        const run = { options, signal, onProgress: display.show, opened, guard };
        // What is measured is what was written.
        return measureChange({ ...classifier, shape }, readModel(exported), run);
      },
      () => 'Interrupted; nothing was written.',
    );
    display.end();
    const files = await webRuntimeFiles();
    files.set('model.onnx', pageFile('model.onnx', exported));
    if (options.threshold !== undefined)
      files.set('guard.json', pageFile('guard.json', await readFileBounded(options.threshold)));
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
    for (const source of opened) if (!isEncodedText(source)) await source.close?.();
  }
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

/** `oe declare`: writes into a classifier what its pixels are and what its classes are called, once for all commands. */
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import {
  declarePreprocessing,
  PREPROCESSING,
  type Preprocessing,
  preprocessingOf,
} from '../classifier/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { ensureWritableFolder, readFileBounded, writeFileAtomic } from '../files/atomic.ts';
import { CLASS_NAMES, guardedModel } from '../guard/index.ts';
import { type Model, writeModel } from '../onnx/index.ts';
import { readModelFile } from '../onnx/node/index.ts';
import { numberBetween, numberList } from './parse.ts';

interface DeclareOptions extends Preprocessing {
  classes?: string;
  clear?: boolean;
  out: string;
  json?: boolean;
}

export function declareCommand(): Command {
  return new Command('declare')
    .description(
      'Write into a classifier of images what it expects of its pixels, and what its classes are called. The graph stays as it is.',
    )
    .argument('<model>', 'the model, .onnx')
    .requiredOption('--out <file>', 'where the model goes (.onnx)')
    .option(
      '--scale <number>',
      'what pixels in [0, 1] are multiplied by first: 255 for models of bytes',
      numberBetween(0, 1e6),
    )
    .option('--mean <numbers>', 'what is then taken off: one number a channel, or one for all', numberList)
    .option('--std <numbers>', 'what is then divided by, likewise', numberList)
    .addOption(new Option('--channels <order>', 'red first, or blue').choices(['rgb', 'bgr']))
    .addOption(
      new Option('--layout <axes>', 'channels before height and width, or last').choices(['nchw', 'nhwc']),
    )
    .option('--classes <file>', 'the names of the classes in their order: a line each, or a list in JSON')
    .option('--clear', 'forget what was declared before')
    .option('--json', 'print what the model now declares as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe declare resnet50.onnx --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --classes imagenet.txt --out model.onnx\n  $ oe declare keras.onnx --layout nhwc --mean 0.5 --std 0.5 --out model.onnx\n  $ oe declare caffe.onnx --scale 255 --channels bgr --mean 104,117,123 --out model.onnx\n\nAll commands, the guard and the server then take plain images and do the rest. Choose thresholds afterwards: they belong to the file that was scored.',
    )
    .action(declare);
}

async function declare(path: string, options: DeclareOptions): Promise<void> {
  await ensureWritableFolder(dirname(options.out));
  const { scale, mean, std, channels, layout } = options;
  const given: Preprocessing = Object.fromEntries(
    Object.entries({ scale, mean, std, channels, layout }).filter(([, value]) => value !== undefined),
  );
  const { model: read } = await readModelFile(path);
  let model: Model = { ...read, metadata: new Map(read.metadata) };
  if (options.clear) for (const key of [PREPROCESSING, CLASS_NAMES]) model.metadata.delete(key);
  if (Object.keys(given).length > 0)
    model = declarePreprocessing(model, { ...preprocessingOf(model), ...given });
  else if (options.classes === undefined && !options.clear)
    throw new OutlierExposureError(
      'invalid-argument',
      'Nothing is declared: give --scale, --mean, --std, --channels or --layout, or --classes; oe inspect shows what a model declares already.',
    );
  const names = options.classes === undefined ? undefined : await classNames(options.classes);
  if (names) model.metadata.set(CLASS_NAMES, JSON.stringify(names));
  // What the commands would refuse is refused now.
  const { shape, classes } = guardedModel(model, path);
  if (names && classes !== undefined && names.length !== classes)
    throw new OutlierExposureError(
      'invalid-argument',
      `${options.classes} names ${names.length} classes, but ${path} gives ${classes} logits: name each, in their order.`,
    );
  await writeFileAtomic(options.out, writeModel(model));
  const record = {
    out: options.out,
    preprocessing: preprocessingOf(model) ?? null,
    shape,
    classNames: names,
  };
  process.stdout.write(
    options.json
      ? `${JSON.stringify(record)}\n`
      : `Written to ${options.out}: ${told(preprocessingOf(model))}${names ? ` It names its ${names.length} classes.` : ''}\n`,
  );
}

function told(preprocessing: Preprocessing | undefined): string {
  if (!preprocessing) return 'it takes pixels from 0 to 1 as they are.';
  const { scale = 1, mean, std, channels = 'rgb', layout = 'nchw' } = preprocessing;
  const scaled = scale === 1 ? 'x' : `${scale}·x`;
  const centred = mean ? `(${scaled} − [${mean.join(', ')}])` : scaled;
  const divided = std ? `${centred} / [${std.join(', ')}]` : centred;
  const order = channels === 'bgr' ? 'blue first' : 'red first';
  return `of pixels x from 0 to 1 it takes ${divided}, ${order}, channels ${layout === 'nhwc' ? 'last' : 'before height and width'}.`;
}

/** More classes than this nobody names. */
const MOST_BYTES = 2 ** 24;

async function classNames(path: string): Promise<string[]> {
  const bytes = await readFileBounded(path, { what: 'file of class names', maxBytes: MOST_BYTES });
  const text = new TextDecoder().decode(bytes).replace(/^\uFEFF/, '');
  const names = text.trimStart().startsWith('[') ? listed(text, path) : text.trimEnd().split(/\r?\n/);
  const empty = names.findIndex((name) => name.trim() === '');
  if (empty === -1) return names.map((name) => name.trim());
  throw new OutlierExposureError(
    'invalid-file',
    `${path} has no name for class ${empty}: a name a line was expected, or a list of names in JSON.`,
  );
}

function listed(text: string, path: string): string[] {
  try {
    const names = JSON.parse(text) as unknown;
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  } catch {
    // Said below.
  }
  throw new OutlierExposureError('invalid-file', `${path} begins like a list in JSON, but is none of texts.`);
}

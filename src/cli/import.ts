/** `oe import`: weights that another program trained, as a model of ours. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { Command } from 'commander';
import { OutlierExposureError } from '../errors.ts';
import { readFileBounded, writeFileAtomic } from '../files/atomic.ts';
import {
  ARCHITECTURE_NAMES,
  ARCHITECTURES,
  isRunningStatistic,
  type Normalization,
  normalizationOf,
} from '../nn/index.ts';
import { type Model, sizeOf, writeModel } from '../onnx/index.ts';
import { networkFromWeights } from '../weights/index.ts';
import { parseCheckpoint } from '../weights/node/index.ts';
import { numberList, wholeNumber } from './parse.ts';

interface ImportOptions {
  arch: string;
  out: string;
  classes?: number;
  side?: number;
  mean?: number[];
  std?: number[];
  json?: boolean;
}

export function importCommand(): Command {
  return new Command('import')
    .description("Bring weights from PyTorch or safetensors: a network's checkpoint becomes an ONNX model.")
    .argument(
      '<checkpoint>',
      'safetensors, or a state_dict saved by PyTorch (.pt, .pth); nothing in it is executed',
    )
    .requiredOption(
      '--arch <name>',
      `the network that the weights belong to: ${ARCHITECTURE_NAMES.join(', ')}`,
    )
    .requiredOption('--out <file>', 'the model to write, .onnx')
    .option(
      '--classes <number>',
      'how many classes (default: what the last layer of the weights has)',
      wholeNumber(1),
    )
    .option('--side <pixels>', "height and width of the images (default: the network's own)", wholeNumber(1))
    .option(
      '--mean <numbers>',
      'what the network was trained to have taken from pixels in [0, 1]: r,g,b',
      numberList,
    )
    .option('--std <numbers>', 'what it was trained to have them divided by: r,g,b', numberList)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nNetworks:\n${ARCHITECTURES.map(({ name, description }) => `  ${name.padEnd(12)}${description}`).join('\n')}
  wrn-D-W     wide residual network of depth D (6n + 4), W times as wide

Examples:
  $ oe import baseline_epoch_9.pt --arch convnet --out mnist.onnx
  $ oe import resnet20.safetensors --arch resnet-20 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --out cifar10.onnx`,
    )
    .action(importWeights);
}

async function importWeights(checkpoint: string, options: ImportOptions): Promise<void> {
  const normalize = normalizationFrom(options);
  const bytes = await readFileBounded(checkpoint, { what: 'file of weights' });
  const weights = await parseCheckpoint(bytes, { name: checkpoint });
  const { arch, classes, side } = options;
  const model = networkFromWeights(arch, weights, { classes, side, normalize });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  model.metadata.set('imported.from', basename(checkpoint));
  model.metadata.set('imported.sha256', sha256);
  await writeFileAtomic(options.out, writeModel(model));
  const summary = { ...summarize(model), sha256, out: options.out };
  process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : `${inWords(summary)}\n`);
}

function summarize(model: Model) {
  const { graph, metadata } = model;
  const parameters = [...graph.initializers].filter(
    ([name, { elementType, shape }]) =>
      elementType === 'float32' && shape.length > 0 && !isRunningStatistic(name),
  );
  return {
    architecture: metadata.get('architecture')!,
    parameters: parameters.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0),
    input: graph.inputs.get('pixels')!.shape,
    output: graph.outputs.get('logits')!.shape,
    normalization: normalizationOf(model) ?? null,
  };
}

function inWords({
  architecture,
  parameters,
  input,
  output,
  normalization,
  out,
}: ReturnType<typeof summarize> & { out: string }): string {
  const shape = (dimensions: typeof input) => `[${dimensions?.join(', ')}]`;
  const pixels = normalization
    ? `It takes pixels in [0, 1] and normalizes them by mean ${normalization.mean.join(', ')} and standard deviation ${normalization.std.join(', ')}.`
    : 'It takes pixels in [0, 1] as they are; give --mean and --std if the network was trained on normalized ones.';
  return `${out}: ${architecture} with ${parameters.toLocaleString('en-US')} parameters, pixels ${shape(input)} to logits ${shape(output)}.\n${pixels}`;
}

function normalizationFrom({ mean, std }: ImportOptions): Normalization | undefined {
  if (!mean && !std) return undefined;
  if (mean && std) return { mean, std };
  throw new OutlierExposureError(
    'invalid-argument',
    `--mean and --std belong together, but only ${mean ? '--mean' : '--std'} was given.`,
  );
}

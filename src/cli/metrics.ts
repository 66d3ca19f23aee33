/** `oe metrics`: the metrics of two files of scores, so that anyone can check ours. */
import { Command, InvalidArgumentError } from 'commander';
import { parseNpy } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { readFileBounded } from '../files/atomic.ts';
import { detectionMetrics, METRIC_DEFINITIONS } from '../metrics/index.ts';
import { percent } from '../report/index.ts';
import { terminalTable } from './terminal-table.ts';

interface MetricsOptions {
  in: string;
  out: string;
  n: number;
  mode: 'nearest' | 'first';
  json?: boolean;
}

export function metricsCommand(): Command {
  return new Command('metrics')
    .description('Compute FPRN, AUROC and AUPR from two files of scores (higher = more anomalous).')
    .requiredOption('--in <file>', 'scores of in-distribution examples, .npy')
    .requiredOption('--out <file>', 'scores of out-of-distribution examples, .npy')
    .option('--n <percent>', 'the true positive rate of FPRN', percentage, 95)
    .option(
      '--mode <rule>',
      'which recall FPRN is read at: nearest to N (the paper), or the first to reach it',
      recallMode,
      'nearest',
    )
    .option('--json', 'print JSON with fractions')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe metrics --in scores/in.npy --out scores/glyphs.npy\n  $ oe metrics --in in.npy --out out.npy --n 90 --json',
    )
    .action(metrics);
}

async function metrics(options: MetricsOptions): Promise<void> {
  const [inScores, outScores] = [await readScores(options.in), await readScores(options.out)];
  const { threshold, ...result } = detectionMetrics(inScores, outScores, options);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const table = {
    title: `${result.inCount} in-distribution and ${result.outCount} out-of-distribution scores`,
    header: ['metric', 'percent'],
    rows: [
      [`FPR${result.n}`, percent(result.fpr)],
      ['AUROC', percent(result.auroc)],
      ['AUPR', percent(result.aupr)],
      ['AUPR-in', percent(result.auprIn)],
      ['Detection error', percent(result.detectionError)],
    ],
    footer: 0,
    notes: [`The threshold of FPR${result.n} is ${threshold}.`, ...Object.values(METRIC_DEFINITIONS)],
  };
  process.stdout.write(`${terminalTable(table, process.stdout.columns)}\n`);
}

async function readScores(path: string): Promise<Float32Array | Float64Array> {
  const { data, shape } = parseNpy(await readFileBounded(path, { what: 'file of scores (.npy)' }), {
    name: path,
  });
  if (shape.filter((size) => size !== 1).length > 1) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} has the shape [${shape.join(', ')}], but scores are one number an example: expected [n].`,
    );
  }
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  return Float64Array.from(data as Iterable<number | bigint>, Number);
}

function percentage(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 100))
    throw new InvalidArgumentError('It must be a percentage above 0 and up to 100.');
  return value;
}

function recallMode(text: string): 'nearest' | 'first' {
  if (text !== 'nearest' && text !== 'first')
    throw new InvalidArgumentError('It must be "nearest" or "first".');
  return text;
}

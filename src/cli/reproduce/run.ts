/** From the flags of `oe reproduce` to results on disk and in the terminal. */
import { join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import {
  checkExperiment,
  type ExperimentResults,
  type ModelName,
  type OwnFiles,
  reproduce,
} from '../../experiments/index.ts';
import { METRIC_DEFINITIONS } from '../../metrics/index.ts';
import type { Normalization } from '../../nn/index.ts';
import { detectionTable, errorTable, scoresOf, writeExperiment } from '../../report/index.ts';
import { ABLATION_ARGUMENTS, ablationAsked, runAblationCommand } from '../ablation.ts';
import { runInFolder } from '../run-in-folder.ts';
import { terminalTable } from '../terminal-table.ts';
import { costs, dataLines } from './told.ts';

export interface ReproduceOptions {
  out?: string;
  model?: string;
  from?: string;
  mean?: number[];
  std?: number[];
  models?: ModelName[];
  detectors?: string[];
  trainSize?: number;
  epochs?: number;
  tuneEpochs?: number;
  batch?: { inliers: number; outliers: number };
  data?: string;
  in?: string;
  inLabels?: string;
  test?: string;
  testLabels?: string;
  outliers?: string;
  exclude?: string;
  strict?: boolean;
  ood?: Record<string, string>;
  seed: number;
  seeds: number;
  draws: number;
  threads?: number;
  quick?: boolean;
  scratch?: boolean;
  of?: string;
  levels?: string[];
  resume?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  json?: boolean;
}

export async function runReproduce(experiment: string, options: ReproduceOptions): Promise<void> {
  const normalization = normalizationFrom(options);
  const ablation = ablationAsked(experiment);
  if (ablation) {
    const { of, quick, model: network, data: folder, ...rest } = options;
    await runAblationCommand(ablation, {
      ...rest,
      experiment: of,
      size: quick ? 'quick' : 'full',
      network,
      normalization,
      folder,
      files: filesFrom(options),
    });
    return;
  }
  checkExperiment(experiment);
  if (options.of ?? options.levels)
    throw new OutlierExposureError(
      'invalid-argument',
      `--of and --levels belong to ablations, and ${experiment} is none: leave them out, or run one of ${ABLATION_ARGUMENTS.join(', ')}.`,
    );
  const folder = options.out ?? join('runs', experiment);
  const { results } = await runInFolder(
    folder,
    options,
    (run) =>
      reproduce(experiment, {
        seed: options.seed,
        seeds: options.seeds,
        draws: options.draws,
        size: options.quick ? 'quick' : 'full',
        scratch: options.scratch ? 'with' : 'without',
        models: options.models,
        detectors: options.detectors,
        network: options.model,
        from: options.from,
        normalization,
        trainSize: options.trainSize,
        epochs: options.epochs,
        tuneEpochs: options.tuneEpochs,
        batch: options.batch,
        outliers: options.outliers,
        exclude: options.exclude,
        ...(options.strict ? { overlap: 'refuse' as const } : {}),
        folder: options.data,
        files: filesFrom(options),
        ...run,
      }),
    ({ results, models, sheets }) => writeExperiment(folder, results, models, sheets),
  );
  process.stdout.write(options.json ? `${JSON.stringify(results)}\n` : said(results, folder, options));
}

function said(results: ExperimentResults, folder: string, { verbose }: ReproduceOptions): string {
  const width = process.stdout.columns;
  const tables = [errorTable(results), ...scoresOf(results).map((score) => detectionTable(results, score))];
  const { fpr, auroc, aupr } = METRIC_DEFINITIONS;
  return [
    ...tables.map((table) => `\n${terminalTable(table, width)}\n`),
    ...(results.notes ?? []).map((note) => `\n${note}\n`),
    ...(verbose ? dataLines(results).map((line) => `${line}\n`) : []),
    `\nPercentages.\n  ${[fpr, auroc, aupr].join('\n  ')}\n\n${costs(results)}\n`,
    `Written to ${folder}: report.html (open it in a browser), results.json, results.csv, results.md, models/, scores/\n`,
  ].join('');
}

function filesFrom({ in: train, inLabels, test, testLabels, ood }: ReproduceOptions): OwnFiles {
  for (const [labels, images, flag] of [
    [inLabels, train, '--in'],
    [testLabels, test, '--test'],
  ] as const) {
    if (labels === undefined || images !== undefined) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `${flag}-labels gives labels for no images: give the images with ${flag}.`,
    );
  }
  return {
    ...(train === undefined ? {} : { train: { path: train, labels: inLabels } }),
    ...(test === undefined ? {} : { test: { path: test, labels: testLabels } }),
    ...(ood ? { ood } : {}),
  };
}

function normalizationFrom({ mean, std }: ReproduceOptions): Normalization | undefined {
  if (mean && std) return { mean, std };
  if (!mean && !std) return undefined;
  throw new OutlierExposureError(
    'invalid-argument',
    `${mean ? '--mean' : '--std'} was given without ${mean ? '--std' : '--mean'}: a normalization takes both.`,
  );
}

/** The data of a finished run, read again. Node only. */
import { OutlierExposureError } from '../errors.ts';
import type { Runtime } from '../runtime/index.ts';
import { MODELS, type ModelName } from './declaration.ts';
import { loadData } from './load.ts';
import type { LoadedData } from './loaded-data.ts';
import type { ExperimentOptions } from './options.ts';
import { planOf } from './plan.ts';
import type { OnProgress } from './progress.ts';
import { declarationOf } from './registry.ts';
import { checkExperiment } from './reproduce.ts';
import type { ExperimentResults } from './results.ts';

type RunSettings = Pick<ExperimentResults, 'experiment' | 'flags' | 'seeds' | 'draws'>;

/**
 * Reads the sets that a run was trained and measured with, as its results tell them. Whoever calls this closes them.
 *
 * @throws OutlierExposureError when the results do not say with what options the run was made, or the data are no longer there
 */
export async function reloadData(
  results: RunSettings,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined } = {},
): Promise<LoadedData> {
  checkExperiment(results.experiment);
  const declaration = declarationOf(results.experiment);
  const options: ExperimentOptions = {
    ...optionsOfFlags(results.flags ?? []),
    seed: results.seeds[0]!,
    draws: results.draws,
    // Reading data runs no model.
    runtime: undefined as unknown as Runtime,
    signal,
    onProgress,
  };
  return loadData(declaration, options, planOf(declaration, options));
}

/**
 * The options that a run's flags stand for: the way back from `flagsOf`.
 *
 * @throws OutlierExposureError `unsupported` for a flag that is not known
 */
export function optionsOfFlags(flags: readonly string[]): Partial<ExperimentOptions> {
  const options: Partial<ExperimentOptions> = {};
  const files: { train?: string; trainLabels?: string; test?: string; testLabels?: string } = {};
  const [mean, std, ood]: [number[], number[], Record<string, string>] = [[], [], {}];
  const numbers = (text: string) => text.split(',').map(Number);
  const take: Record<string, (value: string) => void> = {
    '--models': (value) => {
      options.models = value.split(',').filter((name): name is ModelName => MODELS.some((m) => m === name));
    },
    // They change scores, not data.
    '--detectors': () => {},
    '--model': (value) => void (options.network = value),
    '--from': (value) => void (options.from = value),
    '--mean': (value) => void mean.push(...numbers(value)),
    '--std': (value) => void std.push(...numbers(value)),
    '--train-size': (value) => void (options.trainSize = Number(value)),
    '--epochs': (value) => void (options.epochs = Number(value)),
    '--tune-epochs': (value) => void (options.tuneEpochs = Number(value)),
    '--batch': (value) => {
      const [inliers, outliers] = numbers(value);
      options.batch = { inliers: inliers!, outliers: outliers! };
    },
    '--in': (value) => void (files.train = value),
    '--in-labels': (value) => void (files.trainLabels = value),
    '--test': (value) => void (files.test = value),
    '--test-labels': (value) => void (files.testLabels = value),
    '--outliers': (value) => void (options.outliers = value),
    '--exclude': (value) => void (options.exclude = value),
    '--ood': (value) => {
      const at = value.indexOf('=');
      ood[value.slice(0, at)] = value.slice(at + 1);
    },
    '--data': (value) => void (options.folder = value),
  };
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i]!;
    if (flag === '--quick') options.size = 'quick';
    else if (flag === '--scratch') options.scratch = 'with';
    else if (Object.hasOwn(take, flag) && i + 1 < flags.length) take[flag]!(flags[++i]!);
    else {
      throw new OutlierExposureError(
        'unsupported',
        `The run was made with ${flag.slice(0, 40)}, which this version does not know: run the experiment again.`,
      );
    }
  }
  if (mean.length > 0 && std.length > 0) options.normalization = { mean, std };
  options.files = {
    ...(files.train === undefined ? {} : { train: { path: files.train, labels: files.trainLabels } }),
    ...(files.test === undefined ? {} : { test: { path: files.test, labels: files.testLabels } }),
    ...(Object.keys(ood).length > 0 ? { ood } : {}),
  };
  return options;
}

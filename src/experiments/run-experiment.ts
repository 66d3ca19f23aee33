/** Runs an experiment as it is declared: models from several seeds, trained, measured and put into results. Node only. */
import { basename } from 'node:path';
import { isEncodedText } from '../data/index.ts';
import type { Evaluation } from '../evaluation/index.ts';
import type { Model } from '../onnx/index.ts';
import type { ContactSheet } from './contact-sheet.ts';
import {
  type ExperimentDeclaration,
  MODELS,
  type ModelName,
  type ModelSettings,
  type TrainingSettings,
} from './declaration.ts';
import { environment, packageVersion } from './environment.ts';
import { flagsOf } from './flags.ts';
import { loadData } from './load.ts';
import type { LoadedData } from './loaded-data.ts';
import { MODEL_KINDS } from './model-kinds.ts';
import type { ExperimentOptions } from './options.ts';
import { type Plan, type PlannedModel, planOf } from './plan.ts';
import type { ExperimentResults, Measurements, TrainingRecord } from './results.ts';
import { measureModel, trainModel } from './run-model.ts';
import { averaged, dataRecord, setsByRole } from './summarize.ts';
import type { TextSheet } from './text-sheet.ts';
import type { Synthetic } from './train-synthetic.ts';

/** A trained model and the scores it gave, for whoever keeps them. */
export interface TrainedModel {
  seed: number;
  name: string;
  model: Model;
  scores: Evaluation['scores'];
  /** The most and least anomalous examples of the test sets; of the first seed's models only. */
  extremes: Evaluation['extremes'];
  /** The generator that it was trained with, and what that made; of models that were. */
  synthetic?: Synthetic | undefined;
}

export interface ExperimentRun {
  results: ExperimentResults;
  models: TrainedModel[];
  /** Some pictures, or texts, of every set. */
  sheets: (ContactSheet | TextSheet)[];
}

/** How many examples of each set the report shows from either end of the scores. */
const EXTREMES = 8;

/**
 * Trains, exposes to outliers, and measures.
 *
 * @throws OutlierExposureError when data are missing or do not fit; the signal's reason when aborted
 */
export async function runExperiment(
  declaration: ExperimentDeclaration,
  options: ExperimentOptions,
): Promise<ExperimentRun> {
  const { seeds = 1, seed = 1, draws = 1 } = options;
  const startedAt = new Date();
  const clock = performance.now();
  const seconds = () => (performance.now() - clock) / 1000;
  const plan = planOf(declaration, options);
  const data = await loadData(declaration, options, plan);
  try {
    const durations: Record<string, number> = { data: seconds() };
    const chosenSeeds = Array.from({ length: seeds }, (_, i) => seed + i);
    const config = configOf(declaration, options, plan, data);
    const storeOf = await options.checkpoints?.({
      experiment: declaration.name,
      ...settingsToCompare(config),
      version: packageVersion(),
      [`training ${declaration.examples}`]: data.inliers.train?.fingerprint ?? null,
      [`outlier ${declaration.examples}`]: data.outliers.train?.fingerprint ?? null,
    });
    const perSeed: ExperimentResults['perSeed'] = [];
    const training: TrainingRecord[] = [];
    const models: TrainedModel[] = [];

    for (const current of chosenSeeds) {
      const measured: Measurements = { models: [], rows: [], validationRows: [], errorDetection: [] };
      const made: Partial<Record<ModelName, Model>> = {};
      for (const name of plan.names) {
        const label = seeds > 1 ? `${name} (seed ${current})` : name;
        const run = { ...options, name, label, inliers: data.inliers, outliers: data.outliers };
        const settings = plan.models[name];
        let synthetic: Synthetic | undefined;
        let model = settings?.after ? made[settings.after]! : data.newModel(current);
        if (!settings) model = data.elsewhere!.model;
        else {
          const trained = await trainModel(
            model,
            run,
            { ...declaration.training, ...settings },
            { seed: current, store: storeOf?.(current, name) },
          );
          const { seconds: took, stallShare, history } = trained;
          training.push({ seed: current, model: name, seconds: took, stallShare, history });
          model = trained.model;
          synthetic = trained.synthetic;
        }
        made[name] = model;
        const extremes = current === seed ? EXTREMES : 0;
        const { test, validation } = await measureModel(model, run, declaration, {
          scores: plan.scores,
          draws,
          seed,
          extremes,
          further: options.detectors ?? [],
        });
        measured.models.push({ name, testError: test.testError });
        measured.rows.push(...test.rows);
        measured.validationRows.push(...validation.rows);
        measured.errorDetection.push(...test.errorDetection);
        models.push({
          seed: current,
          name,
          model,
          scores: joined(test.scores, validation.scores),
          extremes: test.extremes,
          synthetic,
        });
      }
      perSeed.push({ seed: current, ...measured });
    }
    durations.training = training.reduce((sum, record) => sum + record.seconds, 0);
    const sets = setsByRole(data.inliers, data.outliers);
    const sheets = await data.sheets();
    durations.total = seconds();
    const { name, title, subject } = declaration;
    const results: ExperimentResults = {
      experiment: name,
      title,
      subject,
      ...(declaration.examples === 'texts' ? { examples: 'texts' as const } : {}),
      ...classesIn(data),
      startedAt: startedAt.toISOString(),
      config,
      flags: flagsOf(options, data.outliers.train?.name),
      notes: [...data.outliers.notes, ...startNotes(plan, options.from)],
      seeds: chosenSeeds,
      draws,
      ...averaged(perSeed),
      perSeed,
      published: declaration.published(String(config.network), plan.names),
      training,
      data: sets.map(dataRecord),
      ...environment(),
      durations,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
    return { results, models, sheets };
  } finally {
    await data.close();
  }
}

/** Images have numbers for classes. */
function classesIn({ inliers: { test } }: LoadedData): { classes?: string[] } {
  return isEncodedText(test) && test.classNames ? { classes: [...test.classNames] } : {};
}

const OPTIMIZERS = {
  sgd: ['SGD, Nesterov momentum 0.9', 'cosine schedule by step'],
  adam: ['Adam', 'cosine schedule by epoch'],
} as const;

function methodOf({ optimizer = 'sgd', falls }: Pick<ModelSettings, 'optimizer' | 'falls'>): string {
  const [name, schedule] = OPTIMIZERS[optimizer];
  if (!falls) return `${name}, ${schedule}`;
  const shares = falls.behind.map((share) => `${100 * share} %`);
  return `${name}, times ${falls.factor} behind ${shares.join(', ')} of the steps`;
}

function augmentationOf({ inliers, outliers }: NonNullable<TrainingSettings['augment']>) {
  return { inliers: inliers?.name ?? null, outliers: outliers?.name ?? null };
}

/** Which models go on from weights of a file that the paper trains from the beginning. */
function startNotes({ models }: Plan, from: string | undefined): string[] {
  const names = MODELS.filter((name) => !MODEL_KINDS[name].after && models[name]?.after);
  if (from === undefined || names.length === 0) return [];
  return [
    `The paper trains ${names.join(' and ')} from the beginning; here ${names.length > 1 ? 'they go' : 'it goes'} on from the baseline's weights, ${basename(from)}.`,
  ];
}

/** The settings that decide the numbers, as the results keep them. */
function configOf(
  declaration: ExperimentDeclaration,
  options: ExperimentOptions,
  plan: Plan,
  { inliers, outliers, elsewhere, config }: LoadedData,
): Record<string, unknown> {
  const { lambda, weightDecay, augment, synthetic } = declaration.training;
  const { from, folder, exclude } = options;
  const model = elsewhere?.model;
  const trained = Object.entries(plan.models);
  /** Something of each model's settings, where it has none of the experiment's. */
  const own = <T>(pick: (settings: TrainingSettings & PlannedModel) => T) =>
    trained.map(([name, settings]): [string, T] => [name, pick({ ...declaration.training, ...settings })]);
  const decays: [string, number][] =
    trained.length > 0 ? own((settings) => settings.weightDecay) : [['', weightDecay]];
  return {
    size: plan.size,
    outliers: outliers.train?.name ?? null,
    folder: folder ?? null,
    network: model?.metadata.get('architecture') ?? (from?.endsWith('.onnx') ? 'of the file' : plan.network),
    ...(from === undefined ? {} : { from, fromSha256: elsewhere!.sha256 }),
    ...config,
    optimizer: oneOrEach(own(methodOf)) ?? methodOf(declaration.training),
    learningRate: oneOrEach(trained.map(([name, settings]) => [name, settings.learningRate])),
    lambda,
    batch: oneOrEach(trained.map(([name, settings]) => [name, settings.batch])),
    ...(decays.some(([, decay]) => decay > 0) ? { weightDecay: oneOrEach(decays) ?? weightDecay } : {}),
    ...(synthetic && plan.names.includes('gan') ? { synthetic } : {}),
    ...(augment
      ? { augment: oneOrEach(own((s) => augmentationOf(s.augment!))) ?? augmentationOf(augment) }
      : {}),
    epochs: Object.fromEntries(trained.map(([name, { epochs }]) => [name, epochs])),
    ...(plan.trainSize !== undefined && declaration.trainPart === 'drawn'
      ? { trainSize: inliers.train?.length ?? null }
      : {}),
    ...(exclude === undefined ? {} : { exclude }),
    outRatio: declaration.outRatio,
    n: declaration.n,
  };
}

/** The value that all have, or each by its name. */
function oneOrEach<T>(values: [string, T][]): T | Record<string, T> | null {
  const [first] = values;
  if (!first) return null;
  const same = values.every(([, value]) => JSON.stringify(value) === JSON.stringify(first[1]));
  return same ? first[1] : Object.fromEntries(values);
}

/** What training depends on, one value each, so that a difference can be named. */
function settingsToCompare(config: Record<string, unknown>): Record<string, string | number | null> {
  const { outRatio: _, n: __, folder: ___, ...kept } = config;
  return Object.fromEntries(
    Object.entries(kept).map(([name, value]) => [
      name,
      value === null || typeof value === 'string' || typeof value === 'number'
        ? value
        : JSON.stringify(value),
    ]),
  );
}

/** The validation sets' scores beside those of the test sets; both have the in-distribution ones. */
function joined(test: Evaluation['scores'], validation: Evaluation['scores']): Evaluation['scores'] {
  for (const [detector, { in: _, ...sets }] of Object.entries(validation)) {
    for (const [set, values] of Object.entries(sets)) test[detector]![`validation-${set}`] = values;
  }
  return test;
}

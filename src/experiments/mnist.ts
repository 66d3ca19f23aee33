/** The paper's MNIST experiment: a digit classifier, before and after it is exposed to outliers. Node only. */
import { detectors } from '../detectors/index.ts';
import { meanAndStd } from '../metrics/index.ts';
import { convNet } from '../nn/index.ts';
import { crossEntropy, outlierExposure } from '../objectives/index.ts';
import type { Model } from '../onnx/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { type CheckpointStore, cosineSchedule, sgd, train } from '../training/index.ts';
import type { OpenCheckpoints } from './checkpoints.ts';
import { environment, packageVersion } from './environment.ts';
import { averageOverSeeds, type Evaluation, evaluateClassifier } from './evaluate.ts';
import { loadMnistData, type MnistData } from './mnist-data.ts';
import type { ExperimentProgress, OnProgress } from './progress.ts';
import { publishedMnist } from './published.ts';
import type { DataRecord, ExperimentResults, Measurements, TrainingRecord } from './results.ts';

export interface MnistOptions {
  /** How many models to train, from the seeds `seed`, `seed + 1`, … */
  seeds?: number;
  seed?: number;
  /** How often outliers are drawn for each model. */
  draws?: number;
  /** `'quick'`: 10,000 digits and fewer epochs, to see it work. */
  size?: 'full' | 'quick';
  /** Also train from scratch with Outlier Exposure. */
  scratch?: 'with' | 'without';
  /** D_out^OE: `'fashion-mnist'`, `'glyphs'` or `'icons'`, or a set of the folder. */
  outliers?: string;
  /** A folder with further test sets. */
  folder?: string | undefined;
  runtime: Runtime;
  /** Where training keeps what is done, and goes on from. */
  checkpoints?: OpenCheckpoints | undefined;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** A trained model and the scores it gave, for whoever keeps them. */
export interface TrainedModel {
  seed: number;
  name: string;
  model: Model;
  scores: Evaluation['scores'];
  /** The most and least anomalous examples of the test sets; of the first seed's models only. */
  extremes: Evaluation['extremes'];
}

/** The paper's settings for MNIST; λ and the batch are the same for tuning and from scratch. */
const SETTINGS = { learningRate: 0.01, lambda: 0.5, batch: { inliers: 50, outliers: 100 } } as const;
const EPOCHS = {
  full: { baseline: 10, 'oe-tune': 5, 'oe-scratch': 10 },
  quick: { baseline: 5, 'oe-tune': 3, 'oe-scratch': 5 },
} as const;
const QUICK_DIGITS = 10_000;
const N = 95;
/** How many pictures of each set the report shows from either end of the scores. */
const EXTREMES = 8;
/** The share of the in-distribution examples that is drawn as outliers. */
const OUT_RATIO = 0.2;

type ModelName = keyof (typeof EPOCHS)['full'];

export async function reproduceMnist(
  options: MnistOptions,
): Promise<{ results: ExperimentResults; models: TrainedModel[] }> {
  const {
    seeds = 1,
    seed = 1,
    draws = 1,
    size = 'full',
    scratch = 'without',
    outliers = 'fashion-mnist',
    folder,
    onProgress,
  } = options;
  const startedAt = new Date();
  const clock = performance.now();
  const seconds = () => (performance.now() - clock) / 1000;
  const data = await loadMnistData({
    outliers,
    folder,
    noiseCount: 2000 * draws,
    trainSize: size === 'quick' ? QUICK_DIGITS : undefined,
    seed,
    onProgress,
  });
  const durations: Record<string, number> = { data: seconds() };
  const names: ModelName[] =
    scratch === 'with' ? ['baseline', 'oe-tune', 'oe-scratch'] : ['baseline', 'oe-tune'];
  const chosenSeeds = Array.from({ length: seeds }, (_, i) => seed + i);
  const storeOf = await options.checkpoints?.({
    size,
    outliers,
    version: packageVersion(),
    digits: data.train.fingerprint,
    'outlier images': data.outliers.fingerprint,
  });
  const perSeed: ExperimentResults['perSeed'] = [];
  const training: TrainingRecord[] = [];
  const models: TrainedModel[] = [];

  for (const current of chosenSeeds) {
    const measured: Measurements = { models: [], rows: [], validationRows: [], errorDetection: [] };
    let baseline: Model | undefined;
    for (const name of names) {
      const label = seeds > 1 ? `${name} (seed ${current})` : name;
      const start = name === 'oe-tune' ? baseline! : convNet({ seed: current });
      const epochs = EPOCHS[size][name];
      const store = storeOf?.(current, name);
      const trained = await trainOne(start, name, label, epochs, current, data, store, options);
      training.push({
        seed: current,
        model: name,
        seconds: trained.seconds,
        stallShare: trained.stallShare,
        history: trained.history,
      });
      if (name === 'baseline') baseline = trained.model;
      const evaluation = await evaluateOne(
        trained.model,
        name,
        label,
        data,
        draws,
        seed,
        current === seed ? EXTREMES : 0,
        options,
      );
      const validation = new Set(data.validationSets.map((set) => set.name));
      measured.models.push({ name, testError: evaluation.test.testError });
      measured.rows.push(...evaluation.test.rows);
      measured.validationRows.push(...evaluation.validation.rows);
      measured.errorDetection.push(...evaluation.test.errorDetection);
      const scores = evaluation.test.scores;
      for (const [detector, sets] of Object.entries(evaluation.validation.scores)) {
        for (const [set, values] of Object.entries(sets))
          if (validation.has(set)) scores[detector]![`validation-${set}`] = values;
      }
      models.push({
        seed: current,
        name,
        model: trained.model,
        scores,
        extremes: evaluation.test.extremes,
      });
    }
    perSeed.push({ seed: current, ...measured });
  }
  durations.training = training.reduce((sum, record) => sum + record.seconds, 0);
  durations.total = seconds();

  const results: ExperimentResults = {
    experiment: 'mnist',
    title: 'MNIST digits, exposed to outliers',
    subject: { one: 'digit', many: 'digits' },
    startedAt: startedAt.toISOString(),
    config: {
      size,
      outliers,
      folder: folder ?? null,
      network: 'convnet',
      optimizer: 'SGD, Nesterov momentum 0.9, cosine schedule by step',
      ...SETTINGS,
      epochs: Object.fromEntries(names.map((name) => [name, EPOCHS[size][name]])),
      outRatio: OUT_RATIO,
      n: N,
    },
    seeds: chosenSeeds,
    draws,
    ...averaged(perSeed),
    perSeed,
    published: publishedMnist,
    training,
    data: records(data),
    ...environment(),
    durations,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
  return { results, models };
}

async function trainOne(
  start: Model,
  name: ModelName,
  label: string,
  epochs: number,
  seed: number,
  data: MnistData,
  store: CheckpointStore | undefined,
  options: MnistOptions,
) {
  const exposed = name !== 'baseline';
  const batch = exposed ? SETTINGS.batch : { ...SETTINGS.batch, outliers: 0 };
  const steps = epochs * Math.floor(data.train.length / batch.inliers);
  return train(start, {
    inliers: data.train,
    outliers: exposed ? data.outliers : undefined,
    objective: exposed ? outlierExposure({ lambda: SETTINGS.lambda }) : crossEntropy(),
    optimizer: sgd(),
    schedule: cosineSchedule({ peak: SETTINGS.learningRate, steps }),
    epochs,
    batch,
    seed,
    runtime: options.runtime,
    signal: options.signal,
    checkpoints: store && { store },
    onProgress: ({ epoch, step, steps: total, losses, imagesPerSecond, remainingSeconds }) =>
      options.onProgress?.({
        stage: `Train ${label}`,
        done: step,
        total,
        remainingSeconds,
        details: {
          epoch: `${epoch}/${epochs}`,
          loss: losses.loss!.toFixed(4),
          accuracy: `${(100 * losses.accuracy!).toFixed(1)} %`,
          speed: `${Math.round(imagesPerSecond).toLocaleString('en')} images/s`,
        },
      } satisfies ExperimentProgress),
  });
}

async function evaluateOne(
  model: Model,
  name: string,
  label: string,
  data: MnistData,
  draws: number,
  seed: number,
  extremes: number,
  options: MnistOptions,
) {
  const evaluate = (stage: string, outlierSets: MnistData['testSets'], kept: number) => {
    const began = performance.now();
    return evaluateClassifier(model, {
      name,
      runtime: options.runtime,
      inliers: data.test,
      outlierSets,
      detectors,
      n: N,
      outRatio: OUT_RATIO,
      draws,
      seed,
      extremes: kept,
      signal: options.signal,
      onProgress: (done, total) => {
        const remainingSeconds = (((performance.now() - began) / 1000) * (total - done)) / done;
        options.onProgress?.({ stage, done, total, remainingSeconds });
      },
    });
  };
  return {
    test: await evaluate(`Test ${label}`, data.testSets, extremes),
    validation: await evaluate(`Validate ${label}`, data.validationSets, 0),
  };
}

function averaged(perSeed: ExperimentResults['perSeed']): Measurements {
  return {
    models: perSeed[0]!.models.map(({ name }) => {
      const errors = meanAndStd(
        perSeed.map(({ models }) => models.find((model) => model.name === name)!.testError),
      );
      return { name, testError: errors.mean, ...(perSeed.length > 1 ? { testErrorStd: errors.std } : {}) };
    }),
    rows: averageOverSeeds(perSeed.map(({ rows }) => rows)),
    validationRows: averageOverSeeds(perSeed.map(({ validationRows }) => validationRows)),
    errorDetection: averageOverSeeds(perSeed.map(({ errorDetection }) => errorDetection)),
  };
}

function records(data: MnistData): DataRecord[] {
  const record =
    (role: DataRecord['role']) =>
    ({ name, length, fingerprint }: MnistData['train']): DataRecord => ({
      name,
      role,
      count: length,
      fingerprint,
    });
  return [
    record('in-distribution train')(data.train),
    record('in-distribution test')(data.test),
    record('outliers for training')(data.outliers),
    ...data.validationSets.map(record('outliers for validation')),
    ...data.testSets.map(record('outliers for test')),
  ];
}

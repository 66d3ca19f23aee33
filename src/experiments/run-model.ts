/** Training and measuring one model of an experiment. */
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import { detectors } from '../detectors/index.ts';
import { type Evaluation, evaluateClassifier } from '../evaluation/index.ts';
import { crossEntropy, outlierExposure } from '../objectives/index.ts';
import type { Model } from '../onnx/index.ts';
import type { Runtime } from '../runtime/index.ts';
import {
  adam,
  type CheckpointStore,
  cosineByEpoch,
  cosineSchedule,
  sgd,
  type TrainResult,
  train,
} from '../training/index.ts';
import type {
  ExperimentDeclaration,
  Inliers,
  ModelName,
  ModelSettings,
  OutlierSets,
  TrainingSettings,
} from './declaration.ts';
import type { OnProgress } from './progress.ts';

export interface ModelRun {
  name: ModelName;
  /** What progress calls it. */
  label: string;
  inliers: Inliers<ExampleSet>;
  outliers: OutlierSets<ExampleSet>;
  runtime: Runtime;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

/** As the paper trains: SGD and a cosine by step for images, Adam and a cosine by epoch for texts. */
export function trainModel(
  start: Model,
  run: ModelRun,
  settings: Pick<TrainingSettings, 'lambda' | 'weightDecay' | 'augment' | 'optimizer'> &
    ModelSettings & { epochs: number },
  { seed, store }: { seed: number; store: CheckpointStore | undefined },
): Promise<TrainResult> {
  const { name, label, inliers, outliers, onProgress } = run;
  const { epochs, learningRate, lambda, weightDecay, augment, optimizer = 'sgd' } = settings;
  const exposed = name !== 'baseline';
  const batch = exposed ? settings.batch : { ...settings.batch, outliers: 0 };
  const stepsPerEpoch = Math.floor(inliers.train!.length / batch.inliers);
  const method =
    optimizer === 'sgd'
      ? {
          optimizer: sgd({ weightDecay }),
          schedule: cosineSchedule({ peak: learningRate, steps: epochs * stepsPerEpoch }),
        }
      : {
          optimizer: adam({ weightDecay }),
          schedule: cosineByEpoch({ peak: learningRate, epochs, stepsPerEpoch }),
        };
  const what = isEncodedText(inliers.train!) ? 'texts' : 'images';
  return train(start, {
    inliers: inliers.train!,
    outliers: exposed ? outliers.train : undefined,
    objective: exposed ? outlierExposure({ lambda }) : crossEntropy(),
    ...method,
    epochs,
    batch,
    augment,
    seed,
    runtime: run.runtime,
    signal: run.signal,
    checkpoints: store && { store },
    onProgress: ({ epoch, step, steps: total, losses, imagesPerSecond, remainingSeconds }) =>
      onProgress?.({
        stage: `Train ${label}`,
        done: step,
        total,
        remainingSeconds,
        details: {
          epoch: `${epoch}/${epochs}`,
          loss: losses.loss!.toFixed(4),
          accuracy: `${(100 * losses.accuracy!).toFixed(1)} %`,
          speed: `${Math.round(imagesPerSecond).toLocaleString('en')} ${what}/s`,
        },
      }),
  });
}

/** Measures a model on D_out^test and on D_out^val. */
export async function measureModel(
  model: Model,
  run: ModelRun,
  { n, outRatio }: Pick<ExperimentDeclaration, 'n' | 'outRatio'>,
  { draws, seed, extremes }: { draws: number; seed: number; extremes: number },
): Promise<{ test: Evaluation; validation: Evaluation }> {
  const evaluate = (stage: string, outlierSets: readonly ExampleSet[], kept: number) => {
    const began = performance.now();
    return evaluateClassifier(model, {
      name: run.name,
      runtime: run.runtime,
      inliers: run.inliers.test,
      outlierSets,
      detectors,
      n,
      outRatio,
      draws,
      seed,
      extremes: kept,
      signal: run.signal,
      onProgress: (done, total) => {
        const remainingSeconds = (((performance.now() - began) / 1000) * (total - done)) / done;
        run.onProgress?.({ stage, done, total, remainingSeconds });
      },
    });
  };
  return {
    test: await evaluate(`Test ${run.label}`, run.outliers.testSets, extremes),
    validation: await evaluate(`Validate ${run.label}`, run.outliers.validationSets, 0),
  };
}

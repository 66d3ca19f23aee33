/** Training a model by its settings, and measuring it. */
import { frozenBy, type Trainable } from '../../classifier/index.ts';
import type { SharedSettings } from '../../config/index.ts';
import { type ExampleSet, isEncodedText } from '../../data/index.ts';
import { evaluateClassifier } from '../../evaluation/index.ts';
import type { OnProgress } from '../../experiments/index.ts';
import { objectiveNamed } from '../../objectives/index.ts';
import type { Model } from '../../onnx/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import {
  adam,
  type CheckpointStore,
  constantSchedule,
  cosineByEpoch,
  cosineSchedule,
  type Optimizer,
  type Schedule,
  sgd,
  type TrainResult,
  train,
} from '../../training/index.ts';
import { augmentationsOf } from './augmentations.ts';
import type { TrainingData } from './data.ts';

/** Trains a model as the settings say. */
export function trainAs(
  settings: SharedSettings,
  { model, data, branch }: { model: Model; data: TrainingData; branch?: 'trained' | 'new' },
  run: { runtime: Runtime; store: CheckpointStore; signal: AbortSignal; onProgress: OnProgress },
): Promise<TrainResult> {
  const { epochs } = settings;
  const { inliers, outliers } = data;
  const what = isEncodedText(inliers) ? 'texts' : 'images';
  return train(model, {
    inliers,
    outliers,
    objective: objectiveNamed(
      settings.objective,
      // One that was trained before is exposed in balance (ConfidenceBranchOptions.start).
      {
        ...settings,
        branchStart: branch === 'trained' && outliers ? settings.lambda || undefined : undefined,
      },
      outliers ? 'with outliers' : 'without outliers',
    ),
    optimizer: optimizerOf(settings),
    schedule: scheduleOf(settings, inliers),
    epochs,
    batch: { inliers: settings.batch, outliers: outliers ? settings.outlierBatch : 0 },
    augment: isEncodedText(inliers) ? undefined : augmentationsOf(settings, inliers.shape),
    outlierOrder: settings.outlierOrder,
    seed: settings.seed,
    trainable: trainableOf(settings, model),
    normalization: settings.batchNorm,
    runtime: run.runtime,
    signal: run.signal,
    checkpoints: { store: run.store },
    onProgress: ({ epoch, step, steps: total, losses, imagesPerSecond, remainingSeconds }) =>
      run.onProgress({
        stage: 'Train',
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

/** What the patterns of `freeze` leave to train. */
export function trainableOf({ freeze }: SharedSettings, { graph }: Model): Trainable | undefined {
  return freeze === undefined ? undefined : frozenBy([freeze].flat(), graph.initializers.keys());
}

export function optimizerOf({ optimizer, momentum, weightDecay }: SharedSettings): Optimizer {
  return optimizer === 'adam' ? adam({ weightDecay }) : sgd({ momentum, weightDecay });
}

/** How the learning rate goes on over a training; it begins at `peak`. */
export function scheduleOf(
  { schedule, epochs, batch, learningRate }: SharedSettings,
  { length }: Pick<ExampleSet, 'length'>,
  peak = learningRate,
): Schedule {
  const stepsPerEpoch = Math.floor(length / batch);
  if (schedule === 'constant') return constantSchedule(peak);
  return schedule === 'cosine-by-epoch'
    ? cosineByEpoch({ peak, epochs, stepsPerEpoch })
    : cosineSchedule({ peak, steps: epochs * stepsPerEpoch });
}

/** Measures the share of validation examples that a model gets wrong, where there are any. */
export function errorMeter(
  { validation }: TrainingData,
  run: { runtime: Runtime; seed: number; signal: AbortSignal; onProgress: OnProgress },
): (model: Model, stage: string) => Promise<number | undefined> {
  return async (model, stage) => {
    if (!validation) return undefined;
    const { testError } = await evaluateClassifier(model, {
      name: 'model',
      runtime: run.runtime,
      inliers: validation,
      outlierSets: [],
      detectors: [],
      seed: run.seed,
      signal: run.signal,
      onProgress: (done, total) => run.onProgress({ stage, done, total }),
    });
    return testError;
  };
}

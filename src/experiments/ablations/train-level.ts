/** Training the model of a level. */

import type { ImageSource } from '../../data/index.ts';
import { subset } from '../../data/index.ts';
import { outlierExposure } from '../../objectives/index.ts';
import type { Model } from '../../onnx/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import {
  type CheckpointStore,
  type TrainOptions,
  type TrainResult,
  trainWithOutlierExposure,
} from '../../training/index.ts';
import type { Inliers } from '../declaration.ts';
import type { OnProgress } from '../progress.ts';
import type { LevelSettings } from './ablation.ts';

export interface LevelRun {
  /** What progress calls it. */
  stage: string;
  inliers: Inliers & { train: ImageSource };
  weightDecay: number;
  augment: TrainOptions['augment'];
  seed: number;
  store: CheckpointStore | undefined;
  runtime: Runtime;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

/** Trains as the experiment fine-tunes, but for the level's settings. */
export function trainLevel(model: Model, settings: LevelSettings, run: LevelRun): Promise<TrainResult> {
  const { lambda, batch, epochs, learningRate, order, objective } = settings;
  const { stage, inliers, weightDecay, augment, seed, store, runtime, signal, onProgress } = run;
  return trainWithOutlierExposure({
    model,
    inliers: inliers.train,
    outliers: enough(settings.outliers, batch.outliers),
    objective: objective ?? outlierExposure({ lambda }),
    epochs,
    learningRate,
    weightDecay,
    batch,
    augment,
    outlierOrder: order,
    seed,
    runtime,
    signal,
    checkpoints: store && { store },
    onProgress: ({ epoch, step, steps: total, losses, remainingSeconds }) =>
      onProgress?.({
        stage,
        done: step,
        total,
        remainingSeconds,
        details: {
          epoch: `${epoch}/${epochs}`,
          loss: losses.loss!.toFixed(4),
          accuracy: `${(100 * losses.accuracy!).toFixed(1)} %`,
        },
      }),
  });
}

/** A set of fewer images than a batch takes, over and over. */
export function enough(source: ImageSource, count: number): ImageSource {
  if (source.length >= count) return source;
  const times = Math.ceil(count / source.length);
  return subset(
    source,
    Uint32Array.from({ length: times * source.length }, (_, i) => i % source.length),
  );
}

/** What a training costs beside others: images that go through the network, there and back. */
export function trainingCost(
  inliers: number,
  { batch, epochs }: { batch: { inliers: number; outliers: number }; epochs: number },
): number {
  return 3 * epochs * Math.floor(inliers / batch.inliers) * (batch.inliers + batch.outliers);
}

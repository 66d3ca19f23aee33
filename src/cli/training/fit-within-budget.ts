/** Tuning within a budget of accuracy, by a run's settings. */
import { type BudgetProgress, tuneWithinBudget } from '../../budget/index.ts';
import type { ImageSource } from '../../data/index.ts';
import { augmentationsOf } from './augmentations.ts';
import type { TrainingData } from './data.ts';
import { optimizerOf, scheduleOf, trainableOf } from './fit.ts';
import type { Fit } from './run.ts';

/** @param percentagePoints how much the error on the validation images may rise */
export function fitWithinBudget(percentagePoints: number, data: TrainingData<ImageSource>): Fit {
  return async (settings, { model }, { runtime, storeOf, signal, onProgress }) => {
    const { inliers, outliers, validation } = data;
    const { epochs, lambda, learningRate, batch, outlierBatch, outlierOrder, seed } = settings;
    const result = await tuneWithinBudget({
      model,
      inliers,
      outliers: outliers!,
      heldOut: validation,
      maxErrorIncrease: percentagePoints / 100,
      lambda,
      epochs,
      learningRate,
      optimizer: optimizerOf(settings),
      schedule: (peak) => scheduleOf(settings, inliers, peak),
      batch: { inliers: batch, outliers: outlierBatch },
      augment: augmentationsOf(settings, inliers.shape),
      outlierOrder,
      trainable: trainableOf(settings, model),
      seed,
      runtime,
      signal,
      checkpoints: storeOf,
      onProgress: (progress) => onProgress(shown(progress)),
    });
    const { model: chosen, runs, seconds, ...tradeOff } = result;
    const { history, stallShare } = runs[(tradeOff.chosen?.run ?? runs.length) - 1]!;
    return { model: chosen, history, seconds, stallShare, tradeOff };
  };
}

function shown(progress: BudgetProgress): Parameters<Parameters<Fit>[2]['onProgress']>[0] {
  const { stage, run, runs, done, total, losses, imagesPerSecond, epoch, epochs, remainingSeconds } =
    progress;
  const what = run === 0 ? 'the model as it is' : `tuning ${run} of at most ${runs}`;
  return {
    stage: stage === 'tune' ? `Train, ${what}` : `Measure ${what}`,
    done,
    total,
    ...(remainingSeconds === undefined ? {} : { remainingSeconds }),
    ...(losses
      ? {
          details: {
            epoch: `${epoch}/${epochs}`,
            loss: losses.loss!.toFixed(4),
            accuracy: `${(100 * losses.accuracy!).toFixed(1)} %`,
            speed: `${Math.round(imagesPerSecond!).toLocaleString('en')} images/s`,
          },
        }
      : {}),
  };
}

/** Outlier Exposure that may cost only so much accuracy. */
import { subset } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { outlierExposure, withDistillation } from '../objectives/index.ts';
import type { Model } from '../onnx/index.ts';
import { cosineSchedule } from '../training/schedule.ts';
import { sgd } from '../training/sgd.ts';
import { type TrainResult, train } from '../training/trainer.ts';
import { holdOut, madeOutliers } from './held-out.ts';
import { interpolateModels } from './interpolate.ts';
import { bestWithin, searchLine } from './line.ts';
import { errorOfDifference, type Measured, measure } from './measure.ts';
import type { BudgetOptions, BudgetPoint, BudgetResult, BudgetSettings } from './options.ts';
import { BudgetClock } from './progress.ts';
import { firstSettings, nextSettings } from './steering.ts';

/** Tunings a search takes at most: it costs about twice a plain one. */
const RUNS = 2;

/** Tunings that may fail for too high a learning rate before the search does. */
const MOST_DIVERGED = 2;

/** Held-out images and outliers of each set that are measured at most: a search measures about a dozen models. */
const MOST_HELD_OUT = 10_000;
const MOST_OUTLIERS = 500;

interface Candidate extends BudgetPoint {
  model: Model;
  measured: Measured;
}

/**
 * Fine-tunes a classifier by Outlier Exposure, and keeps the best detector whose error on held-out images has risen by no
 * more than a budget. Two tunings are made, the second with a higher or lower learning rate, by what came of the first; of each, the
 * models on the straight line between the baseline's weights and the tuned ones are measured. What counts is the mean AUROC
 * over validation outliers, which are made from held-out images. When nothing within the budget detects better than the
 * baseline, the baseline is returned as it was.
 *
 * The same seed, model, data, machine and number of threads give the same result.
 *
 * @throws OutlierExposureError `invalid-argument` for a budget below 0, for unlabelled images, or for sets that are too small;
 *   the signal's reason when aborted
 */
export async function tuneWithinBudget(options: BudgetOptions): Promise<BudgetResult> {
  const { model: baseline, maxErrorIncrease, runtime, signal, seed = 1 } = options;
  const started = performance.now();
  checkBudget(maxErrorIncrease);
  const { inliers, heldOut } = parts(options, seed);
  const outliers = options.validationOutliers ?? madeOutliers(heldOut, { model: baseline, seed });
  if (outliers.length === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      'There are no validation outliers to choose by: give at least one set of them, or leave validationOutliers out to have them made from the held-out images.',
    );
  }
  const clock = new BudgetClock(RUNS, options.onProgress);
  const measuring = {
    runtime,
    heldOut,
    outliers,
    outlierCount: Math.min(MOST_OUTLIERS, heldOut.length),
    signal,
  };
  const measured = (model: Model, run: number) =>
    measure(model, { ...measuring, onProgress: (done, total) => clock.measuring(run, done, total) });

  const before = await measured(baseline, 0);
  const candidates: Candidate[] = [];
  const runs: BudgetResult['runs'] = [];
  let settings = firstSettings(options);
  let diverged = 0;
  while (runs.length < RUNS) {
    const used = settings;
    const run = runs.length + 1;
    const place = { run, attempt: run + diverged };
    const tuned = await tune({ ...options, inliers, seed }, used, place, clock).catch((error: unknown) => {
      if (!isDivergence(error) || (runs.length === 0 && ++diverged > MOST_DIVERGED)) throw error;
    });
    // What was stronger than a tuning that went well is not needed.
    if (!tuned && runs.length > 0) break;
    if (!tuned) {
      settings = { ...used, learningRate: used.learningRate / 4 };
      continue;
    }
    const { history, seconds, stallShare } = tuned;
    runs.push({ settings: used, history, seconds, stallShare });
    const points = await searchLine(async (share): Promise<Candidate> => {
      const model = interpolateModels(baseline, tuned.model, share);
      const after = await measured(model, run);
      const errorIncrease = after.error - before.error;
      return {
        run,
        settings: used,
        share,
        error: after.error,
        errorIncrease,
        standardError: errorOfDifference(before, after),
        meanAuroc: after.meanAuroc,
        // Differences of counts over the same images are exact but for the division.
        withinBudget: errorIncrease <= maxErrorIncrease + 1e-9,
        model,
        measured: after,
      };
    });
    candidates.push(...points);
    settings = nextSettings(used, points);
  }
  const best = bestWithin(candidates);
  const chosen = best && best.meanAuroc > before.meanAuroc ? best : undefined;
  return {
    model: chosen?.model ?? baseline,
    maxErrorIncrease,
    heldOut: { name: heldOut.name, count: heldOut.length, fingerprint: heldOut.fingerprint },
    baseline: { error: before.error, meanAuroc: before.meanAuroc, aurocs: before.aurocs },
    curve: candidates.map(pointOf),
    ...(chosen ? { chosen: { ...pointOf(chosen), aurocs: chosen.measured.aurocs } } : {}),
    runs,
    seconds: (performance.now() - started) / 1000,
  };
}

/** A candidate without its model. */
function pointOf({ model: _, measured: __, ...point }: Candidate): BudgetPoint {
  return point;
}

function tune(
  options: BudgetOptions & { seed: number },
  { lambda, distillation, normalization, learningRate }: BudgetSettings,
  { run, attempt }: { run: number; attempt: number },
  clock: BudgetClock,
): Promise<TrainResult> {
  const { model, epochs = 10, weightDecay = 5e-4, checkpoints } = options;
  const { inliers, outliers, augment, outlierOrder, trainable, runtime, signal, seed } = options;
  const { batch = { inliers: 128, outliers: 256 }, optimizer = sgd({ weightDecay }) } = options;
  const steps = epochs * Math.floor(inliers.length / batch.inliers);
  const exposure = outlierExposure({ lambda });
  return train(model, {
    inliers,
    outliers,
    augment,
    outlierOrder,
    trainable,
    runtime,
    signal,
    seed,
    batch,
    epochs,
    optimizer,
    normalization,
    objective: distillation > 0 ? withDistillation(exposure, { weight: distillation }) : exposure,
    teacher: model,
    schedule: options.schedule?.(learningRate) ?? cosineSchedule({ peak: learningRate, steps }),
    checkpoints: checkpoints && { store: checkpoints(attempt) },
    onProgress: (progress) => clock.tuning(run, progress),
  });
}

/** What is trained on, and what is measured on. */
function parts({ inliers, heldOut, heldOutShare = 0.1 }: BudgetOptions, seed: number) {
  const given = heldOut ? { rest: inliers, heldOut } : holdOut(inliers, { share: heldOutShare, seed });
  if (!given.heldOut.labels) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The held-out images "${given.heldOut.name}" have no labels, so that no error can be measured on them.`,
    );
  }
  const most = Math.min(given.heldOut.length, MOST_HELD_OUT);
  return {
    inliers: given.rest,
    heldOut: most < given.heldOut.length ? subset(given.heldOut, most, { seed }) : given.heldOut,
  };
}

function isDivergence(error: unknown): boolean {
  return error instanceof OutlierExposureError && error.code === 'diverged';
}

function checkBudget(maxErrorIncrease: number): void {
  if (maxErrorIncrease >= 0 && maxErrorIncrease < 1) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `The budget is a rise of the error by ${maxErrorIncrease}, but it must be a share from 0 to below 1 (0.005 is half a percentage point).`,
  );
}

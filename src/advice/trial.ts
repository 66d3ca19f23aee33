/** Trying outliers out: short fine-tunes by Outlier Exposure, measured before and after. */
import type { ExampleSet } from '../data/index.ts';
import { isEncodedText } from '../data/index.ts';
import { outlierExposure } from '../objectives/index.ts';
import type { Model } from '../onnx/index.ts';
import { Random } from '../random.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { adam } from '../training/adam.ts';
import { cosineSchedule } from '../training/schedule.ts';
import { sgd } from '../training/sgd.ts';
import { train } from '../training/trainer.ts';
import { type Judged, type Judges, judge, mean } from './measure.ts';
import type { TrialSettings } from './options.ts';
import { selectExamples } from './select.ts';

/** The paper's on CIFAR. */
const WEIGHT_DECAY = 5e-4;

export interface TrialRun extends Judges {
  model: Model;
  inliers: ExampleSet;
  before: Judged;
  runtime: Runtime;
  signal?: AbortSignal | undefined;
}

/** What tunings on a set did, before anything is averaged. */
export interface Tried {
  /** Rise of AUROC by judge, for each tuning. */
  tunings: Record<string, number>[];
  /** Rise of the error on held-out examples, on average. */
  errorChange: number;
  /** Seconds of one tuning, on average. */
  seconds: number;
  /** The models after tuning, as measured. */
  after: Judged[];
}

/**
 * Tunes the model several times for a few steps on a candidate, from seeds of their own, and measures each. A tuning's
 * in-distribution examples and their order depend on its seed alone, so that candidates are compared on equal terms.
 *
 * @param onStep told how many steps of all tunings are done
 * @throws OutlierExposureError `diverged` when a loss stops being a number
 */
export async function tryOutliers(
  outliers: ExampleSet,
  settings: TrialSettings,
  run: TrialRun,
  onStep: (done: number, total: number) => void,
): Promise<Tried> {
  const { tunings, steps } = settings;
  const after: Judged[] = [];
  const began = performance.now();
  for (let tuning = 0; tuning < tunings; tuning++) {
    const seed = settings.seed + tuning;
    const tuned = await tuneBriefly(outliers, { ...settings, seed }, run, (step) =>
      onStep(tuning * steps + step, tunings * steps),
    );
    after.push(await judge(tuned, run, { ...run, seed: settings.seed }));
  }
  const seconds = (performance.now() - began) / 1000 / tunings;
  const { before } = run;
  const risen = ({ aurocs }: Judged) =>
    Object.fromEntries(Object.entries(before.aurocs).map(([name, value]) => [name, aurocs[name]! - value]));
  const errorChange = mean(after.map(({ error }) => error)) - before.error;
  return { tunings: after.map(risen), errorChange, seconds, after };
}

/** One short tuning. */
export async function tuneBriefly(
  outliers: ExampleSet,
  { steps, lambda, learningRate, batch, normalization, seed }: Omit<TrialSettings, 'tunings'>,
  { model, inliers, runtime, signal }: Pick<TrialRun, 'model' | 'inliers' | 'runtime' | 'signal'>,
  onStep: (step: number) => void,
): Promise<Model> {
  // So many whole epochs of a part of the inliers that the steps come out.
  const epochs = Math.ceil((steps * batch.inliers) / inliers.length);
  const stepsPerEpoch = Math.ceil(steps / epochs);
  const part = cycled(inliers, stepsPerEpoch * batch.inliers, Random.from(seed, 'advice, inliers'));
  const texts = isEncodedText(inliers);
  const { model: tuned } = await train(model, {
    inliers: part,
    outliers: cycled(outliers, Math.max(outliers.length, batch.outliers)),
    objective: outlierExposure({ lambda }),
    optimizer: texts ? adam() : sgd({ weightDecay: WEIGHT_DECAY }),
    schedule: cosineSchedule({ peak: learningRate, steps: epochs * stepsPerEpoch }),
    epochs,
    batch,
    // A few steps in a set's own order would show a part of it that need not be like the rest.
    outlierOrder: 'shuffled',
    normalization,
    seed,
    runtime,
    signal,
    onProgress: ({ step, steps: all }) => onStep(Math.min(steps, Math.round((steps * step) / all))),
  });
  return tuned;
}

/** So many examples of a set, in a random order if one is given; a smaller set starts over. */
function cycled(set: ExampleSet, count: number, random?: Random): ExampleSet {
  if (!random && count === set.length) return set;
  const order = random?.permutation(set.length);
  return selectExamples(
    set,
    Uint32Array.from({ length: count }, (_, i) => order?.[i % set.length] ?? i % set.length),
  );
}

/** Training and measuring one model of an experiment. */
import { CONFIDENCE } from '../classifier/index.ts';
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import {
  type Detector,
  describeDetector,
  findDetector,
  msp,
  uniformCrossEntropy,
} from '../detectors/index.ts';
import { applicableDetectors, type Evaluation, evaluateClassifier } from '../evaluation/index.ts';
import { withBranch } from '../nn/index.ts';
import { objectiveNamed } from '../objectives/index.ts';
import type { Model } from '../onnx/index.ts';
import type { Runtime } from '../runtime/index.ts';
import {
  adam,
  type CheckpointStore,
  cosineByEpoch,
  cosineSchedule,
  fallingSchedule,
  sgd,
  type TrainProgress,
  type TrainResult,
  train,
} from '../training/index.ts';
import type {
  ExperimentDeclaration,
  Inliers,
  ModelName,
  OutlierSets,
  TrainingSettings,
} from './declaration.ts';
import { MODEL_KINDS } from './model-kinds.ts';
import type { Plan, PlannedModel } from './plan.ts';
import { type OnProgress, stageMeter } from './progress.ts';
import { type Synthetic, trainSynthetic } from './train-synthetic.ts';

/** What rows of each model's own score are called. */
const OWN_SCORE = 'own';

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
  settings: Omit<TrainingSettings, 'models'> & PlannedModel,
  { seed, store }: { seed: number; store: CheckpointStore | undefined },
): Promise<TrainResult & { synthetic?: Synthetic }> {
  const { name, label, inliers, outliers, onProgress } = run;
  const { epochs, learningRate, lambda, weightDecay, augment, optimizer = 'sgd', falls } = settings;
  const kind = MODEL_KINDS[name];
  const exposed = kind.exposure === 'with outliers';
  const made = kind.objective === 'synthetic-outliers';
  const batch = exposed || made ? settings.batch : { ...settings.batch, outliers: 0 };
  const stepsPerEpoch = Math.floor(inliers.train!.length / batch.inliers);
  const steps = epochs * stepsPerEpoch;
  const cosine =
    optimizer === 'sgd'
      ? cosineSchedule({ peak: learningRate, steps })
      : cosineByEpoch({ peak: learningRate, epochs, stepsPerEpoch });
  const method = {
    optimizer: (optimizer === 'sgd' ? sgd : adam)({ weightDecay }),
    schedule: falls ? fallingSchedule({ rate: learningRate, steps, ...falls }) : cosine,
  };
  const what = isEncodedText(inliers.train!) ? 'texts' : 'images';
  const common = {
    ...method,
    epochs,
    batch,
    augment,
    seed,
    runtime: run.runtime,
    signal: run.signal,
    checkpoints: store && { store },
    onProgress: ({ epoch, step, steps: total, losses, imagesPerSecond, remainingSeconds }: TrainProgress) =>
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
  };
  if (kind.objective === 'synthetic-outliers')
    return trainSynthetic(start, inliers.train!, settings.synthetic ?? {}, common);
  // A branch that was trained before is exposed in balance (ConfidenceBranchOptions.start).
  const branchStart = start.graph.outputs.has(CONFIDENCE) && lambda > 0 ? lambda : undefined;
  const objective = objectiveNamed(kind.objective, { lambda, branchStart }, kind.exposure);
  const model = objective.branch ? withBranch(start, objective.branch, { seed }) : start;
  return train(model, {
    ...common,
    inliers: inliers.train!,
    outliers: exposed ? outliers.train : undefined,
    objective,
  });
}

/** Measures a model on D_out^test and on D_out^val, by the scores that its experiment compares. */
export async function measureModel(
  model: Model,
  run: ModelRun,
  { n, outRatio }: Pick<ExperimentDeclaration, 'n' | 'outRatio'>,
  {
    scores,
    draws,
    seed,
    extremes,
    further,
  }: {
    scores: Plan['scores'];
    draws: number;
    seed: number;
    extremes: number;
    further: readonly string[];
  },
): Promise<{ test: Evaluation; validation: Evaluation }> {
  const own =
    scores === 'own'
      ? [{ ...MODEL_KINDS[run.name].detector, name: OWN_SCORE }, msp]
      : [msp, uniformCrossEntropy];
  const detectors = [...own, ...furtherDetectors(further, model, run, own)];
  const evaluate = (
    stage: string,
    outlierSets: readonly ExampleSet[],
    kept: number,
    detectors: readonly Detector[],
  ) => {
    return evaluateClassifier(model, {
      name: run.name,
      runtime: run.runtime,
      inliers: run.inliers.test,
      outlierSets,
      detectors,
      fit: run.inliers.train,
      n,
      outRatio,
      draws,
      seed,
      extremes: kept,
      signal: run.signal,
      onFit: stageMeter(`Fit detectors of ${run.label}`, run.onProgress),
      onProgress: stageMeter(stage, run.onProgress),
    });
  };
  return {
    test: await evaluate(`Test ${run.label}`, run.outliers.testSets, extremes, detectors),
    validation: await evaluate(`Validate ${run.label}`, run.outliers.validationSets, 0, own),
  };
}

/** What was asked for beside the experiment's own scores; of `all`, what the model can have. */
function furtherDetectors(
  names: readonly string[],
  model: Model,
  { inliers }: ModelRun,
  own: readonly Detector[],
): Detector[] {
  const { train, test } = inliers;
  const examples = isEncodedText(test) ? 'texts' : 'images';
  const found = names.includes('all')
    ? applicableDetectors([model], { fits: train !== undefined, examples }).detectors
    : names.map(findDetector);
  const taken = own.map(describeDetector);
  return found.filter((detector) => !taken.includes(describeDetector(detector)));
}

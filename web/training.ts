/** Fine-tuning with Outlier Exposure on the page, measured as it goes. */
import {
  detectionMetrics,
  type ExampleSet,
  type Model,
  type Runtime,
  type TensorData,
  type TrainProgress,
  trainWithOutlierExposure,
  withWeights,
} from 'outlier-exposure';
import { openClassifier } from './classifier.ts';
import type { Playground, ShownSet } from './load.ts';

/** Half the paper's batch for MNIST: shorter steps for slower machines. */
const BATCH = { inliers: 25, outliers: 50 };
/** How often the test examples are scored while training goes on. */
const MEASURE_SECONDS = 1;
/** How many test examples of each set are scored then. */
const MEASURED = 100;

export interface TrainingRun {
  model: Model;
  settings: NonNullable<Playground['training']>;
  inliers: ExampleSet;
  outliers: ExampleSet;
  /** Test examples; none of them is trained on. */
  sets: readonly ShownSet[];
  epochs: number;
  runtime: Runtime;
  signal: AbortSignal;
  onStep(progress: TrainProgress): void;
  /** @param at the share of the steps that are done */
  onMeasure(at: number, auroc: number): void;
}

/** @returns the model with other weights */
export async function fineTune(run: TrainingRun): Promise<Model> {
  const { model, settings, inliers, outliers, epochs, runtime, signal, sets } = run;
  const steps = epochs * Math.floor(inliers.length / BATCH.inliers);
  run.onMeasure(0, await meanAuroc(model, sets, runtime));
  const trained = await trainWithOutlierExposure({
    model,
    inliers,
    outliers,
    batch: BATCH,
    epochs,
    learningRate: settings.learningRate,
    lambda: settings.lambda,
    weightDecay: 0,
    runtime,
    signal,
    onProgress: run.onStep,
    // Checkpoints are looked at, not kept.
    checkpoints: {
      everySeconds: MEASURE_SECONDS,
      store: {
        load: async () => undefined,
        save: async ({ step, variables }) => {
          if (signal.aborted || step === steps) return;
          const weights = new Map<string, TensorData>();
          for (const [name, tensor] of Object.entries(variables))
            if (model.graph.initializers.has(name)) weights.set(name, tensor);
          run.onMeasure(step / steps, await meanAuroc(withWeights(model, weights), sets, runtime));
        },
      },
    },
  });
  run.onMeasure(1, await meanAuroc(trained.model, sets, runtime));
  return trained.model;
}

/** The mean over the sets of outliers of the AUROC by MSP, on the first examples of the page. */
async function meanAuroc(model: Model, sets: readonly ShownSet[], runtime: Runtime): Promise<number> {
  const classifier = await openClassifier(model, runtime);
  try {
    const inliers = await classifier.scores(sets.find(({ role }) => role === 'in')!.examples, MEASURED);
    const strange = sets.filter(({ role }) => role === 'out');
    let sum = 0;
    for (const { examples } of strange)
      sum += detectionMetrics(inliers, await classifier.scores(examples, MEASURED)).auroc;
    return sum / strange.length;
  } finally {
    await classifier.release();
  }
}

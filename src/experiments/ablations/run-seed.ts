/** One seed of an ablation: its baseline, and the model of every level, trained and measured. */

import type { ImageSource } from '../../data/index.ts';
import { type Detector, msp } from '../../detectors/index.ts';
import { evaluateClassifier } from '../../evaluation/index.ts';
import type { Model } from '../../onnx/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import type { CheckpointStore } from '../../training/index.ts';
import type { LoadedData } from '../loaded-data.ts';
import type { Plan } from '../plan.ts';
import type { OnProgress } from '../progress.ts';
import type { TrainingRecord } from '../results.ts';
import { trainModel } from '../run-model.ts';
import type { AblationContext, Level, LevelSettings } from './ablation.ts';
import { BASELINE } from './levels.ts';
import type { LevelMeasurements } from './results.ts';
import { trainingCost, trainLevel } from './train-level.ts';

/** What is the same for all seeds. */
export interface SeedRun {
  context: AblationContext;
  levels: readonly Level[];
  testSets: readonly ImageSource[];
  plan: Plan;
  data: LoadedData;
  draws: number;
  /** Told the cost of the next stage; gives where that reports to. */
  progressOf(cost: number): OnProgress;
  storeOf: ((seed: number, model: string) => CheckpointStore) | undefined;
  runtime: Runtime;
  signal: AbortSignal | undefined;
  /** A stage's name with the seed, where there are several. */
  stageOf(text: string, seed: number): string;
}

/** How a level is trained, whatever it says itself. */
export function settingsOf({ tuning }: Pick<AblationContext, 'tuning'>, level: Level): LevelSettings {
  return { ...tuning, ...level };
}

/** What a seed costs: its trainings, and each measurement. In images that go through the network. */
export function costsOf({
  context,
  levels,
  testSets,
  plan,
  draws,
}: Pick<SeedRun, 'context' | 'levels' | 'testSets' | 'plan' | 'draws'>) {
  const { inliers, declaration } = context;
  const { baseline } = plan.models;
  const count = inliers.train.length;
  const ofBaseline = baseline
    ? trainingCost(count, { ...baseline, batch: { ...baseline.batch, outliers: 0 } })
    : 0;
  const ofLevels = levels.map((level) =>
    level.sameModelAs === undefined ? trainingCost(count, settingsOf(context, level)) : 0,
  );
  const measuring = inliers.test.length * (1 + declaration.outRatio * testSets.length * draws);
  const total = ofLevels.reduce((sum, cost) => sum + cost, ofBaseline + (levels.length + 1) * measuring);
  return { ofBaseline, ofLevels, measuring, total };
}

export async function runSeed(
  seed: number,
  run: SeedRun,
): Promise<LevelMeasurements & { training: TrainingRecord[] }> {
  const { context, levels, plan, data, progressOf, storeOf, runtime, signal } = run;
  const { inliers, declaration } = context;
  const costs = costsOf(run);
  const measured: LevelMeasurements = { models: [], rows: [] };
  const training: TrainingRecord[] = [];
  const of = (text: string) => run.stageOf(text, seed);
  const keep = (model: string, { seconds, stallShare, history }: Omit<TrainingRecord, 'seed' | 'model'>) =>
    training.push({ seed, model, seconds, stallShare, history });
  const measure = async (model: Model, name: string, title: string, detector: Detector = msp) => {
    const { testError, rows } = await measureLevel(model, detector, {
      ...run,
      name,
      stage: of(`Test ${title}`),
      onProgress: progressOf(costs.measuring),
    });
    measured.models.push({ name, testError });
    measured.rows.push(...rows);
  };

  let base = data.elsewhere?.model;
  if (plan.models.baseline) {
    const trained = await trainModel(
      data.newModel(seed),
      {
        name: BASELINE,
        label: of(BASELINE),
        inliers,
        outliers: { testSets: [], validationSets: [], notes: [] },
        runtime,
        signal,
        onProgress: progressOf(costs.ofBaseline),
      },
      { ...declaration.training, ...plan.models.baseline },
      { seed, store: storeOf?.(seed, BASELINE) },
    );
    keep(BASELINE, trained);
    base = trained.model;
  }
  await measure(base!, BASELINE, BASELINE);
  const made = new Map<string, Model>();
  for (const [i, level] of levels.entries()) {
    let model = level.sameModelAs === undefined ? undefined : made.get(level.sameModelAs);
    if (!model) {
      const settings = settingsOf(context, level);
      const trained = await trainLevel(
        settings.start === 'baseline' ? base! : data.newModel(seed),
        settings,
        {
          stage: of(`Train ${i + 1}/${levels.length}, ${level.title}`),
          inliers,
          weightDecay: declaration.training.weightDecay,
          augment: declaration.training.augment,
          seed,
          store: storeOf?.(seed, level.name),
          runtime,
          signal,
          onProgress: progressOf(costs.ofLevels[i]!),
        },
      );
      keep(level.name, trained);
      model = trained.model;
      made.set(level.name, model);
    }
    await measure(model, level.name, level.title, level.detector);
  }
  return { ...measured, training };
}

function measureLevel(
  model: Model,
  detector: Detector,
  {
    context: { inliers, declaration, seed },
    testSets,
    draws,
    runtime,
    signal,
    name,
    stage,
    onProgress,
  }: SeedRun & { name: string; stage: string; onProgress: OnProgress },
) {
  return evaluateClassifier(model, {
    name,
    runtime,
    inliers: inliers.test,
    outlierSets: testSets,
    detectors: [detector],
    n: declaration.n,
    outRatio: declaration.outRatio,
    draws,
    // The same draws for every seed.
    seed,
    signal,
    onProgress: (done, total) => onProgress({ stage, done, total }),
  });
}

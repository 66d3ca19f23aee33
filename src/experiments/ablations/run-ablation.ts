/** Runs an ablation: one baseline a seed, one training a level, all measured on the same sets. Node only. */
import type { ImageSource } from '../../data/index.ts';
import { describeDetector, msp } from '../../detectors/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { averageOverSeeds } from '../../evaluation/index.ts';
import { meanAndStd } from '../../metrics/index.ts';
import type { ImageDeclaration } from '../declaration.ts';
import { environment, packageVersion } from '../environment.ts';
import { flagsOf } from '../flags.ts';
import { loadData } from '../load.ts';
import type { ExperimentOptions } from '../options.ts';
import { planOf } from '../plan.ts';
import type { TrainingRecord } from '../results.ts';
import { dataRecord, setsByRole } from '../summarize.ts';
import type { Ablation, Level, LevelSettings } from './ablation.ts';
import { contextOf } from './context.ts';
import { BASELINE, levelsOf } from './levels.ts';
import type { AblationResults, LevelMeasurements, LevelRecord } from './results.ts';
import { costsOf, runSeed, settingsOf } from './run-seed.ts';
import { wholeProgress } from './whole-progress.ts';

export interface AblationOptions
  extends Pick<
    ExperimentOptions,
    | 'seeds'
    | 'seed'
    | 'draws'
    | 'size'
    | 'network'
    | 'from'
    | 'normalization'
    | 'trainSize'
    | 'epochs'
    | 'tuneEpochs'
    | 'batch'
    | 'outliers'
    | 'exclude'
    | 'folder'
    | 'files'
    | 'runtime'
    | 'checkpoints'
    | 'signal'
    | 'onProgress'
  > {
  /** The levels, as texts. Default: the ablation's own. */
  levels?: readonly string[] | undefined;
}

/**
 * Trains one baseline a seed, from it the model of every level, and measures them on D_out^test. Sets that any level
 * was shown are not tested, so that all means are over the same sets.
 *
 * @throws OutlierExposureError when data are missing or do not fit, or a level is none; the signal's reason when aborted
 */
export async function runAblation(
  ablation: Ablation,
  declaration: ImageDeclaration,
  options: AblationOptions,
): Promise<AblationResults> {
  const { seeds = 1, seed = 1, draws = 1, runtime, signal } = options;
  const startedAt = new Date();
  const clock = performance.now();
  const plan = planOf(declaration, { ...options, scratch: ablation.fromScratch ? 'with' : 'without' });
  const data = await loadData(declaration, options, plan);
  const opened: ImageSource[] = [];
  try {
    const context = contextOf(ablation, declaration, options, plan, data, opened);
    const { inliers } = context;
    const levels = await levelsOf(ablation, context, options.levels);
    const shown = new Map(
      levels.map((level) => settingsOf(context, level).outliers).map((source) => [source.name, source]),
    );
    const testSets = context.testSets.filter(({ name }) => !shown.has(name));
    if (testSets.length === 0) {
      throw new OutlierExposureError(
        'invalid-argument',
        `The levels show every set that there is to test with (${[...shown.keys()].join(', ')}): name fewer (--levels), or give further sets with --ood NAME=PATH.`,
      );
    }
    const notes = await context.notesOn([...shown.values()], testSets);
    const records = levels.map((level) => recordOf(level, settingsOf(context, level)));
    const config = {
      size: plan.size,
      network: data.elsewhere?.model.metadata.get('architecture') ?? plan.network,
      ...(options.from === undefined ? {} : { from: options.from, fromSha256: data.elsewhere!.sha256 }),
      ...data.config,
      baseline: plan.models.baseline ?? null,
      weightDecay: declaration.training.weightDecay,
      trainSize: inliers.train.length,
      outRatio: declaration.outRatio,
    };
    const storeOf = await options.checkpoints?.({
      experiment: `ablation-${ablation.name} of ${declaration.name}`,
      config: JSON.stringify(config),
      levels: JSON.stringify(records),
      version: packageVersion(),
      'training images': inliers.train.fingerprint,
    });

    const common = { context, levels, testSets, plan, data, draws, storeOf, runtime, signal };
    const progressOf = wholeProgress(seeds * costsOf(common).total, (progress) =>
      options.onProgress?.(progress),
    );
    const stageOf = (text: string, of: number) => (seeds > 1 ? `${text} (seed ${of})` : text);
    const training: TrainingRecord[] = [];
    const perSeed: AblationResults['perSeed'] = [];
    for (let current = seed; current < seed + seeds; current++) {
      const { training: records, ...measured } = await runSeed(current, { ...common, progressOf, stageOf });
      training.push(...records);
      perSeed.push({ seed: current, ...measured });
    }
    return {
      ablation: ablation.name,
      experiment: declaration.name,
      title: `${ablation.title}: ${declaration.subject.many}`,
      question: ablation.question,
      factor: ablation.factor,
      levelsAre: ablation.levelsAre,
      paper: ablation.paper,
      subject: declaration.subject,
      startedAt: startedAt.toISOString(),
      n: declaration.n,
      config,
      flags: [
        ...flagsOf(options, options.outliers),
        ...(options.levels ? ['--levels', options.levels.join(',')] : []),
      ],
      notes,
      seeds: perSeed.map((each) => each.seed),
      draws,
      levels: [{ name: BASELINE, title: 'baseline, not exposed', score: describeDetector(msp) }, ...records],
      ...averaged(perSeed),
      perSeed,
      training,
      data: [
        ...setsByRole(inliers, { testSets: [...testSets], validationSets: [], notes }),
        ...[...shown.values()].map((source) => ({ role: 'outliers for training' as const, source })),
      ].map(dataRecord),
      ...environment(),
      durations: {
        training: training.reduce((sum, { seconds }) => sum + seconds, 0),
        total: (performance.now() - clock) / 1000,
      },
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await Promise.all(opened.map((source) => source.close?.()));
    await data.close();
  }
}

function recordOf({ name, title, detector = msp, sameModelAs }: Level, settings: LevelSettings): LevelRecord {
  const { outliers, objective, lambda, batch, epochs, learningRate, order, start } = settings;
  const record = { name, title, score: describeDetector(detector) };
  if (sameModelAs !== undefined) return record;
  const { length: count, fingerprint } = outliers;
  return {
    ...record,
    training: {
      outliers: { name: outliers.name, count, fingerprint },
      objective: objective?.name ?? 'outlier-exposure',
      lambda,
      batch,
      epochs,
      learningRate,
      order,
      start,
    },
  };
}

function averaged(perSeed: AblationResults['perSeed']): LevelMeasurements {
  const models = perSeed[0]!.models.map(({ name }, i) => {
    const { mean, std } = meanAndStd(perSeed.map((each) => each.models[i]!.testError));
    return { name, testError: mean, ...(perSeed.length > 1 ? { testErrorStd: std } : {}) };
  });
  return { models, rows: averageOverSeeds(perSeed.map(({ rows }) => rows)) };
}

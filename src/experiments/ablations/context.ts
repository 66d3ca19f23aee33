/** What the levels of an ablation are made from, once the experiment's data are read. Node only. */
import { gaussianNoise, type ImageSource } from '../../data/index.ts';
import type { ImageDeclaration, Inliers, OutlierRequest } from '../declaration.ts';
import { checkDisjoint } from '../disjoint.ts';
import type { LoadedData } from '../loaded-data.ts';
import type { ExperimentOptions } from '../options.ts';
import type { Plan } from '../plan.ts';
import { setsOf } from '../sets.ts';
import type { Ablation, AblationContext } from './ablation.ts';

export interface OpenedContext extends AblationContext {
  testSets: ImageSource[];
  /** The experiment's notes, and which of the sets that levels were shown share examples with the test sets. */
  notesOn(shown: readonly ImageSource[], testSets: readonly ImageSource[]): Promise<string[]>;
}

/** @param opened gets every further set that is opened, for whoever closes them */
export function contextOf(
  ablation: Ablation,
  declaration: ImageDeclaration,
  options: Omit<ExperimentOptions, 'runtime'>,
  plan: Plan,
  data: LoadedData,
  opened: ImageSource[],
): OpenedContext {
  const { seed = 1, draws = 1, folder, files = {}, exclude, signal } = options;
  // Of an experiment with images.
  const inliers = data.inliers as Inliers & { train: ImageSource };
  const { train, testSets, notes } = data.outliers as {
    train: ImageSource;
    testSets: ImageSource[];
    notes: string[];
  };
  const { normalization } = data.config as Pick<OutlierRequest, 'normalization'>;
  const { shape, noiseRange: range } = declaration;
  const { epochs, learningRate, batch } = plan.models['oe-tune']!;
  return {
    declaration,
    inliers,
    outliers: train,
    testSets,
    seed,
    tuning: {
      outliers: train,
      lambda: declaration.training.lambda,
      batch,
      epochs,
      learningRate,
      order: 'local',
      start: 'baseline',
    },
    scratch: ablation.fromScratch && plan.models['oe-scratch'],
    noise: (count) => ({
      ...gaussianNoise({ count, shape, seed: seed + 1, range, normalization }),
      name: 'gaussian',
    }),
    async openOutliers(name) {
      const sets = await declaration.loadOutliers({
        shape,
        folder,
        files,
        seed,
        training: 'wanted',
        exposure: 'wanted',
        outliers: name,
        exclude,
        inliers,
        noiseCount: Math.max(1, Math.floor(inliers.test.length * declaration.outRatio)) * draws,
        normalization,
        signal,
      });
      opened.push(...setsOf(sets));
      return sets.train!;
    },
    async notesOn(shown, tested) {
      const all = [...notes];
      const checked = new Set([train.name, 'gaussian', 'noised']);
      for (const set of shown) {
        if (checked.has(set.name)) continue;
        checked.add(set.name);
        const outliers = { train: set, testSets: [...tested], validationSets: [], notes: all };
        await checkDisjoint({ outliers }, { overlap: 'tell', signal });
      }
      return all;
    },
  };
}

/** What each model of an experiment is: what trains it, which model it goes on from, and the score that it is made for. */
import { confidence, type Detector, msp } from '../detectors/index.ts';
import type { ObjectiveName } from '../objectives/index.ts';
import type { ModelName, TrainingSettings } from './declaration.ts';

export interface ModelKind {
  /** Of `synthetic-outliers` a generator is trained, too. */
  objective: ObjectiveName | 'synthetic-outliers';
  exposure: 'with outliers' | 'without outliers';
  /** The model that it goes on from; default: a new network. */
  after?: ModelName;
  /** Its own score. */
  detector: Detector;
}

export const MODEL_KINDS: Readonly<Record<ModelName, ModelKind>> = {
  baseline: { objective: 'outlier-exposure', exposure: 'without outliers', detector: msp },
  'oe-tune': {
    objective: 'outlier-exposure',
    exposure: 'with outliers',
    after: 'baseline',
    detector: msp,
  },
  'oe-scratch': { objective: 'outlier-exposure', exposure: 'with outliers', detector: msp },
  branch: { objective: 'confidence-branch', exposure: 'without outliers', detector: confidence },
  'branch-oe': {
    objective: 'confidence-branch',
    exposure: 'with outliers',
    after: 'branch',
    detector: confidence,
  },
  gan: { objective: 'synthetic-outliers', exposure: 'without outliers', detector: msp },
  'gan-oe': { objective: 'outlier-exposure', exposure: 'with outliers', after: 'gan', detector: msp },
};

/**
 * The model that one goes on from; `undefined` for a new network. With a baseline from a file that is also the baseline, of
 * models whose settings say how they go on from one.
 */
export function startOf(
  name: ModelName,
  { models }: Pick<TrainingSettings, 'models'>,
  from: string | undefined,
): ModelName | undefined {
  return MODEL_KINDS[name].after ?? (from !== undefined && models[name]?.goesOn ? 'baseline' : undefined);
}

/** Every model by the same scores, or, where one is made for another than MSP, first each by its own. */
export function scoresFor(names: readonly ModelName[]): 'same' | 'own' {
  return names.every((name) => MODEL_KINDS[name].detector === msp) ? 'same' : 'own';
}

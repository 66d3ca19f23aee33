/** What an ablation gives: the numbers of each level, and everything needed to run it again. All rates are fractions, 0 to 1. */
import type { ResultRow } from '../../evaluation/index.ts';
import type { DataRecord, ExperimentResults, ModelSummary } from '../results.ts';

/** How a level was made. */
export interface LevelRecord {
  name: string;
  title: string;
  /** What it was measured by. */
  score: string;
  /** What it was trained with; of the baseline and of levels that share a model, nothing. */
  training?: {
    outliers: { name: string; count: number; fingerprint: string };
    objective: string;
    lambda: number;
    batch: { inliers: number; outliers: number };
    epochs: number;
    learningRate: number;
    order: string;
    start: string;
  };
}

/** What was measured; `model` of rows and `name` of models are levels' names, the baseline's is `baseline`. */
export interface LevelMeasurements {
  models: ModelSummary[];
  /** Rows for each level and D_out^test, with a mean row for each level. */
  rows: ResultRow[];
}

export interface AblationResults
  extends LevelMeasurements,
    Pick<
      ExperimentResults,
      | 'startedAt'
      | 'config'
      | 'seeds'
      | 'draws'
      | 'training'
      | 'versions'
      | 'machine'
      | 'durations'
      | 'peakMemoryBytes'
    > {
  ablation: string;
  /** The experiment whose data, network and settings it takes. */
  experiment: string;
  title: string;
  question: string;
  factor: string;
  levelsAre: 'ordered' | 'kinds';
  paper: string;
  subject: { one: string; many: string };
  /** The N of FPRN. */
  n: number;
  /** The words of the command line that make it again, without seeds and draws. */
  flags: string[];
  notes: string[];
  /** The baseline, then the levels. */
  levels: LevelRecord[];
  /** The same for each seed alone. */
  perSeed: (LevelMeasurements & { seed: number })[];
  data: DataRecord[];
}

/** What an experiment gives: the numbers, and everything needed to run it again. All rates are fractions, 0 to 1. */
import type { ResultRow } from '../evaluation/index.ts';
import type { EpochRecord } from '../training/index.ts';
import type { Published } from './published/index.ts';

export interface ModelSummary {
  name: string;
  /** The share of misclassified in-distribution test examples; the mean over seeds. */
  testError: number;
  testErrorStd?: number;
}

/** What was measured of one or (as means) several seeds. */
export interface Measurements {
  models: ModelSummary[];
  /** Rows for D_out^test, with a mean row for each model and score. */
  rows: ResultRow[];
  /** Rows for D_out^val; nothing is chosen by the test sets. */
  validationRows: ResultRow[];
  /** How well the score finds the model's own mistakes: misclassified examples are the positives. */
  errorDetection: ResultRow[];
}

export interface DataRecord {
  name: string;
  role:
    | 'in-distribution train'
    | 'in-distribution test'
    | 'outliers for training'
    | 'outliers for validation'
    | 'outliers for test';
  count: number;
  fingerprint: string;
}

export interface TrainingRecord {
  seed: number;
  model: string;
  seconds: number;
  /** The share of the time in which training waited for data. */
  stallShare: number;
  history: EpochRecord[];
}

export interface ExperimentResults extends Measurements {
  experiment: string;
  title: string;
  /** What the in-distribution examples are, for sentences: a digit, digits. */
  subject?: { one: string; many: string };
  /** What the sets hold: images, unless it says otherwise. */
  examples?: 'images' | 'texts';
  /** What the classes are called, in the order of their numbers, where the data say so. */
  classes?: string[];
  /** ISO 8601. */
  startedAt: string;
  /** What decides the numbers. */
  config: Record<string, unknown>;
  /** The words of the command line that make the run again, without its seeds and draws. */
  flags?: string[];
  /** What to know before comparing: sets that were missing, sets that stand in for others. */
  notes?: string[];
  /** The seeds that models were trained from. */
  seeds: number[];
  /** How often outliers were drawn for each model. */
  draws: number;
  /** The same for each seed alone; with one seed, what stands above. */
  perSeed: (Measurements & { seed: number })[];
  published: Published;
  training: TrainingRecord[];
  data: DataRecord[];
  versions: Record<string, string>;
  machine: { cpu: string; cores: number; memoryBytes: number; os: string };
  durations: Record<string, number>;
  /** Highest resident memory of the process, in bytes. */
  peakMemoryBytes: number;
}

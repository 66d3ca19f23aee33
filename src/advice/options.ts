/** What advice is asked for with, and what it says. */
import type { ExampleSet } from '../data/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { BatchStatistics } from '../training/training-mode.ts';

/** How a candidate is tried: a short fine-tune by Outlier Exposure. */
export interface TrialSettings {
  /** Training steps of each tuning. */
  steps: number;
  /** How many tunings a candidate gets, from seeds of their own. */
  tunings: number;
  /** λ, the weight of the outliers' term. */
  lambda: number;
  /** At the start of the cosine. */
  learningRate: number;
  /** Examples a step. */
  batch: { inliers: number; outliers: number };
  /** What batch normalization takes its statistics from. */
  normalization: BatchStatistics;
  seed: number;
}

export interface AdviseOptions extends Partial<TrialSettings> {
  /** Labelled examples of what the model knows; what it was trained on. */
  inliers: ExampleSet;
  /** Sets of outliers to choose among, each with a name of its own. */
  candidates: readonly ExampleSet[];
  /** Labelled in-distribution examples that nothing is tuned on. Default: a fifth of the inliers, by the seed. */
  heldOut?: ExampleSet | undefined;
  /**
   * Outliers to judge by; no test outliers. Default: made from the held-out examples (noise, means of pairs, jigsaws, …; of
   * texts shuffled and random words), and the other candidates, without those that look like the candidate.
   */
  validationOutliers?: readonly ExampleSet[] | undefined;
  /** How long all of it may take. Decides the number of steps by this machine's speed, and so the last bits too. */
  budgetSeconds?: number | undefined;
  /** The name of the value to take for features; default: the input of the last linear layer, or else the logits. */
  features?: string | undefined;
  runtime: Runtime;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: AdviceProgress) => void) | undefined;
}

export interface AdviceProgress {
  stage: string;
  /** Of this stage. */
  done: number;
  total: number;
  /** Until the end of everything; known once a tuning is done. */
  remainingSeconds?: number;
}

/** A mean over tunings. All rates are fractions, 0 to 1. */
export interface Trial {
  /**
   * Rise of the mean AUROC over the judges, of the maximum softmax probability; above 0 is better. Where some do not count
   * for a candidate, what they would show is estimated from the others.
   */
  gain: number;
  /** Standard deviation of the gain over tunings; 0 of one alone. */
  spread: number;
  /** By judge, of those that count for the candidate. */
  gains: Record<string, number>;
  /** Rise of the error on held-out examples. */
  errorChange: number;
  /** Seconds of one tuning, on average. */
  seconds: number;
}

export interface CandidateAdvice extends Trial {
  name: string;
  count: number;
  fingerprint: string;
  /**
   * What candidates are ranked by: the gain in units of how far candidates differ on a judge, so that all judges weigh the
   * same ({@link scoreCandidates}).
   */
  score: number;
  /** Standard deviation of the score over tunings; 0 of one alone. */
  scoreSpread: number;
  /** The standard error of `errorChange`, both models being measured on the same examples. */
  errorStandardError: number;
  /**
   * AUROC of a logistic regression that tells the candidate's examples from held-out ones by their features, on examples that
   * it was not fitted to: 0.5 cannot be told apart, 1 is far away.
   */
  separability: number;
  /** Share of the candidate's examples of which the classifier is surer than of the median held-out one. */
  overlap: number;
}

/** How many outliers are enough. */
export interface LearningCurve {
  candidate: string;
  /** Fewest first; the last has as many as a tuning can see. */
  points: (Pick<Trial, 'gain' | 'spread' | 'errorChange'> & { count: number })[];
  /** The fewest that reach nine tenths of the gain of the most; absent where there is no gain. */
  enough?: number;
}

export interface Advice {
  settings: TrialSettings;
  heldOut: { name: string; count: number; fingerprint: string };
  /** The judges: validation outliers, and candidates that judge the others. */
  validation: { name: string; count: number; fingerprint: string }[];
  /** The model as it is: its error on held-out examples, and AUROC by judge. */
  baseline: { error: number; meanAuroc: number; aurocs: Record<string, number> };
  /** Best first. */
  candidates: CandidateAdvice[];
  curve?: LearningCurve;
  /** The candidate to take; none when none helps. */
  recommended?: string;
  /** The recommendation in plain words, a sentence or two each. */
  sentences: string[];
  /** What to know of the data. */
  notes: string[];
  seconds: number;
}

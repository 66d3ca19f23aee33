/** Moving the decision threshold from above the highest score down to the lowest. */
import type { Ranking } from './rank.ts';

/**
 * Walks the distinct scores of a ranking from the highest to the lowest by merging the two sorted sides. An example
 * is flagged as an outlier when its score ≥ `threshold`; equal scores are flagged together. Holds counters only,
 * so a sweep needs no memory, however many thresholds there are.
 *
 * ```ts
 * const sweep = new ThresholdSweep(ranking);
 * while (sweep.next()) use(sweep.threshold, sweep.tp, sweep.fp);
 * ```
 */
export class ThresholdSweep {
  /** How many positives (out-of-distribution examples) there are. */
  readonly positives: number;
  /** How many negatives (in-distribution examples) there are. */
  readonly negatives: number;
  /** The current threshold: one of the scores, or +Infinity before the first step. */
  threshold = Number.POSITIVE_INFINITY;
  /** Out-of-distribution examples flagged at the threshold. */
  tp = 0;
  /** In-distribution examples flagged at the threshold. */
  fp = 0;
  /** `tp` one step before: those with a score above the threshold. */
  previousTp = 0;
  /** `fp` one step before. */
  previousFp = 0;
  // Plain fields rather than #private ones: this is the inner loop of every metric.
  private readonly inScores: Float32Array | Float64Array;
  private readonly outScores: Float32Array | Float64Array;

  constructor(ranking: Ranking) {
    this.inScores = ranking.inScores;
    this.outScores = ranking.outScores;
    this.negatives = ranking.inScores.length;
    this.positives = ranking.outScores.length;
  }

  /** Lowers the threshold to the next distinct score; false, and nothing changes, when there is none left. */
  next(): boolean {
    const { inScores, outScores } = this;
    let i = this.negatives - 1 - this.fp;
    let o = this.positives - 1 - this.tp;
    if (i < 0 && o < 0) return false;
    const threshold = i < 0 || (o >= 0 && outScores[o]! > inScores[i]!) ? outScores[o]! : inScores[i]!;
    while (o >= 0 && outScores[o] === threshold) o--;
    while (i >= 0 && inScores[i] === threshold) i--;
    this.previousTp = this.tp;
    this.previousFp = this.fp;
    this.tp = this.positives - 1 - o;
    this.fp = this.negatives - 1 - i;
    this.threshold = threshold;
    return true;
  }
}

/** The rows of a table of results: what a score achieved on a set. All rates are fractions, 0 to 1. */
import { type DetectionMetrics, meanAndStd } from '../metrics/index.ts';

/** Standard deviations of the three metrics that the paper's tables show. */
export interface Spread {
  fpr: number;
  auroc: number;
  aupr: number;
}

export interface ResultRow extends Omit<DetectionMetrics, 'threshold'> {
  model: string;
  score: string;
  /** A test set's name, or `'mean'` over all of them. */
  set: string;
  /** Standard deviation over models that were trained from different seeds. */
  seedStd?: Spread;
  /** Standard deviation over draws of outliers, all scored by one model (their mean, with several seeds). */
  drawStd?: Spread;
}

/** What means are taken of. */
export const MEASURES = ['fpr', 'auroc', 'aupr', 'auprIn', 'detectionError'] as const;

/**
 * The row of a set: means over draws of its outliers, with their spread where there are several.
 *
 * @param draws the metrics of each draw; at least one
 */
export function rowOfDraws(
  model: string,
  score: string,
  set: string,
  draws: readonly DetectionMetrics[],
): ResultRow {
  const { n, inCount, outCount } = draws[0]!;
  const measures = Object.fromEntries(
    MEASURES.map((key) => [key, meanAndStd(draws.map((draw) => draw[key]))]),
  );
  const value = (key: string) => measures[key]!.mean;
  const result: ResultRow = {
    model,
    score,
    set,
    fpr: value('fpr'),
    n,
    auroc: value('auroc'),
    aupr: value('aupr'),
    auprIn: value('auprIn'),
    detectionError: value('detectionError'),
    inCount,
    outCount,
  };
  if (draws.length > 1) {
    result.drawStd = { fpr: measures.fpr!.std, auroc: measures.auroc!.std, aupr: measures.aupr!.std };
  }
  return result;
}

/** The unweighted mean over the sets of one model and score, as the paper's tables have it; at least one row. */
export function meanRow(rows: readonly ResultRow[]): ResultRow {
  const mean = (key: (typeof MEASURES)[number] | 'outCount') =>
    meanAndStd(rows.map((each) => each[key])).mean;
  const { model, score, n, inCount } = rows[0]!;
  return {
    model,
    score,
    set: 'mean',
    fpr: mean('fpr'),
    n,
    auroc: mean('auroc'),
    aupr: mean('aupr'),
    auprIn: mean('auprIn'),
    detectionError: mean('detectionError'),
    inCount,
    outCount: mean('outCount'),
  };
}

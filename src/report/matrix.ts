/** Many detectors on many sets, as a table: a row for each detector, the best first. */
import type { ResultRow } from '../evaluation/index.ts';
import { percent, type Table } from './tables.ts';

/** What one detector achieved with one model. */
export interface DetectorLine {
  detector: string;
  /** AUROC by set, 0 to 1. */
  aurocs: Record<string, number>;
  /** The unweighted means over the sets, 0 to 1. */
  mean: Pick<ResultRow, 'fpr' | 'auroc' | 'aupr' | 'n'>;
}

/** A model's detectors, by falling mean AUROC; of equal ones the first asked for comes first. */
export function detectorLines(rows: readonly ResultRow[], model: string): DetectorLine[] {
  const ofModel = rows.filter((row) => row.model === model);
  return ofModel
    .filter(({ set }) => set === 'mean')
    .map((mean) => {
      const own = ofModel.filter(({ score, set }) => score === mean.score && set !== 'mean');
      return {
        detector: mean.score,
        aurocs: Object.fromEntries(own.map(({ set, auroc }) => [set, auroc])),
        mean,
      };
    })
    .sort((a, b) => b.mean.auroc - a.mean.auroc);
}

/** The matrix of one model: AUROC on every set, then the means of all three metrics, in percent. */
export function detectorTable(
  rows: readonly ResultRow[],
  model: string,
  notes: readonly string[] = [],
): Table {
  const lines = detectorLines(rows, model);
  const sets = Object.keys(lines[0]?.aurocs ?? {});
  return {
    title: `Detectors on ${model}: AUROC on each set, and the means`,
    header: ['detector', ...sets, `mean FPR${lines[0]?.mean.n ?? ''} ↓`, 'mean AUROC ↑', 'mean AUPR ↑'],
    rows: lines.map(({ detector, aurocs, mean }) => [
      detector,
      ...sets.map((set) => percent(aurocs[set]!)),
      percent(mean.fpr),
      percent(mean.auroc),
      percent(mean.aupr),
    ]),
    footer: 0,
    notes: [...notes],
  };
}

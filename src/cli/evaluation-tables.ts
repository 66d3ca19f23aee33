/** An evaluation of the user's own models as tables: those of the experiments, with nothing published beside. */
import type { ResultRow } from '../evaluation/index.ts';
import { detectionTable, errorTable, type Table } from '../report/index.ts';

export interface MeasuredModels {
  models: { name: string; testError: number }[];
  rows: ResultRow[];
  errorDetection: ResultRow[];
  settings: { draws: number; outRatio: number; detectors: string[] };
}

/** The table of errors, then one for each detector. */
export function evaluationTables({ models, rows, errorDetection, settings }: MeasuredModels): Table[] {
  const { draws, outRatio, detectors } = settings;
  const results = {
    title: 'Outliers told from in-distribution examples',
    models,
    rows,
    errorDetection,
    published: { testError: {}, rows: {} },
    seeds: [0],
    draws,
  };
  const notes = [
    `Outliers are drawn by the seed, ${outRatio} for each in-distribution example; sets that have fewer are taken whole.`,
    ...(errorDetection.length > 0
      ? ['"Own mistakes": misclassified test examples are the positives instead of outliers.']
      : []),
    draws > 1
      ? `± is the standard deviation over ${draws} draws of outliers.`
      : 'One draw of outliers; --draws shows how much the numbers vary.',
  ];
  return [
    withoutPublished(errorTable(results)),
    ...detectors.map((detector) => ({ ...withoutPublished(detectionTable(results, detector)), notes })),
  ];
}

function withoutPublished(table: Table): Table {
  const kept = (cells: string[]) => cells.filter((_, i) => table.header[i] !== 'published');
  return { ...table, header: kept(table.header), rows: table.rows.map(kept) };
}

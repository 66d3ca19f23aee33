/** results.csv: every row of every seed, one a line. */
import type { ResultRow } from '../evaluation/index.ts';
import type { ExperimentResults } from '../experiments/results.ts';

const COLUMNS = ['fpr', 'n', 'auroc', 'aupr', 'auprIn', 'detectionError', 'inCount', 'outCount'] as const;

export function csvReport({ perSeed }: ExperimentResults): string {
  const lines = perSeed.flatMap(({ seed, rows, validationRows, errorDetection }) => {
    const line = (role: string) => (row: ResultRow) =>
      [seed, role, row.model, row.score, row.set, ...COLUMNS.map((column) => row[column])].join(',');
    return [
      ...rows.map(line('test')),
      ...validationRows.map(line('validation')),
      ...errorDetection.map(line('error-detection')),
    ];
  });
  return [['seed', 'role', 'model', 'score', 'set', ...COLUMNS].join(','), ...lines, ''].join('\n');
}

/** results.csv of an ablation: every row of every seed, one a line. */
import type { AblationResults } from '../experiments/index.ts';

const COLUMNS = ['fpr', 'n', 'auroc', 'aupr', 'auprIn', 'detectionError', 'inCount', 'outCount'] as const;

export function ablationCsv({ perSeed }: Pick<AblationResults, 'perSeed'>): string {
  const lines = perSeed.flatMap(({ seed, models, rows }) =>
    rows.map((row) =>
      [
        seed,
        row.model,
        row.score,
        quoted(row.set),
        ...COLUMNS.map((column) => row[column]),
        models.find(({ name }) => name === row.model)!.testError,
      ].join(','),
    ),
  );
  return [['seed', 'level', 'score', 'set', ...COLUMNS, 'testError'], ...lines, ''].join('\n');
}

/** A set may be called what its owner likes. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

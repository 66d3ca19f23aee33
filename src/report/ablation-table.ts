/** An ablation's numbers as a table: a row a level. */
import type { AblationResults } from '../experiments/index.ts';
import { percent, type Table } from './tables.ts';

const MEASURES = ['fpr', 'auroc', 'aupr'] as const;

/** The mean row of a level; `undefined` where nothing was tested. */
export function meanOf({ rows }: Pick<AblationResults, 'rows'>, level: string) {
  return rows.find(({ model, set }) => model === level && set === 'mean');
}

/** Means over the test sets and the test error, in percent; with several seeds ± their standard deviation. */
export function ablationTable(results: AblationResults): Table {
  const { levels, models, n, title, factor, seeds } = results;
  return {
    title,
    header: [factor, 'outliers', `FPR${n} ↓`, 'AUROC ↑', 'AUPR ↑', 'test error ↓'],
    rows: levels.map(({ name, title: level, training }) => {
      const mean = meanOf(results, name);
      const { testError, testErrorStd } = models.find((model) => model.name === name)!;
      return [
        level,
        training?.outliers.count.toLocaleString('en') ?? '',
        ...MEASURES.map((key) => (mean ? spread(mean[key], mean.seedStd?.[key]) : '–')),
        spread(testError, testErrorStd),
      ];
    }),
    footer: 0,
    notes: [
      `Means over ${testSetsOf(results).join(', ')}${seeds.length > 1 ? `; ± over ${seeds.length} seeds` : ''}.`,
    ],
  };
}

/** The sets that all levels were tested on. */
export function testSetsOf({ rows }: Pick<AblationResults, 'rows'>): string[] {
  return [...new Set(rows.map(({ set }) => set))].filter((set) => set !== 'mean');
}

function spread(value: number, std: number | undefined): string {
  return std === undefined ? percent(value) : `${percent(value)} ± ${percent(std)}`;
}

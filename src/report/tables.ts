/** An experiment's results as tables, for a terminal, a Markdown file or a page to draw. */
import type { ResultRow, Spread } from '../evaluation/index.ts';
import type { ExperimentResults, Measurements } from '../experiments/results.ts';

export interface Table {
  title: string;
  header: string[];
  rows: string[][];
  /** How many rows at the end are set apart: means. */
  footer: number;
  notes: string[];
}

const MEASURES = [
  ['fpr', (n: number) => `FPR${n} ↓`],
  ['auroc', () => 'AUROC ↑'],
  ['aupr', () => 'AUPR ↑'],
] as const;

const SCORE_TITLES: Record<string, string> = { msp: 'MSP', 'uniform-ce': '−H(U; p)', own: 'own score' };

/** What the main table shows of an experiment. */
export type TabledResults = Pick<
  ExperimentResults,
  'title' | 'subject' | 'models' | 'rows' | 'errorDetection' | 'seeds' | 'draws'
> & { published: TabledNumbers };

type TabledNumbers = Pick<ExperimentResults['published'], 'note' | 'rows' | 'score' | 'testError'>;

/** The main table of a score: a row for each D_out^test, base → + OE, with the published numbers where there are any. */
export function detectionTable(results: TabledResults, score: string): Table {
  const { models, rows, errorDetection, published } = results;
  const names = models.map(({ name }) => name);
  const sets = setsOf(rows);
  const n = rows[0]!.n;
  const compared = score === (published.score ?? 'msp') && Object.keys(published.rows).length > 0;
  const wanted = (from: readonly ResultRow[], set: string) =>
    names.flatMap((model) =>
      from.filter((row) => row.model === model && row.score === score && row.set === set),
    );
  const line = (label: string, from: readonly ResultRow[], set: string): string[] => {
    const cells = wanted(from, set);
    return [
      label,
      ...MEASURES.flatMap(([key]) => {
        const ours = cells.map((row) => measured(row[key], row, key)).join(' → ');
        if (!compared) return [ours];
        const theirs = names.map((model) => published.rows[model]?.[set]?.[key]);
        return [
          ours,
          theirs.every((value) => value === undefined)
            ? ''
            : theirs.map((value) => (value === undefined ? '–' : percent(value))).join(' → '),
        ];
      }),
    ];
  };
  const arrow = names.join(' → ');
  return {
    title: `${results.title}: ${SCORE_TITLES[score] ?? score}, ${arrow}`,
    header: [
      'D_out^test',
      ...MEASURES.flatMap(([, title]) => (compared ? [title(n), 'published'] : [title(n)])),
    ],
    rows: [
      ...sets.map((set) => line(set, rows, set)),
      line('Mean', rows, 'mean'),
      ...(wanted(errorDetection, 'misclassified').length === names.length
        ? [line('Own mistakes', errorDetection, 'misclassified')]
        : []),
    ],
    footer: 2,
    notes: [
      ...(score === (published.score ?? 'msp') && published.note ? [published.note] : []),
      `"Own mistakes": misclassified ${results.subject?.many ?? 'test examples'} are the positives instead of outliers.`,
      spreadNote(results),
    ],
  };
}

/** Error rates of the models, beside the published ones. */
export function errorTable({ models, published }: Pick<TabledResults, 'models' | 'published'>): Table {
  const compared = Object.keys(published.testError).length > 0;
  return {
    title: 'Test error',
    header: ['model', 'error', ...(compared ? ['published'] : [])],
    rows: models.map(({ name, testError, testErrorStd }) => [
      name,
      `${percent(testError)} %${testErrorStd === undefined ? '' : ` ± ${percent(testErrorStd)}`}`,
      ...(compared
        ? [published.testError[name] === undefined ? '' : `${percent(published.testError[name])} %`]
        : []),
    ]),
    footer: 0,
    notes: [],
  };
}

/** The validation distributions: what choices may be made by. */
export function validationTable(results: ExperimentResults, score: string): Table {
  const names = results.models.map(({ name }) => name);
  const rows = results.validationRows.filter((row) => row.score === score);
  const line = (label: string, set: string) => [
    label,
    ...MEASURES.map(([key]) =>
      names
        .flatMap((model) =>
          rows
            .filter((row) => row.model === model && row.set === set)
            .map((row) => measured(row[key], row, key)),
        )
        .join(' → '),
    ),
  ];
  return {
    title: `Validation distributions: ${SCORE_TITLES[score] ?? score}, ${names.join(' → ')}`,
    header: ['D_out^val', ...MEASURES.map(([, title]) => title(rows[0]!.n))],
    rows: [...setsOf(rows).map((set) => line(set, set)), line('Mean', 'mean')],
    footer: 1,
    notes: [],
  };
}

/** The scores that the rows are for, in their order. */
export function scoresOf({ rows }: Measurements): string[] {
  return [...new Set(rows.map(({ score }) => score))];
}

function setsOf(rows: readonly ResultRow[]): string[] {
  return [...new Set(rows.map(({ set }) => set))].filter((set) => set !== 'mean');
}

function spreadNote({ seeds, draws }: TabledResults): string {
  if (seeds.length > 1)
    return `± is the standard deviation over ${seeds.length} models trained from different seeds.`;
  if (draws > 1) return `± is the standard deviation over ${draws} draws of outliers, scored by one model.`;
  return 'One model, one draw of outliers; --seeds or --draws show how much the numbers vary.';
}

function measured(value: number, row: ResultRow, key: keyof Spread): string {
  const spread = row.seedStd ?? row.drawStd;
  return spread ? `${percent(value)} ±${percent(spread[key])}` : percent(value);
}

/** A fraction in percent, without the sign. */
export function percent(fraction: number): string {
  return (100 * fraction).toFixed(2);
}

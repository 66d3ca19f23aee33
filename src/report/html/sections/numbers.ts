/** The tables: each measure in plain words, ours beside the published. */
import type { ResultRow } from '../../../evaluation/index.ts';
import type { ExperimentResults } from '../../../experiments/results.ts';
import type { Run } from '../../run.ts';
import type { Section } from '../page.ts';
import { type Cell, table } from '../table.ts';
import { type Content, type Html, html } from '../template.ts';
import {
  hasPublished,
  modelTitle,
  percentage,
  scoreDescription,
  scoreTitle,
  setDescription,
  setsOf,
  setTitle,
  share,
  spreadNote,
  subjectOf,
  thingOf,
  withSpread,
} from '../words.ts';

type Measure = 'fpr' | 'auroc' | 'aupr';

export function numbersSection({ results }: Run): Section {
  const { one, many } = subjectOf(results);
  const { rows } = results;
  const { n, inCount, outCount } = rows[0]!;
  const compared = hasPublished(results);
  const scores = [...new Set(rows.map(({ score }) => score))];
  const measures: [Measure, string, string][] = [
    [
      'fpr',
      `FPR${n}: false alarms. Lower is better.`,
      `Set the threshold so that the alarm catches ${n} of 100 strangers. FPR${n} says how many of 100 ${many} then set it off by mistake. 0 % is perfect.`,
    ],
    [
      'auroc',
      'AUROC: who looks stranger. Higher is better.',
      `Take one stranger and one ${one} by chance. AUROC says how often the stranger gets the higher score. 100 % is perfect, 50 % is guessing.`,
    ],
    [
      'aupr',
      'AUPR: how pure the alarms are. Higher is better.',
      `Go through all ${thingOf(results).many}, the most anomalous first. AUPR says which share of those you meet are strangers, averaged over how many strangers you want to find. 100 % is perfect; guessing gives the share of strangers, here ${share(outCount / (inCount + outCount))}.`,
    ],
  ];
  return {
    id: 'numbers',
    title: compared ? 'The numbers, beside the published ones' : 'The numbers',
    short: 'Numbers',
    body: html`<p>All numbers are percentages; the best of a row is bold. ${spreadNote(results)}
${
  compared
    ? `The published numbers are those of the paper’s authors (${results.published.source}). ${
        results.published.note ??
        `Their shown outliers were other ${thingOf(results).many} than here, and their mean is over their own test sets.`
      } Compare the direction, not the last digit.`
    : results.published.note
}</p>
${errorTable(results, many)}
${measures.map(
  ([measure, title, meaning]) => html`<h3>${title}</h3>
<p>${meaning}</p>
<div class="tables">${scores.map((score) =>
    measureTable(
      results,
      measure,
      score,
      measure === 'fpr' && score === rows[0]!.score ? 'described' : 'named',
    ),
  )}</div>`,
)}`,
  };
}

function errorTable({ models, published, draws, seeds }: ExperimentResults, many: string): Html {
  const compared = Object.keys(published.testError).length > 0;
  const least = Math.min(...models.map(({ testError }) => testError));
  return html`<h3>The task itself: misread ${many}. Lower is better.</h3>
<p>Noticing strangers must not make a classifier worse at what it is for.</p>
${table({
  caption: `Share of the test ${many} that get a wrong class${seeds.length > 1 ? `, mean ± standard deviation over ${seeds.length} seeds` : draws > 1 ? '; strangers play no part in it' : ''}`,
  header: ['Model', 'Misread', ...(compared ? ['Published'] : [])],
  rows: models.map(({ name, testError, testErrorStd }) => [
    modelTitle(name),
    best(withSpread(testError, testErrorStd), testError === least && models.length > 1),
    ...(compared ? [theirs(published.testError[name])] : []),
  ]),
})}`;
}

function measureTable(
  results: ExperimentResults,
  measure: Measure,
  score: string,
  sets: 'described' | 'named',
): Html {
  const { models, published } = results;
  const { many } = subjectOf(results);
  const names = models.map(({ name }) => name);
  const compared = score === (published.score ?? 'msp') && hasPublished(results);
  const line = (label: Content, from: readonly ResultRow[], set: string): (Content | Cell)[] => {
    const cells = names.map((model) =>
      from.find((row) => row.model === model && row.score === score && row.set === set),
    );
    const values = cells.flatMap((row) => row?.[measure] ?? []);
    const winner = measure === 'fpr' ? Math.min(...values) : Math.max(...values);
    return [
      label,
      ...cells.map((row) =>
        row
          ? best(
              withSpread(row[measure], (row.seedStd ?? row.drawStd)?.[measure]),
              values.length > 1 && percentage(row[measure]) === percentage(winner),
            )
          : '–',
      ),
      ...(compared ? names.map((model) => theirs(published.rows[model]?.[set]?.[measure])) : []),
    ];
  };
  const rows = results.rows.filter((row) => row.score === score);
  const hasMistakes = results.errorDetection.some((row) => row.score === score);
  return table({
    caption: html`Score: <strong>${scoreTitle(score)}</strong>, ${scoreDescription(score)}`,
    groups: [
      { title: 'here', columns: names.length },
      ...(compared ? [{ title: 'published', columns: names.length }] : []),
    ],
    header: ['Strangers', ...names.map(modelTitle), ...(compared ? names.map(modelTitle) : [])],
    rows: setsOf(rows).map((set) => line(sets === 'described' ? setName(set) : setTitle(set), rows, set)),
    footer: [
      ...(rows.some(({ set }) => set === 'mean') ? [line('Mean', rows, 'mean')] : []),
      ...(hasMistakes
        ? [
            line(
              sets === 'described'
                ? html`Own mistakes<small>misread ${many} to be found, instead of strangers</small>`
                : 'Own mistakes',
              results.errorDetection,
              'misclassified',
            ),
          ]
        : []),
    ],
  });
}

export function setName(set: string): Content {
  const description = setDescription(set);
  return description ? html`${setTitle(set)}<small>${description}</small>` : setTitle(set);
}

function best(content: string, is: boolean): Cell {
  return { content, kind: is ? 'best' : '' };
}

function theirs(value: number | undefined): Cell {
  return {
    content:
      value === undefined ? html`<span role="img" aria-label="not published">–</span>` : percentage(value),
    kind: 'theirs',
  };
}

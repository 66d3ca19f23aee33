/** Several runs side by side: their numbers, and what was different. */
import type { Run } from '../run.ts';
import { answerOf } from './answer.ts';
import { figure, modelLegend } from './figure.ts';
import { page, type Section } from './page.ts';
import { dumbbell, niceEnd } from './plots/dumbbell.ts';
import { setName } from './sections/numbers.ts';
import { settingsOf } from './sections/settings.ts';
import { dumbbellRows } from './sections/summary.ts';
import { type Cell, table } from './table.ts';
import { type Content, html } from './template.ts';
import {
  capital,
  modelTitle,
  percentage,
  scoreTitle,
  setsOf,
  setTitle,
  share,
  spreadNote,
  subjectOf,
  thingOf,
  withSpread,
} from './words.ts';

export function htmlComparison(runs: readonly Run[]): string {
  const labels = labelsOf(runs);
  return page({
    title: `${runs.length} runs compared`,
    kicker: 'Outlier Exposure',
    version: runs[0]!.results.versions['outlier-exposure'] ?? '',
    sections: [summary(runs, labels), numbers(runs, labels), differences(runs, labels)],
  });
}

function summary(runs: readonly Run[], labels: readonly string[]): Section {
  const n = runs[0]!.results.rows[0]!.n;
  const rows = runs.map(({ results }) => dumbbellRows(results));
  const kinds = new Set(runs.map(({ results }) => thingOf(results).many));
  const things = kinds.size === 1 ? [...kinds][0]! : 'examples';
  const max = niceEnd(
    Math.max(...rows.flat().flatMap(({ values }) => values.map(({ value, spread = 0 }) => value + spread))),
  );
  return {
    id: 'answer',
    title: 'Each run’s answer',
    short: 'Answers',
    body: html`<p>Each run trained a classifier and asked whether it notices <em>strangers</em>: ${things} of nothing it was
made for. FPR${n} is the share of known ${things} that are mistaken for strangers when ${n} % of the strangers are found:
lower is better. All plots have the same axis.</p>
<div class="row">${runs.map(({ results }, i) => {
      const names = results.models.map(({ name }) => name);
      return html`<div class="run"><h3>${labels[i]}</h3>
<p><strong>${answerOf(results).sentence}</strong></p>
${figure({
  caption: html`${capital(subjectOf(results).many)} mistaken for strangers, for each kind of stranger. ${spreadNote(results)}${modelLegend(names, 'dot')}`,
  plots: [
    {
      plot: dumbbell(
        `FPR${n} in the run ${labels[i]}: ${rows[i]!.map(({ title, values }) => `${title} ${values.map(({ value }) => share(value)).join(' to ')}`).join('; ')}.`,
        rows[i]!,
        { label: `FPR${n}`, width: 340, max },
      ),
    },
  ],
  values: {
    caption: `${labels[i]}: FPR${n}`,
    header: ['Strangers', ...names.map(modelTitle)],
    rows: rows[i]!.map(({ title, values }) => [title, ...values.map(({ value }) => share(value))]),
  },
})}</div>`;
    })}</div>`,
  };
}

function numbers(runs: readonly Run[], labels: readonly string[]): Section {
  const { n, score } = runs[0]!.results.rows[0]!;
  const scores = [...new Set(runs.flatMap(({ results }) => results.rows.map((row) => row.score)))];
  const groups = runs.map(({ results }, i) => ({ title: labels[i]!, columns: results.models.length }));
  const models = runs.flatMap(({ results }) => results.models.map(({ name }) => modelTitle(name)));
  const sets = setsOf(runs.flatMap(({ results }) => results.rows));
  const line = (
    label: Content,
    set: string,
    measure: 'fpr' | 'auroc' | 'aupr',
    of: string,
  ): (Content | Cell)[] => {
    const cells = runs.flatMap(({ results }) =>
      results.models.map(({ name }) =>
        results.rows.find((row) => row.model === name && row.set === set && row.score === of),
      ),
    );
    const values = cells.flatMap((row) => row?.[measure] ?? []);
    const winner = percentage(measure === 'fpr' ? Math.min(...values) : Math.max(...values));
    return [
      label,
      ...cells.map((row): Content | Cell => {
        if (!row) return '–';
        const spread = (row.seedStd ?? row.drawStd)?.[measure];
        const text = percentage(row[measure]);
        return {
          content: withSpread(row[measure], spread),
          kind: text === winner ? 'best' : '',
        };
      }),
    ];
  };
  const titles = {
    fpr: `FPR${n}: false alarms, lower is better`,
    auroc: 'AUROC, higher is better',
    aupr: 'AUPR, higher is better',
  };
  return {
    id: 'numbers',
    title: 'The numbers side by side',
    short: 'Numbers',
    body: html`<p>Percentages; the best of a row is bold. A dash: the run did not test that. Each mean is over the run’s own sets:
compare means only where the sets are the same.</p>
${table({
  caption: 'Misread examples of the task itself, lower is better',
  groups,
  header: ['Measure', ...models],
  rows: [
    [
      'Misread',
      ...runs.flatMap(({ results }) =>
        results.models.map(({ testError, testErrorStd }) => withSpread(testError, testErrorStd)),
      ),
    ],
  ],
})}
${[score, ...scores.filter((other) => other !== score)].map((of) =>
  (['fpr', 'auroc', 'aupr'] as const).map((measure) =>
    table({
      caption: html`<strong>${titles[measure]}</strong> (score: ${scoreTitle(of)})`,
      groups,
      header: ['Strangers', ...models],
      rows: sets.map((set) =>
        line(of === score && measure === 'fpr' ? setName(set) : setTitle(set), set, measure, of),
      ),
      footer: [line('Mean', 'mean', measure, of)],
    }),
  ),
)}`,
  };
}

function differences(runs: readonly Run[], labels: readonly string[]): Section {
  const facts = runs.map(({ results }) => {
    const { config, seeds, draws, versions, machine, data, durations, startedAt, experiment, models } =
      results;
    return new Map<string, string>([
      ['experiment', experiment],
      ['models', models.map(({ name }) => modelTitle(name)).join(', ')],
      ['started', startedAt],
      ['seeds', seeds.join(', ')],
      ['draws', String(draws)],
      ...settingsOf(config),
      ...settingsOf(versions, 'version'),
      ['processor', machine.cpu],
      ['cores', String(machine.cores)],
      ['system', machine.os],
      ['seconds', durations.total?.toFixed(1) ?? '–'],
      ...data.map(({ name, role, count, fingerprint }): [string, string] => [
        `data: ${name}, ${role}`,
        `${count} ${thingOf(results).many}, ${fingerprint.length > 90 ? `${fingerprint.slice(0, 90)}…` : fingerprint}`,
      ]),
    ]);
  });
  const names = [...new Set(facts.flatMap((each) => [...each.keys()]))];
  const differs = (name: string) => new Set(facts.map((each) => each.get(name))).size > 1;
  const line = (name: string) => [
    name,
    ...facts.map((each) => html`<span class="wrap">${each.get(name) ?? '–'}</span>`),
  ];
  const text = labels.map((_, i) => i + 1);
  const same = names.filter((name) => !differs(name));
  return {
    id: 'settings',
    title: 'What was different',
    short: 'Differences',
    body: html`${table({ caption: 'Settings that differ', header: ['Setting', ...labels], rows: names.filter(differs).map(line), text })}
${
  same.length > 0 &&
  html`<details><summary>The ${same.length} settings that are the same</summary>${table({
    caption: 'Settings that all runs share',
    header: ['Setting', 'Value'],
    rows: same.map((name) => [name, html`<span class="wrap">${facts[0]!.get(name)}</span>`]),
    text: [1],
  })}</details>`
}`,
  };
}

/** The folders' names, numbered where two are alike. */
function labelsOf(runs: readonly Run[]): string[] {
  return runs.map(({ name }, i) =>
    runs.filter((other) => other.name === name).length > 1 ? `${name} (${i + 1})` : name,
  );
}

/** What was asked, the answer, and one picture. */

import type { ExperimentResults } from '../../../experiments/results.ts';
import type { Run } from '../../run.ts';
import { answerOf } from '../answer.ts';
import { modelLegend, wideFigure } from '../figure.ts';
import type { Section } from '../page.ts';
import { type DumbbellRow, dumbbell } from '../plots/dumbbell.ts';
import { type Content, html } from '../template.ts';
import {
  modelTitle,
  partsOf,
  setsOf,
  setTitle,
  share,
  shareWithSpread,
  spreadNote,
  subjectOf,
  thingOf,
} from '../words.ts';

export function summarySection({ results }: Run): Section {
  const { many, one } = subjectOf(results);
  const { exposed } = partsOf(results);
  const { one: thing } = thingOf(results);
  const answer = answerOf(results);
  const n = results.rows[0]!.n;
  const rows = dumbbellRows(results);
  const names = results.models.map(({ name }) => name);
  const label = `${many} mistaken for strangers when ${n} % of the strangers are found (FPR${n})`;
  const description = `FPR${n} of each test set: ${rows
    .map(({ title, values }) => `${title} ${values.map(({ value }) => share(value)).join(' to ')}`)
    .join('; ')}.`;
  const draw = (width: number, axis: string) => dumbbell(description, rows, { label: axis, width });
  return {
    id: 'answer',
    title: 'The question and the answer',
    short: 'Answer',
    body: html`<p>A classifier that has learned ${many} answers anything it is shown with one of the classes it knows,
often quite sure, even when the ${thing} is nothing of the kind. Can it learn to notice such strangers, by being shown
some strangers while it is trained? And does it then notice <em>other</em> kinds, which it was never shown?</p>
<p class="answer">${answer.sentence}</p>
<ul class="notes">${answer.more.map((sentence) => html`<li>${sentence}</li>`)}</ul>
${wideFigure(
  html`<strong>${exposed ? 'Before and after, for each kind of stranger.' : 'Each kind of stranger.'}</strong>
How many ${many} set off the alarm by mistake when it catches ${n} % of the strangers: further left is better.${rows.some(({ values }) => values.some(({ spread }) => spread)) && ' The bands show ± one standard deviation.'}
${modelLegend(names, 'dot')}`,
  draw(860, label),
  draw(340, `${many} mistaken for strangers (FPR${n})`),
  {
    caption: `FPR${n}, in percent: lower is better. ${spreadNote(results)}`,
    header: ['Strangers', ...names.map(modelTitle)],
    rows: rows.map(({ title, values }) => [
      title,
      ...values.map(({ value, spread }) => shareWithSpread(value, spread)),
    ]),
  },
)}
<h3>Words used here</h3>
<dl class="terms">${terms(results, one, many)}</dl>`,
  };
}

/** The main score's FPR of each set, from the most mistaken to the least, and the mean. */
export function dumbbellRows(results: ExperimentResults): DumbbellRow[] {
  const scoreName = results.rows[0]!.score;
  const rowsOfScore = results.rows.filter(({ score }) => score === scoreName);
  const rowOf = (set: string): DumbbellRow[] => {
    const values = results.models.flatMap(({ name }) => {
      const row = rowsOfScore.find(({ model, set: other }) => model === name && other === set);
      if (!row) return [];
      return [{ model: modelTitle(name), value: row.fpr, spread: (row.seedStd ?? row.drawStd)?.fpr }];
    });
    return values.length === results.models.length
      ? [{ title: setTitle(set), mean: set === 'mean', values }]
      : [];
  };
  const sets = setsOf(rowsOfScore).flatMap(rowOf);
  sets.sort((a, b) => b.values[0]!.value - a.values[0]!.value);
  return [...sets, ...rowOf('mean')];
}

function terms(results: ExperimentResults, one: string, many: string): Content {
  const { base, exposed } = partsOf(results);
  const shown =
    typeof results.config.outliers === 'string' ? ` Here: ${setTitle(results.config.outliers)}.` : '';
  const term = (name: Content, meaning: Content) => html`<dt>${name}</dt><dd>${meaning}</dd>`;
  return [
    term(
      html`<dfn>In-distribution</dfn>`,
      `what the classifier was made for: here, ${many}. Every ${one} is of a class it knows.`,
    ),
    term(
      html`<dfn>Outlier</dfn>, <dfn>stranger</dfn>`,
      'anything else: out-of-distribution. It has no right class, so the only right answer is “I do not know”.',
    ),
    term(
      html`<dfn>Test strangers</dfn> (<span class="math">D</span><sub>out</sub><sup>test</sup>)`,
      'the kinds of strangers that it is judged by. They are never shown in training.',
    ),
    exposed &&
      term(
        html`<dfn>Shown outliers</dfn> (<span class="math">D</span><sub>out</sub><sup>OE</sup>)`,
        `strangers of another kind, which training uses: the classifier is to be as unsure about them as can be.${shown}`,
      ),
    exposed && term(html`<dfn>${modelTitle(base.name)}</dfn>`, 'the classifier trained on its task alone.'),
    exposed &&
      term(
        html`<dfn>${modelTitle(exposed.name)}</dfn>`,
        exposed.name === 'oe-tune'
          ? 'Outlier Exposure: the same classifier, trained a little longer with shown outliers beside its task.'
          : 'the classifier it is compared with.',
      ),
    results.models.some(({ name }) => name === 'oe-scratch') &&
      term(
        html`<dfn>${modelTitle('oe-scratch')}</dfn>`,
        'a new classifier that saw shown outliers from the beginning.',
      ),
    term(
      html`<dfn>Anomaly score</dfn>`,
      `a number that says how strange the classifier finds a ${thingOf(results).one}; higher is stranger. An alarm goes off above a threshold.`,
    ),
  ];
}

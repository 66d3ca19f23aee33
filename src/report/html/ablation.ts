/** The page about an ablation: one factor, its levels, what each gave. */
import type { AblationResults } from '../../experiments/index.ts';
import { meanOf, testSetsOf } from '../ablation-table.ts';
import { figure, legend } from './figure.ts';
import { page, type Section } from './page.ts';
import { levelPlot } from './plots/ablation.ts';
import { modelStyle } from './plots/render.ts';
import { quoted, settingsOf } from './sections/settings.ts';
import { type Cell, table } from './table.ts';
import { type Content, html } from './template.ts';
import {
  count,
  day,
  duration,
  list,
  percentage,
  scoreTitle,
  setTitle,
  share,
  shareWithSpread,
  withSpread,
} from './words.ts';

/** @returns a page of one file, which loads nothing */
export function ablationPage(results: AblationResults): string {
  return page({
    title: results.title,
    kicker: `Outlier Exposure, ablation · ${day(results.startedAt)}`,
    version: results.versions['outlier-exposure'] ?? '',
    sections: [answer(results), curves(results), sets(results), settings(results)],
  });
}

type Measure = 'fpr' | 'auroc' | 'aupr' | 'testError';

interface Measured {
  value: number;
  spread: number | undefined;
}

/** A level's mean over the test sets, or its test error; nothing where no set was tested. */
function measured(results: AblationResults, level: string, measure: Measure): Measured | undefined {
  if (measure === 'testError') {
    const { testError, testErrorStd } = results.models.find(({ name }) => name === level)!;
    return { value: testError, spread: testErrorStd };
  }
  const mean = meanOf(results, level);
  return mean && { value: mean[measure], spread: mean.seedStd?.[measure] };
}

const MEASURES = (n: number): readonly [Measure, title: string, better: 'lower' | 'higher'][] => [
  ['fpr', `FPR${n}`, 'lower'],
  ['auroc', 'AUROC', 'higher'],
  ['aupr', 'AUPR', 'higher'],
  ['testError', 'Test error', 'lower'],
];

/** What was asked, what came out, and how sure that is. */
function answer(results: AblationResults): Section {
  const { question, paper, levels, seeds, n, subject, notes, config } = results;
  const [base, ...rest] = levels;
  const of = (level: string) => measured(results, level, 'fpr')?.value ?? Number.NaN;
  const ranked = [...rest].sort((a, b) => of(a.name) - of(b.name));
  const [best, worst] = [ranked[0]!, ranked.at(-1)!];
  const shown = (level: string) => {
    const { value, spread } = measured(results, level, 'fpr')!;
    return shareWithSpread(value, spread);
  };
  const tested = testSetsOf(results).map(setTitle);
  const compared =
    ranked.length > 1
      ? `With “${best.title}”, ${shown(best.name)} of ${subject.many} are mistaken for strangers when ${n} % of the strangers are found; with “${worst.title}”, ${shown(worst.name)}; without exposure, ${shown(base!.name)}.`
      : `With “${best.title}”, ${shown(best.name)} of ${subject.many} are mistaken for strangers when ${n} % of the strangers are found; without exposure, ${shown(base!.name)}.`;
  return {
    id: 'answer',
    title: question,
    short: 'Answer',
    body: html`<p class="answer">${compared}</p>
<p>These are the levels with the lowest and the highest mean over ${tested.length} ${tested.length === 1 ? 'kind' : 'kinds'} of strangers that no level was shown: ${list(tested)}.
${
  seeds.length > 1
    ? `Numbers are means over ${seeds.length} seeds, ± their standard deviation; all levels of a seed start from the same baseline, unless they say otherwise.`
    : 'One model a level, from one seed: differences may be chance. Several seeds (--seeds) show how much they are worth.'
}${config.size === 'quick' ? ' This was a quick run, with less data and training than the full experiment.' : ''}</p>
<p>${paper}</p>
${notes.length > 0 && html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}`,
  };
}

function curves(results: AblationResults): Section {
  const { levels, factor, levelsAre, n, seeds } = results;
  const [base, ...rest] = levels;
  const measures = MEASURES(n);
  const plots = measures.flatMap(([measure, title, better]) => {
    const points = rest.flatMap(({ name }) => {
      const found = measured(results, name, measure);
      return found ? [{ name, ...found }] : [];
    });
    const baseline = measured(results, base!.name, measure);
    if (!baseline || points.length === 0) return [];
    const description = `${title} by ${factor}: ${points.map(({ name, value }) => `${name} ${share(value)}`).join(', ')}; baseline ${share(baseline.value)}.`;
    const drawn = levelPlot(
      description,
      points,
      { name: base!.name, ...baseline },
      { label: title, factor, levelsAre },
    );
    return [{ title: html`${title}, ${better} is better`, plot: drawn }];
  });
  return {
    id: 'curves',
    title: 'What each level gave',
    short: 'Levels',
    body: figure({
      title: html`By ${factor}`,
      caption: html`FPR${n}, AUROC and AUPR are means over the test sets; the test error is the share of misread ${results.subject.many}. The levels stand at equal distances.${legendOf(seeds.length)}`,
      plots,
      values: {
        caption: 'The same, in percent',
        header: ['Level', ...measures.map(([, title]) => title)],
        rows: levels.map(({ name, title }) => [
          title,
          ...measures.map(([measure]) => {
            const found = measured(results, name, measure);
            return found ? withSpread(found.value, found.spread) : '–';
          }),
        ]),
      },
    }),
  };
}

function legendOf(seeds: number): Content {
  const [base, level] = [modelStyle(0), modelStyle(1)];
  return legend([
    {
      title: 'a level',
      mark: html`<path d="M1 7H31" stroke="${level.color}" stroke-width="2.5"/><circle cx="16" cy="7" r="4" fill="${level.color}"/>`,
    },
    {
      title: 'baseline, not exposed',
      mark: html`<path d="M1 7H31" stroke="${base.color}" stroke-width="2.5" stroke-dasharray="${base.dash}"/>`,
    },
    ...(seeds > 1
      ? [
          {
            title: `± the standard deviation over ${seeds} seeds`,
            mark: html`<path d="M1 1H31V13H1Z" fill="${level.color}" fill-opacity="0.2"/>`,
          },
        ]
      : []),
  ]);
}

/** Every test set at every level. */
function sets(results: AblationResults): Section {
  const { levels, rows, n } = results;
  const names = testSetsOf(results);
  const cells = (set: string, measure: 'fpr' | 'auroc' | 'aupr'): (Content | Cell)[] => {
    const found = levels.map(({ name }) => rows.find((row) => row.model === name && row.set === set));
    const values = found.flatMap((row) => row?.[measure] ?? []);
    const best = percentage(measure === 'fpr' ? Math.min(...values) : Math.max(...values));
    return found.map((row) =>
      row
        ? {
            content: withSpread(row[measure], row.seedStd?.[measure]),
            kind: percentage(row[measure]) === best ? 'best' : '',
          }
        : '–',
    );
  };
  return {
    id: 'sets',
    title: 'Each kind of stranger',
    short: 'Strangers',
    body: html`<p>Percentages; the best of a row is bold.</p>
${MEASURES(n).flatMap(([measure, title, better]) =>
  measure === 'testError'
    ? []
    : [
        table({
          caption: html`<strong>${title}</strong>, ${better} is better`,
          header: ['Strangers', ...levels.map(({ name }) => name)],
          rows: names.map((set) => [setTitle(set), ...cells(set, measure)]),
          footer: [['Mean', ...cells('mean', measure)]],
        }),
      ],
)}`,
  };
}

function settings(results: AblationResults): Section {
  const { levels, config, seeds, machine, versions, durations, data, ablation, flags, draws } = results;
  const facts = [
    ...settingsOf(config),
    ...settingsOf(versions, 'version'),
    ['seeds', seeds.join(', ')] as const,
    ['processor', `${machine.cpu}, ${machine.cores} cores`] as const,
    ['time', duration(durations.total ?? 0)] as const,
    ...data.map(
      ({ name, role, count: images, fingerprint }) =>
        [`data: ${name}, ${role}`, `${count(images)} pictures, ${fingerprint.slice(0, 90)}`] as const,
    ),
  ];
  const words = [...flags, '--seed', seeds[0], '--seeds', seeds.length, '--draws', draws].map(String);
  const command = ['oe', 'reproduce', `ablation-${ablation}`, ...words].map(quoted).join(' ');
  return {
    id: 'settings',
    title: 'How it was made',
    short: 'Settings',
    body: html`<pre><code>${command}</code></pre>
${table({
  caption: 'The levels',
  header: [
    'Level',
    'Name',
    'Outliers',
    'Images',
    'λ',
    'Batch',
    'Epochs',
    'Rate',
    'Order',
    'Objective',
    'Score',
  ],
  text: [1, 2, 8, 9, 10],
  rows: levels.map(({ name, title, score, training }) => [
    title,
    name,
    ...(training
      ? [
          training.outliers.name,
          count(training.outliers.count),
          training.lambda,
          `${training.batch.inliers} + ${training.batch.outliers}`,
          training.epochs,
          training.learningRate,
          training.order,
          training.objective,
        ]
      : Array.from({ length: 8 }, () => '')),
    scoreTitle(score),
  ]),
})}
${table({ caption: 'Everything else', header: ['Setting', 'Value'], text: [1], rows: facts.map(([name, value]) => [name, html`<span class="wrap">${value}</span>`]) })}`,
  };
}

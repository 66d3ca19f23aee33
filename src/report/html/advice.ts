/** The page about which outliers to train with. */
import type { Advice } from '../../advice/index.ts';
import { wideFigure } from './figure.ts';
import { page } from './page.ts';
import { curvePlot, gainPlot } from './plots/advice.ts';
import { table } from './table.ts';
import { type Content, html } from './template.ts';
import { count, duration, list, percentage, setTitle } from './words.ts';

/** @returns a page of one file, which loads nothing */
export function advicePage(advice: Advice, { version }: { version: string }): string {
  const { curve } = advice;
  return page({
    title: 'Which outliers to train with',
    kicker: 'Outlier Exposure · advice',
    version,
    sections: [
      { id: 'answer', title: 'What to take', short: 'Answer', body: answer(advice) },
      { id: 'gains', title: 'What each set helps', short: 'Gains', body: gains(advice) },
      { id: 'closeness', title: 'How close each set is', short: 'Closeness', body: closeness(advice) },
      ...(curve && curve.points.length > 1
        ? [{ id: 'number', title: 'How many are enough', short: 'Number', body: number(advice) }]
        : []),
      { id: 'how', title: 'How this was measured', short: 'Method', body: method(advice) },
    ],
  });
}

function answer({ sentences, notes }: Advice): Content {
  const [first, ...rest] = sentences;
  return html`<p class="answer">${first}</p>
${rest.length > 0 && html`<ul>${rest.map((sentence) => html`<li>${sentence}</li>`)}</ul>`}
${notes.map((note) => html`<p>${note}</p>`)}`;
}

function gains({ candidates, validation, baseline }: Advice): Content {
  const description = `Gain in AUROC on ${validation.length} sets that judge, by candidate; ${candidates
    .map(({ name, gain }) => `${name} ${signed(gain)}`)
    .join(', ')} percentage points on average.`;
  const drawn = (width: number) => gainPlot(description, candidates, { width });
  return wideFigure(
    html`Further right is better. Small dots are single sets that judge, large ones the mean; left of the line detection got worse. Candidates stand in the order of their score, in which all sets weigh the same.`,
    drawn(760),
    drawn(340),
    {
      caption: 'Gain in AUROC by set that judges, in percentage points; – where it looks like the candidate',
      header: ['Judged by', 'Now, %', ...candidates.map(({ name }) => name)],
      rows: validation.map(({ name }) => [
        setTitle(name),
        percentage(baseline.aurocs[name]!),
        ...candidates.map(({ gains: by }) => (by[name] === undefined ? '–' : signed(by[name]))),
      ]),
      footer: [
        [
          'Mean',
          percentage(baseline.meanAuroc),
          ...candidates.map(({ gain, spread }) => `${signed(gain)} ± ${percentage(spread)}`),
        ],
        [
          'Score',
          '',
          ...candidates.map(({ score }) => `${score < 0 ? '−' : '+'}${Math.abs(score).toFixed(2)}`),
        ],
      ],
    },
  );
}

function closeness({ candidates }: Advice): Content {
  return html`<p>A set that is told apart at 100 % lies far from your data, one at 50 % cannot be told from it. Overlap is the share of which the model is surer than of half of your own examples.</p>
${table({
  caption: 'All candidates',
  header: ['Set', 'Examples', 'Told apart, %', 'Overlap, %', 'Error, points', '± standard error', 'A tuning'],
  rows: candidates.map((each) => [
    each.name,
    count(each.count),
    percentage(each.separability),
    percentage(each.overlap),
    signed(each.errorChange),
    percentage(each.errorStandardError),
    duration(each.seconds),
  ]),
})}`;
}

function number({ curve }: Advice): Content {
  const { candidate, points, enough } = curve!;
  const description = `Gain in AUROC by the number of examples of ${candidate}: ${points
    .map((point) => `${count(point.count)} ${signed(point.gain)}`)
    .join(', ')} percentage points.`;
  const drawn = (width: number) => curvePlot(description, points, { width });
  return wideFigure(
    html`The same number of steps on parts of ${candidate}.${enough !== undefined && html` Nine tenths of the full gain are there at ${count(enough)}.`}`,
    drawn(760),
    drawn(340),
    {
      caption: `Gain by number of examples of ${candidate}, in percentage points`,
      header: ['Examples', 'Gain in AUROC', '± over tunings', 'Error'],
      rows: points.map(({ count: size, gain, spread, errorChange }) => [
        count(size),
        signed(gain),
        percentage(spread),
        signed(errorChange),
      ]),
    },
  );
}

function method({ settings, heldOut, validation, baseline, seconds }: Advice): Content {
  const { steps, tunings, lambda, learningRate, batch, normalization, seed } = settings;
  return html`<p>Each candidate got ${tunings} short tunings by Outlier Exposure: ${steps} steps of ${batch.inliers} + ${batch.outliers} examples, learning rate ${Number(learningRate.toPrecision(6))}, λ ${lambda}, batch normalization ${normalization}, seeds from ${seed} on. Judged was by ${count(heldOut.count)} held-out examples of ${heldOut.name} (error ${percentage(baseline.error)} % before) and by outliers: ${list(validation.map(({ name, count: size }) => `${setTitle(name)} (${count(size)})`))}. The score is the maximum softmax probability. No test set was looked at. All of it took ${duration(seconds)}.</p>`;
}

/** A difference of fractions in percentage points. */
function signed(fraction: number): string {
  return `${fraction < 0 ? '−' : '+'}${percentage(Math.abs(fraction))}`;
}

/** How training went: the parts of the loss, and the accuracy. */
import type { TrainingRecord } from '../../../experiments/results.ts';
import type { Run } from '../../run.ts';
import { figure, legend, modelLegend } from '../figure.ts';
import type { Section } from '../page.ts';
import { modelStyle } from '../plots/render.ts';
import { type EpochLine, epochPlot } from '../plots/training.ts';
import { type Content, html } from '../template.ts';
import { duration, lossTitle, modelTitle, percentage, subjectOf } from '../words.ts';

const PARTS = [
  { color: 'var(--ink)', dash: '6,4' },
  { color: 'var(--in)', dash: 'none' },
  { color: 'var(--out)', dash: 'none' },
  { color: 'var(--model-3)', dash: '2,3' },
] as const;

export function trainingSection({ results }: Run): Section {
  const { many } = subjectOf(results);
  const first = results.seeds[0];
  const records = results.models.flatMap(
    ({ name }) => results.training.find(({ model, seed }) => model === name && seed === first) ?? [],
  );
  const drawn = records.filter(({ history }) => history.length > 0);
  const accuracy = drawn.filter(({ history }) =>
    history.every(({ losses }) => losses.accuracy !== undefined),
  );
  return {
    id: 'training',
    title: 'How training went',
    short: 'Training',
    body:
      drawn.length === 0
        ? html`<p class="note">Nothing was trained in this run.</p>`
        : html`<p>An epoch goes once through all training ${many}. Each value is the mean over an epoch, as training saw it
(dropout and all), so that it lags behind what the tests find at the end.${
            results.seeds.length > 1 ? ` Drawn for the first seed (${first}).` : ''
          }</p>
${drawn.map(lossFigure)}
${
  accuracy.length > 0 &&
  accuracyFigure(
    accuracy,
    many,
    results.models.map(({ name }) => name),
  )
}`,
  };
}

function lossFigure({ model, history, seconds }: TrainingRecord): Content {
  const keys = Object.keys(history[0]!.losses).filter((key) => key !== 'accuracy');
  // A loss with one part is that part.
  const same = (key: string) => history.every(({ losses }) => losses[key] === losses.loss);
  const parts = keys.filter((key) => key === 'loss' || !same(key));
  const lines: EpochLine[] = parts.map((key, i) => ({
    title: lossTitle(key),
    ...PARTS[i % PARTS.length]!,
    values: history.map(({ losses }) => losses[key] ?? 0),
  }));
  const last = history.at(-1)!;
  return figure({
    caption: html`<strong>${modelTitle(model)}: the loss</strong>, lower is better. ${history.length} epochs in ${duration(seconds)}.
${legend(
  lines.map(({ title, color, dash }) => ({
    title,
    mark: html`<path d="M1 7H31" stroke="${color}" stroke-width="2.5" stroke-dasharray="${dash}"/>`,
  })),
)}`,
    plots: [
      {
        plot: epochPlot(
          `Loss of ${modelTitle(model)} by epoch; at the end ${parts.map((key) => `${lossTitle(key)} ${last.losses[key]?.toFixed(4)}`).join(', ')}.`,
          lines,
          { label: 'loss', tick: (value) => String(Number(value.toFixed(3))), origin: 'zero' },
        ),
      },
    ],
    values: {
      caption: `${modelTitle(model)}: means over each epoch`,
      header: ['Epoch', ...parts.map(lossTitle), 'Learning rate at its end', 'Seconds'],
      rows: history.map(({ epoch, losses, learningRate, seconds: took }) => [
        epoch,
        ...parts.map((key) => losses[key]?.toFixed(4) ?? '–'),
        learningRate.toPrecision(3),
        took.toFixed(1),
      ]),
    },
  });
}

function accuracyFigure(records: readonly TrainingRecord[], many: string, names: readonly string[]): Content {
  const lines: EpochLine[] = records.map(({ model, history }) => {
    const { color, dash } = modelStyle(names.indexOf(model));
    return { title: modelTitle(model), color, dash, values: history.map(({ losses }) => losses.accuracy!) };
  });
  const epochs = Math.max(...records.map(({ history }) => history.length));
  return figure({
    caption: html`<strong>Accuracy on the training ${many}</strong>, higher is better.
${modelLegend(names, 'line')}`,
    plots: [
      {
        plot: epochPlot(
          `Training accuracy by epoch; at the end ${lines.map(({ title, values }) => `${title} ${percentage(values.at(-1)!)} %`).join(', ')}.`,
          lines,
          { label: 'right', tick: (value) => `${Number((100 * value).toFixed(1))} %`, origin: 'free' },
        ),
      },
    ],
    values: {
      caption: `Percent of the training ${many} that got the right class, mean over each epoch`,
      header: ['Epoch', ...lines.map(({ title }) => title)],
      rows: Array.from({ length: epochs }, (_, i) => [
        i + 1,
        ...lines.map(({ values }) => (values[i] === undefined ? '–' : percentage(values[i]))),
      ]),
    },
  });
}

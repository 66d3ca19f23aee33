/** How training went: the parts of the loss, and the accuracy. */
import type { TrainingRecord } from '../../../experiments/results.ts';
import type { Run } from '../../run.ts';
import { figure, legend, modelLegend } from '../figure.ts';
import type { Section } from '../page.ts';
import { modelStyle } from '../plots/render.ts';
import { type EpochLine, epochPlot } from '../plots/training.ts';
import { type Content, html } from '../template.ts';
import { duration, lossTitle, modelTitle, percentage, subjectOf } from '../words.ts';

const PART_STYLES: Record<string, { color: string; dash: string }> = {
  loss: { color: 'var(--ink)', dash: '6,4' },
  crossEntropy: { color: 'var(--in)', dash: 'none' },
  uniformCrossEntropy: { color: 'var(--out)', dash: 'none' },
};
const OTHER_PART = { color: 'var(--model-3)', dash: '2,3' };

function partStyle(key: string) {
  return Object.hasOwn(PART_STYLES, key) ? PART_STYLES[key]! : OTHER_PART;
}

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
(dropout and all), so that it lags behind what the tests find at the end. The part on the outliers shown cannot fall
below log <i>K</i> for <i>K</i> classes, 2.303 for ten: there, the classifier is as unsure about them as can be.${
            results.seeds.length > 1 ? ` Drawn for the first seed (${first}).` : ''
          }</p>
${lossLegend(drawn)}
<div class="row">${drawn.map(lossFigure)}
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

/** What a model's loss consists of; a total that has one part alone is that part. */
function partsOf({ history }: TrainingRecord): string[] {
  const keys = Object.keys(history[0]!.losses).filter((key) => key !== 'accuracy');
  const parts = keys.filter((key) => key !== 'loss');
  const alone = parts.length === 1 && history.every(({ losses }) => losses[parts[0]!] === losses.loss);
  return alone ? parts : keys;
}

function lossLegend(records: readonly TrainingRecord[]): Content {
  return legend(
    [...new Set(records.flatMap(partsOf))].map((key) => ({
      title: lossTitle(key),
      mark: html`<path d="M1 7H31" stroke="${partStyle(key).color}" stroke-width="2.5" stroke-dasharray="${partStyle(key).dash}"/>`,
    })),
  );
}

function lossFigure(record: TrainingRecord): Content {
  const { model, history, seconds } = record;
  const parts = partsOf(record);
  const lines: EpochLine[] = parts.map((key) => ({
    title: lossTitle(key),
    ...partStyle(key),
    values: history.map(({ losses }) => losses[key] ?? 0),
  }));
  const last = history.at(-1)!;
  return figure({
    title: `${modelTitle(model)}: the loss`,
    caption: html`Lower is better. ${history.length} epochs in ${duration(seconds)}.`,
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
    title: `Accuracy on the training ${many}`,
    caption: html`Higher is better.
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

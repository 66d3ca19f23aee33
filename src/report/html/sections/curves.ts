/** ROC and precision-recall curves, a pair for each set. */
import type { Run } from '../../run.ts';
import { figure, modelLegend } from '../figure.ts';
import type { Section } from '../page.ts';
import { precisionRecallPlot } from '../plots/precision-recall.ts';
import { rocPlot } from '../plots/roc.ts';
import { type ModelScores, type Point, prPoints, rocPoints, scoresOn } from '../plots/scores.ts';
import { html } from '../template.ts';
import {
  capital,
  modelTitle,
  percentage,
  scoreTitle,
  setDescription,
  setsOf,
  setTitle,
  share,
  subjectOf,
} from '../words.ts';
import { missing, whoseScores } from './missing.ts';

/** Where the tables read the curves. */
const FOUND = [0.5, 0.8, 0.9, 0.95, 0.99];

export function curvesSection(run: Run): Section {
  const { results } = run;
  const { many } = subjectOf(results);
  const { score, n, inCount } = results.rows[0]!;
  const names = results.models.map(({ name }) => name);
  const figures = setsOf(results.rows).flatMap((set) => {
    const models = scoresOn(run, score, set);
    return models.length > 0 ? [setFigure(set, models, n, many)] : [];
  });
  return {
    id: 'curves',
    title: 'Finding strangers, and its price',
    short: 'Curves',
    body:
      figures.length === 0
        ? missing('scores')
        : html`<p>A low threshold finds all strangers, and bothers with false alarms; a high one does neither. A curve
shows all thresholds of a model at once. <strong>Left (ROC):</strong> strangers found against false alarms; nearer the
upper left is better. Each step of the lower axis is ten times the last, since good models differ where false alarms are
rare; dots mark FPR${n}. <strong>Right (precision and recall):</strong> which share of the alarms is right; nearer the upper
right is better. Dotted grey is guessing.</p>
<p class="note">Scores: ${scoreTitle(score)} of ${inCount.toLocaleString('en')} ${many}. ${whoseScores(results)}</p>
${modelLegend(names, 'line')}
${figures}`,
  };
}

function setFigure(set: string, models: readonly ModelScores[], n: number, many: string) {
  const title = setTitle(set);
  const description = setDescription(set);
  const read = models.map((model) => ({ roc: rocPoints(model), pr: prPoints(model) }));
  const facts = models.map((model) => `${model.title} ${share(model.metrics.fpr)}`).join(', ');
  return figure({
    layout: 'beside',
    title,
    caption: html`${description && html`${capital(description)}.<br>`}AUROC ${models
      .map(({ metrics }) => percentage(metrics.auroc))
      .join(' → ')}<br>AUPR ${models.map(({ metrics }) => percentage(metrics.aupr)).join(' → ')}.`,
    plots: [
      {
        plot: rocPlot(
          `ROC curves on ${title}. False alarms with ${n} % of the strangers found: ${facts}.`,
          models,
          n,
        ),
      },
      {
        plot: precisionRecallPlot(
          `Precision-recall curves on ${title}. AUPR: ${models.map((model) => `${model.title} ${share(model.metrics.aupr)}`).join(', ')}.`,
          models,
        ),
      },
    ],
    values: {
      caption: `${title}: false alarms among ${many}, and the share of alarms that are right, when at least so many strangers are found`,
      groups: [
        { title: 'false alarms', columns: models.length },
        { title: 'alarms that are right', columns: models.length },
      ],
      header: [
        'Found',
        ...models.map(({ name }) => modelTitle(name)),
        ...models.map(({ name }) => modelTitle(name)),
      ],
      rows: FOUND.map((found) => [
        `${100 * found} %`,
        ...read.map(({ roc }) => share(firstReaching(roc, ({ y }) => y, found).x)),
        ...read.map(({ pr }) => share(firstReaching(pr, ({ x }) => x, found).y)),
      ]),
    },
  });
}

function firstReaching(curve: readonly Point[], found: (point: Point) => number, least: number): Point {
  return curve.find((point) => found(point) >= least) ?? curve.at(-1)!;
}

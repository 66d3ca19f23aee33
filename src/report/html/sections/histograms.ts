/** Where the scores lie, known examples against strangers, before and after. */
import type { Run } from '../../run.ts';
import { figure, legend } from '../figure.ts';
import type { Section } from '../page.ts';
import { histogramOf, histogramPlot } from '../plots/histogram.ts';
import { type ModelScores, scoresOn } from '../plots/scores.ts';
import { type Content, html } from '../template.ts';
import {
  capital,
  percentage,
  score as scoreText,
  scoreTitle,
  setDescription,
  setsOf,
  setTitle,
  subjectOf,
  thingOf,
} from '../words.ts';
import { missing, whoseScores } from './missing.ts';

const BINS = 30;

export function histogramsSection(run: Run): Section {
  const { results } = run;
  const { many } = subjectOf(results);
  const { score, n } = results.rows[0]!;
  const sets = setsOf(results.rows).flatMap((set) => {
    const models = scoresOn(run, score, set);
    return models.length > 0 ? [{ set, models }] : [];
  });
  // One axis for all, so that pictures can be compared.
  const range = rangeOf(
    sets.flatMap(({ models }) => models.flatMap(({ inliers, outliers }) => [inliers, outliers])),
  );
  return {
    id: 'scores',
    title: `How sure it is about ${many}, and about strangers`,
    short: 'Scores',
    body:
      sets.length === 0
        ? missing('scores')
        : html`<p>Each ${thingOf(results).one} gets a score: on the left the classifier is sure of a class, on the right it has no idea.
What is wanted is ${many} on the left and strangers on the right, with nothing in common. The dashed line is the
threshold that finds ${n} % of the strangers: all ${many} to the right of it are false alarms.</p>
<p class="note">${scoreTitle(score)}; the heights grow with the square root of the share, so that rare scores can be seen. ${whoseScores(results)}</p>
${legend([
  { title: `${many}, upwards`, mark: html`<path d="M4 13V3H28V13Z" fill="var(--in)"/>` },
  { title: 'strangers, downwards', mark: html`<path d="M4 1V11H28V1Z" fill="var(--out)"/>` },
])}
${sets.map(({ set, models }) => setFigure(set, models, range, n, many))}`,
  };
}

function setFigure(
  set: string,
  models: readonly ModelScores[],
  range: readonly [number, number],
  n: number,
  many: string,
): Content {
  const title = setTitle(set);
  const description = setDescription(set);
  const histograms = models.map(({ inliers, outliers }) => histogramOf(inliers, outliers, range, BINS));
  const { edges } = histograms[0]!;
  const bins = edges.slice(0, -1).map((_, i) => i);
  return figure({
    layout: models.length > 2 ? 'above' : 'beside',
    title,
    caption: description && `${capital(description)}.`,
    plots: models.map((model, i) => ({
      title: model.title,
      plot: histogramPlot(
        `Scores of ${model.title}, ${many} against ${title}: medians ${scoreText(median(model.inliers))} and ${scoreText(median(model.outliers))}, threshold ${scoreText(model.metrics.threshold)}.`,
        histograms[i]!,
        { threshold: model.metrics.threshold, n, many },
      ),
    })),
    values: {
      caption: `${title}: percentages of the ${many} and of the strangers, by score. Thresholds: ${models
        .map((model) => `${model.title} ${scoreText(model.metrics.threshold)}`)
        .join(', ')}.`,
      groups: models.map((model) => ({ title: model.title, columns: 2 })),
      header: ['Score from', ...models.flatMap(() => [many, 'strangers'])],
      rows: bins
        .filter((i) => histograms.some(({ inShares, outShares }) => inShares[i]! > 0 || outShares[i]! > 0))
        .map((i) => [
          scoreText(edges[i]!),
          ...histograms.flatMap(({ inShares, outShares }) => [
            percentage(inShares[i]!),
            percentage(outShares[i]!),
          ]),
        ]),
    },
  });
}

function median(values: Float32Array): number {
  return Float32Array.from(values).sort()[Math.floor(values.length / 2)]!;
}

function rangeOf(all: readonly Float32Array[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of all) {
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return [0, 1];
  [low, high] = [Math.floor(low * 100) / 100, Math.ceil(high * 100) / 100];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Found strangers against false alarms, whose axis grows tenfold a step: good models live at its left end. */
import * as Plot from '@observablehq/plot';
import type { Html } from '../template.ts';
import { share } from '../words.ts';
import { draw, FAINT, modelStyle, thinned } from './render.ts';
import { type ModelScores, type Point, rocPoints } from './scores.ts';

const WIDTH = 330;
const HEIGHT = 260;

export function rocPlot(description: string, models: readonly ModelScores[], n: number): Html {
  const least =
    10 ** Math.floor(Math.log10(1 / Math.max(10, ...models.map(({ inliers }) => inliers.length))));
  const decades = Math.round(-Math.log10(least));
  const ticks = Array.from({ length: decades + 1 }, (_, i) => 10 ** (i - decades));
  const x = ({ x }: Point) => Math.max(least, x);
  const curves = models.map((model) =>
    thinned(rocPoints(model), (point) => [
      (WIDTH * Math.log10(x(point) / least)) / decades,
      HEIGHT * point.y,
    ]),
  );
  const guessing = Array.from({ length: 41 }, (_, i) => least ** (1 - i / 40));
  return draw(description, {
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 52,
    marginRight: 24,
    marginTop: 28,
    marginBottom: 42,
    x: { type: 'log', domain: [least, 1], label: null },
    y: { domain: [0, 1], label: null },
    marks: [
      Plot.gridX(ticks, { stroke: FAINT, strokeOpacity: 1 }),
      Plot.gridY({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX(ticks, {
        tickFormat: (value: number) => `${Number((100 * value).toPrecision(1))} %`,
        tickSize: 0,
        label: 'false alarms',
        labelArrow: 'none',
        labelAnchor: 'center',
        fill: 'var(--soft)',
      }),
      Plot.axisY({
        ticks: 5,
        tickFormat: (value: number) => `${Math.round(100 * value)} %`,
        tickSize: 0,
        label: 'strangers found',
        labelArrow: 'none',
        labelAnchor: 'top',
        labelOffset: 44,
        fill: 'var(--soft)',
      }),
      Plot.line(guessing, {
        x: (value: number) => value,
        y: (value: number) => value,
        stroke: 'var(--soft)',
        strokeWidth: 1,
        strokeDasharray: '1,3',
      }),
      Plot.ruleY([n / 100], { stroke: 'var(--soft)', strokeWidth: 1 }),
      ...curves.map((curve, place) =>
        Plot.line(curve, {
          x,
          y: 'y',
          stroke: modelStyle(place).color,
          strokeWidth: 2,
          strokeDasharray: modelStyle(place).dash,
        }),
      ),
      ...models.map((model, place) =>
        Plot.dot([model], {
          x: ({ metrics }: ModelScores) => Math.max(least, metrics.fpr),
          y: n / 100,
          r: 4.5,
          symbol: modelStyle(place).symbol,
          stroke: modelStyle(place).color,
          strokeWidth: 2,
          fill: place === 0 ? 'var(--paper)' : modelStyle(place).color,
          title: ({ title, metrics }: ModelScores) =>
            `${title}: ${share(metrics.fpr)} false alarms with ${n} % found`,
        }),
      ),
    ],
  });
}

/** How many alarms are right, against how many strangers are found. */
import * as Plot from '@observablehq/plot';
import type { Html } from '../template.ts';
import { draw, FAINT, modelStyle, thinned } from './render.ts';
import { type ModelScores, prPoints } from './scores.ts';

const WIDTH = 330;
const HEIGHT = 260;

export function precisionRecallPlot(description: string, models: readonly ModelScores[]): Html {
  const { inliers, outliers } = models[0]!;
  const guessing = outliers.length / (inliers.length + outliers.length);
  const percentTick = (value: number) => `${Math.round(100 * value)} %`;
  return draw(description, {
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 52,
    marginRight: 24,
    marginTop: 28,
    marginBottom: 42,
    x: { domain: [0, 1], label: null },
    y: { domain: [0, 1], label: null },
    marks: [
      Plot.gridX({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.gridY({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX({
        ticks: 5,
        tickFormat: percentTick,
        tickSize: 0,
        label: 'strangers found (recall)',
        labelArrow: 'none',
        labelAnchor: 'center',
        fill: 'var(--soft)',
      }),
      Plot.axisY({
        ticks: 5,
        tickFormat: percentTick,
        tickSize: 0,
        label: 'alarms that are right',
        labelArrow: 'none',
        labelAnchor: 'top',
        labelOffset: 44,
        fill: 'var(--soft)',
      }),
      Plot.ruleY([guessing], { stroke: 'var(--soft)', strokeWidth: 1, strokeDasharray: '1,3' }),
      ...models.map((model, place) =>
        Plot.line(
          thinned(prPoints(model), ({ x, y }) => [WIDTH * x, HEIGHT * y]),
          {
            x: 'x',
            y: 'y',
            stroke: modelStyle(place).color,
            strokeWidth: 2,
            strokeDasharray: modelStyle(place).dash,
          },
        ),
      ),
    ],
  });
}

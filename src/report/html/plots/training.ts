/** How training went, epoch by epoch. */
import * as Plot from '@observablehq/plot';
import type { Html } from '../template.ts';
import { draw, FAINT } from './render.ts';

export interface EpochLine {
  title: string;
  color: string;
  dash: string;
  /** One value an epoch. */
  values: number[];
}

export interface EpochPlotOptions {
  /** What the axis measures. */
  label: string;
  /** How a value is written on the axis. */
  tick: (value: number) => string;
  /** Whether the axis begins at zero. */
  origin: 'zero' | 'free';
}

export function epochPlot(description: string, lines: readonly EpochLine[], options: EpochPlotOptions): Html {
  const epochs = Math.max(1, ...lines.map(({ values }) => values.length));
  const every = Math.max(1, Math.ceil(epochs / 10));
  const ticks = Array.from({ length: Math.floor(epochs / every) }, (_, i) => (i + 1) * every);
  const all = lines.flatMap(({ values }) => values);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = Math.max((most - least) * 0.06, 1e-6);
  const low = options.origin === 'zero' ? Math.min(0, least) : least - room;
  return draw(description, {
    width: 330,
    height: 230,
    marginLeft: 52,
    marginRight: 16,
    marginTop: 26,
    marginBottom: 42,
    x: { domain: epochs === 1 ? [0.5, 1.5] : [1, epochs], label: null },
    y: { domain: [low, most + room], label: null },
    marks: [
      Plot.gridY({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX(ticks, {
        tickFormat: String,
        tickSize: 0,
        label: 'epoch',
        labelArrow: 'none',
        labelAnchor: 'center',
        fill: 'var(--soft)',
      }),
      Plot.axisY({
        ticks: 5,
        tickFormat: options.tick,
        tickSize: 0,
        label: options.label,
        labelArrow: 'none',
        labelAnchor: 'top',
        labelOffset: 44,
        fill: 'var(--soft)',
      }),
      ...lines.flatMap(({ title, color, dash, values }) => {
        const points = values.map((value, i) => ({ value, epoch: i + 1 }));
        return [
          Plot.line(points, { x: 'epoch', y: 'value', stroke: color, strokeWidth: 2, strokeDasharray: dash }),
          Plot.dot(points, {
            x: 'epoch',
            y: 'value',
            r: 3,
            fill: color,
            title: ({ epoch, value }) => `${title}, epoch ${epoch}: ${options.tick(value)}`,
          }),
        ];
      }),
    ],
  });
}

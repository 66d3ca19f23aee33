/** One measure at every level of an ablation, with the baseline and, with several seeds, bands. */
import * as Plot from '@observablehq/plot';
import type { Html } from '../template.ts';
import { draw, FAINT, modelStyle } from './render.ts';

/** A level as it is drawn; fractions. */
export interface LevelPoint {
  /** On the axis; no two alike. */
  name: string;
  value: number;
  /** Standard deviation over seeds. */
  spread?: number | undefined;
}

export interface LevelPlotOptions {
  /** What the vertical axis measures. */
  label: string;
  /** What the horizontal axis varies. */
  factor: string;
  /** Whether a line joins the levels. */
  levelsAre: 'ordered' | 'kinds';
  width?: number;
}

/** Names longer than this stand aslant. */
const UPRIGHT = 6;

/**
 * Levels stand side by side at the same distance, whatever their numbers.
 *
 * @param description what the picture shows, for those who do not see it
 * @param baseline drawn as a dashed line over the whole width
 */
export function levelPlot(
  description: string,
  points: readonly LevelPoint[],
  baseline: LevelPoint,
  { label, factor, levelsAre, width = 330 }: LevelPlotOptions,
): Html {
  const ends = [...points, baseline].flatMap(({ value, spread = 0 }) => [value - spread, value + spread]);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const room = Math.max((most - least) * 0.08, 1e-4);
  const longest = Math.max(...points.map(({ name }) => name.length));
  const aslant = longest > UPRIGHT && points.length > 2;
  const percent = (value: number) => `${Number((100 * value).toFixed(2))} %`;
  const [base, level] = [modelStyle(0), modelStyle(1)];
  const banded = points.filter(({ spread }) => spread !== undefined);
  const low = ({ value, spread = 0 }: LevelPoint) => value - spread;
  const high = ({ value, spread = 0 }: LevelPoint) => value + spread;
  const title = ({ name, value, spread }: LevelPoint) =>
    `${name}: ${percent(value)}${spread === undefined ? '' : ` ± ${percent(spread)}`}`;
  return draw(description, {
    width,
    height: 250 + (aslant ? 3 * Math.min(longest, 16) : 0),
    marginLeft: 58,
    marginRight: 16,
    marginTop: 28,
    marginBottom: 46 + (aslant ? 3 * Math.min(longest, 16) : 0),
    x: { type: 'point', domain: points.map(({ name }) => name), label: null, padding: 0.4 },
    y: { domain: [Math.max(0, least - room), Math.min(1, most + room)], label: null },
    marks: [
      Plot.gridY({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX({
        tickSize: 0,
        label: factor,
        labelArrow: 'none',
        labelAnchor: 'center',
        labelOffset: 40 + (aslant ? 3 * Math.min(longest, 16) : 0),
        fill: 'var(--soft)',
        ...(aslant ? { tickRotate: -35 } : {}),
      }),
      Plot.axisY({
        ticks: 5,
        tickFormat: percent,
        tickSize: 0,
        label,
        labelArrow: 'none',
        labelAnchor: 'top',
        labelOffset: 50,
        fill: 'var(--soft)',
      }),
      ...(baseline.spread === undefined
        ? []
        : [
            Plot.rect([baseline], {
              y1: low,
              y2: high,
              fill: base.color,
              fillOpacity: 0.15,
            }),
          ]),
      Plot.ruleY([baseline.value], { stroke: base.color, strokeWidth: 2, strokeDasharray: base.dash }),
      ...(levelsAre === 'ordered'
        ? [
            Plot.areaY(banded, { x: 'name', y1: low, y2: high, fill: level.color, fillOpacity: 0.2 }),
            Plot.line(points, { x: 'name', y: 'value', stroke: level.color, strokeWidth: 2 }),
          ]
        : [Plot.ruleX(banded, { x: 'name', y1: low, y2: high, stroke: level.color, strokeWidth: 2 })]),
      Plot.dot(points, {
        x: 'name',
        y: 'value',
        r: 4,
        fill: level.color,
        stroke: level.color,
        title,
      }),
    ],
  });
}

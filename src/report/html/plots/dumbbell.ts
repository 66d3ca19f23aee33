/** A row for each set: where each model stands, joined by an arrow from the first. */
import * as Plot from '@observablehq/plot';
import type { Html } from '../template.ts';
import { shareWithSpread } from '../words.ts';
import { draw, FAINT, INK, modelStyle } from './render.ts';

export interface DumbbellRow {
  title: string;
  /** The mean row is set apart. */
  mean: boolean;
  /** One a model, in the models' order. */
  values: { model: string; value: number; spread?: number | undefined }[];
}

export interface DumbbellOptions {
  /** What the axis measures. */
  label: string;
  /** Width in pixels; below 500, titles stand above their rows. */
  width: number;
  /** The axis' end, to compare plots with; default by the data. */
  max?: number;
}

export function dumbbell(description: string, rows: readonly DumbbellRow[], options: DumbbellOptions): Html {
  const { label, width } = options;
  const narrow = width < 500;
  const step = narrow ? 46 : 34;
  const top = narrow ? 34 : 22;
  const marginBottom = 44;
  const height = top + step * rows.length + marginBottom;
  const largest = Math.max(
    ...rows.flatMap(({ values }) => values.map(({ value, spread = 0 }) => value + spread)),
  );
  const max = options.max ?? niceEnd(largest);
  const y = (row: DumbbellRow) => rows.indexOf(row) + 0.5;
  const dots = rows.flatMap((row) => row.values.map((value, place) => ({ ...value, place, row })));
  // A baseline that others improve on is drawn first, hollow, so that a filled dot on top of it shows both.
  const changes = rows.flatMap((row) => {
    const [from, to] = row.values;
    return from && to ? [{ row, from: from.value, to: to.value }] : [];
  });
  const far = changes.filter(({ from, to }) => Math.abs(from - to) > 0.025 * max);
  const summary = (row: DumbbellRow) => row.values.map(({ value }) => (100 * value).toFixed(2)).join(' → ');
  return draw(description, {
    width,
    height,
    marginTop: top,
    marginBottom,
    marginLeft: narrow ? 10 : 150,
    marginRight: narrow ? 14 : 60 + 52 * Math.max(1, (rows[0]?.values.length ?? 1) - 1),
    x: {
      domain: [0, max],
      label: null,
      tickFormat: (value: number) => `${tidy(100 * value)} %`,
      ticks: narrow ? 4 : 7,
    },
    y: { domain: [rows.length, 0], axis: null },
    marks: [
      Plot.gridX({ ticks: narrow ? 4 : 7, stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX({
        ticks: narrow ? 4 : 7,
        tickSize: 0,
        label,
        labelAnchor: 'left',
        labelArrow: 'none',
        labelOffset: 40,
        fill: 'var(--soft)',
        tickFormat: (value: number) => `${tidy(100 * value)} %`,
      }),
      Plot.ruleY(
        rows.filter(({ mean }) => mean),
        { y: (row: DumbbellRow) => y(row) - 0.5, stroke: 'var(--soft)', strokeWidth: 1 },
      ),
      Plot.link(rows, { x1: 0, x2: max, y1: y, y2: y, stroke: FAINT }),
      Plot.link(changes, {
        x1: 'from',
        x2: 'to',
        y1: ({ row }) => y(row),
        y2: ({ row }) => y(row),
        stroke: modelStyle(1).color,
        strokeWidth: 2,
        strokeOpacity: 0.55,
      }),
      Plot.arrow(far, {
        x1: 'from',
        x2: 'to',
        y1: ({ row }) => y(row),
        y2: ({ row }) => y(row),
        stroke: modelStyle(1).color,
        strokeWidth: 2,
        insetEnd: 7,
        headLength: 6,
      }),
      Plot.link(
        dots.filter(({ spread }) => spread),
        {
          x1: ({ value, spread }) => Math.max(0, value - spread!),
          x2: ({ value, spread }) => Math.min(max, value + spread!),
          y1: ({ row }) => y(row),
          y2: ({ row }) => y(row),
          stroke: ({ place }) => modelStyle(place).color,
          strokeWidth: 6,
          strokeOpacity: 0.3,
          strokeLinecap: 'butt',
        },
      ),
      ...[0, 1, 2, 3].map((place) => {
        const { color, symbol } = modelStyle(place);
        return Plot.dot(
          dots.filter((dot) => dot.place === place),
          {
            x: 'value',
            y: ({ row }) => y(row),
            symbol,
            r: place === 0 ? 6 : 5,
            stroke: color,
            strokeWidth: 2.25,
            fill: place === 0 ? 'var(--paper)' : color,
            title: ({ model, value, spread, row }) =>
              `${row.title}, ${model}: ${shareWithSpread(value, spread)}`,
          },
        );
      }),
      Plot.text(rows, {
        ...(narrow
          ? { frameAnchor: 'left', dy: -17, textAnchor: 'start' }
          : { frameAnchor: 'left', dx: -12, textAnchor: 'end' }),
        y,
        text: 'title',
        fill: INK,
        fontWeight: 600,
        lineWidth: narrow ? 11 : 10,
        textOverflow: 'ellipsis',
      }),
      Plot.text(rows, {
        ...(narrow
          ? { frameAnchor: 'right', dy: -17, textAnchor: 'end' }
          : { frameAnchor: 'right', dx: 14, textAnchor: 'start' }),
        y,
        text: summary,
        fill: INK,
        fontVariant: 'tabular-nums',
      }),
    ],
  });
}

/** A round number at or above the value. */
export function niceEnd(value: number): number {
  for (const end of [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8,
  ]) {
    if (value <= end * 0.98) return end;
  }
  return 1;
}

function tidy(value: number): number {
  return Number(value.toPrecision(3));
}

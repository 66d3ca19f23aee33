/** What detection costs in accuracy: error against AUROC, with the budget. */
import * as Plot from '@observablehq/plot';
import type { Html } from '../template.ts';
import { draw, FAINT, INK, modelStyle } from './render.ts';

/** A measured model; all rates are fractions. */
export interface TradeOffPoint {
  error: number;
  meanAuroc: number;
  /** What the pointer is told, and how the point is marked. */
  title: string;
  kind: 'baseline' | 'chosen' | 'within' | 'over';
}

/**
 * @param description what the picture shows, for those who do not see it
 * @param points of all tunings, the baseline among them
 * @param limit the largest error that the budget allows
 */
export function tradeOffPlot(
  description: string,
  points: readonly TradeOffPoint[],
  { limit, width = 560 }: { limit: number; width?: number },
): Html {
  const room = (values: number[]): [number, number] => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const margin = Math.max((most - least) * 0.08, 1e-3);
    return [least - margin, most + margin];
  };
  const within = modelStyle(1).color;
  const percent = (value: number) => `${Number((100 * value).toFixed(2))} %`;
  const dots = (kind: TradeOffPoint['kind']) => points.filter((point) => point.kind === kind);
  const place = { x: 'error', y: 'meanAuroc', title: 'title' } as const;
  const axis = {
    tickSize: 0,
    labelArrow: 'none',
    fill: 'var(--soft)',
    tickFormat: percent,
    ticks: 5,
  } as const;
  const labels = [...dots('baseline'), ...dots('chosen')];
  return draw(description, {
    width,
    height: 340,
    marginLeft: 62,
    marginRight: 24,
    marginTop: 30,
    marginBottom: 44,
    x: { domain: room([...points.map(({ error }) => error), limit]), label: null },
    y: { domain: room(points.map(({ meanAuroc }) => meanAuroc)), label: null },
    marks: [
      Plot.gridX({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.gridY({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX({ ...axis, label: 'error on held-out images', labelAnchor: 'center', labelOffset: 40 }),
      Plot.axisY({ ...axis, label: 'mean AUROC', labelAnchor: 'top', labelOffset: 54 }),
      Plot.ruleX([limit], { stroke: INK, strokeWidth: 1.5, strokeDasharray: '6,4' }),
      Plot.text([limit], {
        x: (value: number) => value,
        frameAnchor: 'top',
        text: () => 'budget',
        dy: -16,
        fill: INK,
      }),
      Plot.dot(dots('over'), {
        ...place,
        r: 4,
        stroke: modelStyle(0).color,
        strokeWidth: 1.5,
        fill: 'var(--paper)',
      }),
      Plot.dot(dots('within'), { ...place, r: 4, fill: within }),
      Plot.dot(dots('baseline'), { ...place, r: 6, symbol: 'square', fill: INK }),
      Plot.dot(dots('chosen'), { ...place, r: 8, symbol: 'star', fill: within, stroke: INK, strokeWidth: 1 }),
      Plot.text(labels, {
        x: 'error',
        y: 'meanAuroc',
        text: 'kind',
        dy: 17,
        fill: INK,
        stroke: 'var(--paper)',
        strokeWidth: 5,
      }),
    ],
  });
}

/** What outliers help, by set, and by their number. */
import * as Plot from '@observablehq/plot';
import type { CandidateAdvice, LearningCurve } from '../../../advice/index.ts';
import type { Html } from '../template.ts';
import { draw, FAINT, INK, modelStyle } from './render.ts';

const AXIS = { tickSize: 0, labelArrow: 'none', fill: 'var(--soft)' } as const;
const points = (value: number) => `${Number((100 * value).toFixed(2))}`.replace('-', '−');

/**
 * Gains of all candidates, a row each.
 *
 * @param description what the picture shows, for those who do not see it
 */
export function gainPlot(
  description: string,
  candidates: readonly CandidateAdvice[],
  { width }: { width: number },
): Html {
  const single = candidates.flatMap(({ name, gains }) =>
    Object.entries(gains).map(([set, gain]) => ({ name, gain, title: `${name}, ${set}: ${points(gain)}` })),
  );
  const { color } = modelStyle(1);
  const longest = Math.max(...candidates.map(({ name }) => name.length));
  return draw(description, {
    width,
    height: 70 + 34 * candidates.length,
    marginLeft: Math.min(0.4 * width, 16 + 7.5 * longest),
    marginRight: 24,
    marginTop: 16,
    marginBottom: 48,
    x: { label: null, nice: true },
    y: { domain: candidates.map(({ name }) => name), label: null },
    marks: [
      Plot.gridX({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX({
        ...AXIS,
        ticks: 5,
        tickFormat: points,
        label: 'gain in AUROC, percentage points',
        labelAnchor: 'center',
        labelOffset: 40,
      }),
      Plot.axisY({ ...AXIS, fill: INK, label: null }),
      Plot.ruleX([0], { stroke: INK, strokeWidth: 1.5 }),
      Plot.dot(single, {
        x: 'gain',
        y: 'name',
        r: 3.5,
        stroke: modelStyle(0).color,
        strokeWidth: 1.5,
        fill: 'var(--paper)',
        title: 'title',
      }),
      Plot.dot(candidates, {
        x: 'gain',
        y: 'name',
        r: 7,
        fill: color,
        title: ({ name, gain }: CandidateAdvice) => `${name}, mean: ${points(gain)}`,
      }),
    ],
  });
}

/** Gain by number of outliers, which grows by factors. */
export function curvePlot(
  description: string,
  curve: LearningCurve['points'],
  { width }: { width: number },
): Html {
  const { color } = modelStyle(1);
  const place = { x: 'count', y: 'gain' } as const;
  return draw(description, {
    width,
    height: 280,
    marginLeft: 62,
    marginRight: 36,
    marginTop: 30,
    marginBottom: 48,
    x: { type: 'log', label: null },
    y: { label: null, zero: true, nice: true },
    marks: [
      Plot.gridY({ ticks: 5, stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX([], { ...AXIS, label: 'examples', labelAnchor: 'center', labelOffset: 40 }),
      // An axis would leave out the ends.
      Plot.text(curve, {
        x: 'count',
        frameAnchor: 'bottom',
        dy: 18,
        text: ({ count }: LearningCurve['points'][0]) => count.toLocaleString('en'),
        fill: 'var(--soft)',
      }),
      Plot.axisY({
        ...AXIS,
        ticks: 5,
        tickFormat: points,
        label: 'gain in AUROC, points',
        labelAnchor: 'top',
        labelOffset: 54,
      }),
      Plot.ruleY([0], { stroke: INK }),
      Plot.ruleX(curve, {
        x: 'count',
        y1: ({ gain, spread }: LearningCurve['points'][0]) => gain - spread,
        y2: ({ gain, spread }: LearningCurve['points'][0]) => gain + spread,
        stroke: color,
      }),
      Plot.line(curve, { ...place, stroke: color, strokeWidth: 2 }),
      Plot.dot(curve, {
        ...place,
        r: 5,
        fill: color,
        title: ({ count, gain }: LearningCurve['points'][0]) =>
          `${count.toLocaleString('en')}: ${points(gain)}`,
      }),
    ],
  });
}

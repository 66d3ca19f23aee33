/** AUROC of detectors on sets, as a field of numbers that grow darker as they grow better. */
import * as Plot from '@observablehq/plot';
import type { DetectorLine } from '../../matrix.ts';
import { percent } from '../../tables.ts';
import type { Html } from '../template.ts';
import { draw, INK, modelStyle } from './render.ts';

const ROW = 24;

/**
 * @param description what the picture shows, for those who do not see it
 * @param sets the columns; the mean is one of its own
 */
export function matrixPlot(
  description: string,
  lines: readonly DetectorLine[],
  { sets, width }: { sets: readonly string[]; width: number },
): Html {
  const columns = [...sets, 'mean'];
  const cells = lines.flatMap(({ detector, aurocs, mean }) =>
    columns.map((set) => {
      const auroc = set === 'mean' ? mean.auroc : aurocs[set]!;
      return { detector, set, auroc, title: `${detector} on ${set}: AUROC ${percent(auroc)} %` };
    }),
  );
  const place = { x: 'set', y: 'detector' } as const;
  const axis = { tickSize: 0, label: null, fill: 'var(--ink)' } as const;
  return draw(description, {
    width,
    height: 40 + ROW * lines.length,
    marginLeft: Math.min(width / 2.6, 14 + 7.4 * Math.max(...lines.map(({ detector }) => detector.length))),
    marginTop: 34,
    marginRight: 4,
    marginBottom: 6,
    x: { domain: columns, label: null },
    y: { domain: lines.map(({ detector }) => detector), label: null },
    marks: [
      Plot.axisX({ ...axis, anchor: 'top' }),
      Plot.axisY(axis),
      Plot.cell(cells, {
        ...place,
        inset: 1,
        fill: modelStyle(1).color,
        // Guessing is blank; what is worse than guessing is no better.
        fillOpacity: ({ auroc }: { auroc: number }) => 0.75 * Math.max(0, 2 * auroc - 1) ** 2,
        title: 'title',
      }),
      Plot.text(cells, { ...place, text: ({ auroc }: { auroc: number }) => percent(auroc), fill: INK }),
    ],
  });
}

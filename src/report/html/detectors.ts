/** The page about many detectors on one's own data. */
import type { ResultRow } from '../../evaluation/index.ts';
import { METRIC_DEFINITIONS } from '../../metrics/index.ts';
import { detectorLines, detectorTable } from '../matrix.ts';
import { wideFigure } from './figure.ts';
import { page } from './page.ts';
import { matrixPlot } from './plots/matrix.ts';
import { type Content, html } from './template.ts';
import { percentage } from './words.ts';

export interface ComparedDetectors {
  models: readonly { name: string; testError: number }[];
  rows: readonly ResultRow[];
  /** Detectors that were left out, each with why. */
  skipped: readonly { detector: string; reason: string }[];
}

/** On narrow screens the numbers of this many sets and the mean stand side by side. */
const NARROW = 2;

/** @returns a page of one file, which loads nothing */
export function detectorsPage(compared: ComparedDetectors, { version }: { version: string }): string {
  const { models, skipped } = compared;
  return page({
    title: 'Detectors compared',
    kicker: 'Outlier Exposure · oe compare',
    version,
    sections: [
      { id: 'answer', title: 'The best detectors', short: 'Answer', body: answer(compared) },
      ...models.map(({ name }, i) => ({
        id: `model-${i + 1}`,
        title: `All detectors on ${name}`,
        short: name,
        body: matrix(compared, name),
      })),
      ...(skipped.length > 0
        ? [{ id: 'skipped', title: 'What was left out', short: 'Left out', body: leftOut(skipped) }]
        : []),
    ],
  });
}

function answer({ models, rows }: ComparedDetectors): Content {
  return html`${models.map(({ name, testError }) => {
    const lines = detectorLines(rows, name);
    const [best] = lines;
    const msp = lines.find(({ detector }) => detector === 'msp');
    const beside =
      msp && msp !== best
        ? ` The maximum softmax probability, which needs nothing but the model, reaches ${percentage(msp.mean.auroc)} %.`
        : '';
    return html`<p class="answer">On ${name} (test error ${percentage(testError)} %), ${best!.detector} tells outliers best: mean AUROC ${percentage(best!.mean.auroc)} %.${beside}</p>`;
  })}
<p>The order is by these test sets. A detector that is chosen by it should be measured again on outliers that played no part in the choice.</p>
<p>${METRIC_DEFINITIONS.auroc}</p>`;
}

function matrix({ rows }: ComparedDetectors, model: string): Content {
  const lines = detectorLines(rows, model);
  const sets = Object.keys(lines[0]!.aurocs);
  const description = `AUROC of ${lines.length} detectors on ${sets.length} sets; the best mean is ${percentage(lines[0]!.mean.auroc)} %, by ${lines[0]!.detector}.`;
  const { header, rows: cells } = detectorTable(rows, model);
  return wideFigure(
    html`AUROC in percent, higher is better; the darker, the further from guessing (50 %). The best mean stands first.`,
    matrixPlot(description, lines, { sets, width: 760 }),
    matrixPlot(description, lines, { sets: sets.slice(0, NARROW), width: 340 }),
    { caption: `Detectors on ${model}, in percent`, header, rows: cells },
  );
}

function leftOut(skipped: ComparedDetectors['skipped']): Content {
  return html`<ul>${skipped.map(({ detector, reason }) => html`<li>${detector}: ${reason}</li>`)}</ul>`;
}

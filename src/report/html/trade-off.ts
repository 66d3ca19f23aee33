/** The page about a tuning within a budget: what was tried, and what was chosen. */
import type { BudgetPoint, TradeOff } from '../../budget/index.ts';
import { wideFigure } from './figure.ts';
import { page } from './page.ts';
import { type TradeOffPoint, tradeOffPlot } from './plots/trade-off.ts';
import { type Content, html } from './template.ts';
import { count, percentage } from './words.ts';

/** @returns a page of one file, which loads nothing */
export function tradeOffPage(
  tradeOff: TradeOff,
  { version, title = 'Outlier Exposure within a budget' }: { version: string; title?: string },
): string {
  return page({
    title,
    kicker: 'Outlier Exposure · accuracy budget',
    version,
    sections: [
      { id: 'answer', title: 'What was chosen', short: 'Answer', body: answer(tradeOff) },
      { id: 'curve', title: 'What detection costs in accuracy', short: 'Curve', body: curve(tradeOff) },
    ],
  });
}

function answer({ baseline, chosen, maxErrorIncrease, heldOut }: TradeOff): Content {
  const budget = `${percentage(maxErrorIncrease)} percentage points`;
  const where = `on ${count(heldOut.count)} held-out images`;
  if (!chosen) {
    return html`<p class="answer">The baseline was kept: nothing that lets the error rise by at most ${budget} ${where} detects better.</p>`;
  }
  return html`<p class="answer">The mean AUROC on validation outliers rose from ${percentage(baseline.meanAuroc)} % to ${percentage(chosen.meanAuroc)} %, while the error ${where} went from ${percentage(baseline.error)} % to ${percentage(chosen.error)} %; it was allowed to rise by ${budget}.</p>
<p>Chosen: ${describe(chosen)}. The difference between the two errors has a standard error of ${percentage(chosen.standardError)} percentage points. Test sets played no part in this.</p>`;
}

function curve(tradeOff: TradeOff): Content {
  const { baseline, chosen, curve: measured, maxErrorIncrease } = tradeOff;
  const same = (point: BudgetPoint) => point.run === chosen?.run && point.share === chosen.share;
  const points: TradeOffPoint[] = [
    { ...baseline, title: 'baseline', kind: 'baseline' },
    ...measured.map((point) => ({
      error: point.error,
      meanAuroc: point.meanAuroc,
      title: `${describe(point)}: error ${percentage(point.error)} %, mean AUROC ${percentage(point.meanAuroc)} %`,
      kind: same(point) ? ('chosen' as const) : point.withinBudget ? ('within' as const) : ('over' as const),
    })),
  ];
  const description = `Error on held-out images against mean AUROC on validation outliers of ${points.length} models; ${
    chosen
      ? `chosen is an error of ${percentage(chosen.error)} % with a mean AUROC of ${percentage(chosen.meanAuroc)} %`
      : 'the baseline was kept'
  }.`;
  const limit = baseline.error + maxErrorIncrease;
  const drawn = (width: number) => tradeOffPlot(description, points, { limit, width });
  return wideFigure(
    html`Up and to the left is better. Each point is a model on the line from the baseline's weights to those of a tuning; filled ones are within the budget, hollow ones are not.`,
    drawn(760),
    drawn(340),
    {
      caption: 'All models that were measured, in percent',
      header: ['Model', 'Error', 'Rise', '± standard error', 'Mean AUROC', 'Within the budget'],
      text: [5],
      rows: [
        ['baseline', percentage(baseline.error), '', '', percentage(baseline.meanAuroc), 'yes'],
        ...measured.map((point) => [
          `${describe(point)}${same(point) ? ' (chosen)' : ''}`,
          percentage(point.error),
          percentage(point.errorIncrease),
          percentage(point.standardError),
          percentage(point.meanAuroc),
          point.withinBudget ? 'yes' : 'no',
        ]),
      ],
    },
  );
}

function describe({ run, share, settings }: BudgetPoint): string {
  const { lambda, learningRate, distillation, normalization } = settings;
  const rate = Number(learningRate.toPrecision(6));
  const distilled = distillation > 0 ? `, distillation ${distillation}` : '';
  return `tuning ${run} (learning rate ${rate}, λ ${lambda}${distilled}, statistics ${normalization}), ${Math.round(10_000 * share) / 100} % of the way`;
}

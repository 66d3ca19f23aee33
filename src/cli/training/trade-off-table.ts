/** A tuning within a budget as a table, and where its page goes. */

import type { BudgetPoint, TradeOff } from '../../budget/index.ts';
import { percent, type Table } from '../../report/index.ts';

/** What was measured, from the baseline on; the chosen model last. */
export function tradeOffTable({ baseline, curve, chosen, maxErrorIncrease, heldOut }: TradeOff): Table {
  const row = (name: string, point: BudgetPoint): string[] => [
    name,
    String(point.settings.lambda),
    String(Number(point.settings.learningRate.toPrecision(6))),
    `${Math.round(10_000 * point.share) / 100} %`,
    `${percent(point.error)} %`,
    `${point.errorIncrease < 0 ? '−' : '+'}${percent(Math.abs(point.errorIncrease))} ± ${percent(point.standardError)}`,
    percent(point.meanAuroc),
    point.withinBudget ? 'within' : 'over',
  ];
  const last = chosen
    ? row('chosen', chosen)
    : [
        'chosen: the baseline',
        '',
        '',
        '',
        `${percent(baseline.error)} %`,
        '',
        percent(baseline.meanAuroc),
        'within',
      ];
  return {
    title: `Accuracy against detection, within ${percent(maxErrorIncrease)} percentage points`,
    header: ['model', 'λ', 'learning rate', 'of the way', 'error', 'rise', 'AUROC ↑', 'budget'],
    rows: [
      ['baseline', '', '', '', `${percent(baseline.error)} %`, '', percent(baseline.meanAuroc), 'within'],
      ...curve.map((point) => row(`tuning ${point.run}`, point)),
      last,
    ],
    footer: 1,
    notes: [
      `Errors on ${heldOut.count.toLocaleString('en')} held-out images; AUROC is the mean over validation outliers that were made from them.`,
      ...(chosen && 2 * chosen.standardError > maxErrorIncrease
        ? [
            `So many images tell the rise to within ± ${percent(chosen.standardError)} points only: hold out more of them to be surer of the budget.`,
          ]
        : []),
      ...(chosen
        ? []
        : [
            'Nothing within the budget detects better than the baseline, which is written as it was: allow more, or train longer.',
          ]),
    ],
  };
}

/** `model.onnx` has its page in `model.trade-off.html`. */
export function tradeOffPath(modelPath: string): string {
  return `${modelPath.replace(/\.onnx$/i, '')}.trade-off.html`;
}

/** A threshold as a table. */
import { percent, type Table } from '../report/index.ts';
import type { Rate, ThresholdFile } from '../thresholds/index.ts';

/** What is to be expected of a threshold, with intervals. */
export function thresholdTable(file: ThresholdFile): Table {
  const { threshold, interval, rule, fpr, tpr, sets, error, detector } = file;
  const row = (what: string, { rate, interval: [low, high], flagged, count }: Rate) => [
    what,
    percent(rate),
    `${percent(low)} to ${percent(high)}`,
    `${flagged} of ${count}`,
  ];
  const bound = (value: number | null, open: string) => (value === null ? open : short(value));
  return {
    title: `${detector.name}: a score of ${threshold} or more is an outlier (${ruleText(rule)})`,
    header: ['share, in percent', 'measured', '95 % interval', 'examples'],
    rows: [
      row('in-distribution flagged', fpr),
      ...(sets.length > 1 && tpr ? [row('outliers found, all sets', tpr)] : []),
      ...sets.map(({ name, ...rate }) => row(`outliers found: ${name}`, rate)),
      ...(error ? [row('misclassified', error.all), row('misclassified of those kept', error.kept)] : []),
    ],
    footer: 0,
    notes: [
      ...(interval
        ? [
            `Many more examples would put the threshold between ${bound(interval[0], '−∞')} and ${bound(interval[1], '∞')} (95 %, order statistics).`,
          ]
        : []),
      'Intervals of shares are exact ones (Clopper-Pearson).',
    ],
  };
}

const short = (value: number) => String(Number(value.toPrecision(6)));

function ruleText(rule: ThresholdFile['rule']): string {
  if ('fpr' in rule) return `at most ${percent(rule.fpr)} % of in-distribution examples flagged`;
  if ('tpr' in rule) return `at least ${percent(rule.tpr)} % of outliers found`;
  const { cost, prevalence = 0.5 } = rule;
  return `least cost, a missed outlier worth ${cost} false alarms and ${percent(prevalence)} % outliers`;
}

/** Advice as tables for the terminal. */
import type { Advice } from '../advice/index.ts';
import { percent, type Table } from '../report/index.ts';

export function adviceTables(advice: Advice): Table[] {
  const { candidates, curve, settings, validation, heldOut, baseline } = advice;
  const { steps, tunings, learningRate, lambda } = settings;
  const tables: Table[] = [
    {
      title: 'Outliers to train with, best first',
      header: ['candidate', 'examples', 'score', 'AUROC gain', 'error', 'told apart', 'overlap', 'seconds'],
      rows: candidates.map((each) => [
        each.name,
        each.count.toLocaleString('en'),
        scored(each.score),
        `${signed(each.gain)} ± ${percent(each.spread)}`,
        signed(each.errorChange),
        percent(each.separability),
        percent(each.overlap),
        each.seconds.toFixed(1),
      ]),
      footer: 0,
      notes: [
        'Score: the gain in units of how far candidates differ, so that all sets that judge weigh the same; it decides the order.',
        `Gain: percentage points of mean AUROC (MSP) on ${validation.map(({ name }) => name).join(', ')}; now ${percent(baseline.meanAuroc)}. Error: points on ${heldOut.count.toLocaleString('en')} held-out examples; now ${percent(baseline.error)} %.`,
        'Told apart: AUROC of telling the set from yours by features (50: not at all). Overlap: % of the set of which the model is surer than of half of yours.',
        `${tunings} × ${steps} steps each, learning rate ${Number(learningRate.toPrecision(6))}, λ ${lambda}.`,
      ],
    },
  ];
  if (curve && curve.points.length > 1) {
    tables.push({
      title: `How many of ${curve.candidate}`,
      header: ['examples', 'AUROC gain', 'error'],
      rows: curve.points.map(({ count, gain, spread, errorChange }) => [
        count.toLocaleString('en'),
        `${signed(gain)} ± ${percent(spread)}`,
        signed(errorChange),
      ]),
      footer: 0,
      notes: [],
    });
  }
  return tables;
}

/** A score, which has no unit. */
export function scored(score: number): string {
  return `${score < 0 ? '−' : '+'}${Math.abs(score).toFixed(2)}`;
}

/** A difference of fractions in percentage points. */
export function signed(fraction: number): string {
  return `${fraction < 0 ? '−' : '+'}${percent(Math.abs(fraction))}`;
}

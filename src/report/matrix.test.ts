import { describe, expect, it } from 'vitest';
import type { ResultRow } from '../evaluation/index.ts';
import { detectorLines, detectorTable } from './matrix.ts';

const row = (model: string, score: string, set: string, auroc: number): ResultRow => ({
  model,
  score,
  set,
  auroc,
  fpr: 1 - auroc,
  aupr: auroc / 2,
  auprIn: auroc / 4,
  detectionError: 0.1,
  n: 90,
  inCount: 10,
  outCount: 2,
});
const rows = [
  row('a', 'msp', 'noise', 0.8),
  row('a', 'msp', 'svhn', 0.6),
  row('a', 'msp', 'mean', 0.7),
  row('a', 'knn:k=3', 'noise', 0.9),
  row('a', 'knn:k=3', 'svhn', 0.95),
  row('a', 'knn:k=3', 'mean', 0.925),
  row('a', 'energy', 'noise', 0.6),
  row('a', 'energy', 'svhn', 0.8),
  row('a', 'energy', 'mean', 0.7),
  row('b', 'msp', 'noise', 0.1),
  row('b', 'msp', 'mean', 0.1),
];

describe('detectorLines', () => {
  it('puts the best first, of equals the one asked for first, of one model alone', () => {
    expect(detectorLines(rows, 'a').map(({ detector, mean }) => [detector, mean.auroc])).toEqual([
      ['knn:k=3', 0.925],
      ['msp', 0.7],
      ['energy', 0.7],
    ]);
    expect(detectorLines(rows, 'a')[0]!.aurocs).toEqual({ noise: 0.9, svhn: 0.95 });
    expect(detectorLines(rows, 'b')).toHaveLength(1);
    expect(detectorLines(rows, 'c')).toEqual([]);
  });
});

describe('detectorTable', () => {
  it('has the sets in their order, and the means last', () => {
    const table = detectorTable(rows, 'a', ['a note']);
    expect(table.header).toEqual([
      'detector',
      'noise',
      'svhn',
      'mean FPR90 ↓',
      'mean AUROC ↑',
      'mean AUPR ↑',
    ]);
    expect(table.rows[0]).toEqual(['knn:k=3', '90.00', '95.00', '7.50', '92.50', '46.25']);
    expect(table.rows.map(([detector]) => detector)).toEqual(['knn:k=3', 'msp', 'energy']);
    expect([table.footer, table.notes]).toEqual([0, ['a note']]);
    expect(table.title).toContain('Detectors on a');
  });
});

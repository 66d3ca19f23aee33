import { describe, expect, it } from 'vitest';
import { terminalTable } from './terminal-table.ts';

const table = {
  title: 'Widths',
  header: ['set', 'FPR95', 'AUROC', 'AUPR'],
  rows: [
    ['a rather long name', '10.00 → 3.00', '90.00 → 99.00', '50.00 → 98.00'],
    ['Mean', '1', '2', '3'],
  ],
  footer: 1,
  notes: ['A note.'],
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
const plain = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');

describe('terminalTable', () => {
  it('stays in one piece where there is room', () => {
    const text = plain(terminalTable(table, 100));
    expect(text.match(/┌/g)).toHaveLength(1);
    for (const word of ['Widths', 'AUPR', '50.00 → 98.00', 'Mean', 'A note.']) expect(text).toContain(word);
  });

  it.each([40, 60])('is split to fit %d columns, nothing lost', (width) => {
    const text = plain(terminalTable(table, width));
    const drawn = text.split('\n').filter((line) => /[│┌└├]/.test(line));
    expect(Math.max(...drawn.map((line) => line.length))).toBeLessThanOrEqual(width);
    for (const cell of [...table.header, ...table.rows.flat()]) expect(text).toContain(cell);
    expect(text.match(/┌/g)!.length).toBeGreaterThan(1);
    expect(text.match(/Mean/g)!.length).toBe(text.match(/┌/g)!.length);
  });
});

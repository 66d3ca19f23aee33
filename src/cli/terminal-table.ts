/** Draws a table in the terminal. */
import CliTable from 'cli-table3';
import pc from 'picocolors';
import type { Table } from '../report/index.ts';

export function terminalTable({ title, header, rows, footer, notes }: Table): string {
  const drawn = new CliTable({
    head: header.map((cell) => pc.bold(cell)),
    colAligns: header.map((_, i) => (i === 0 ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
    // Rules above and below the header and around the whole; none between rows.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const [i, row] of rows.entries())
    drawn.push(row.map((cell) => (i >= rows.length - footer ? pc.bold(cell) : cell)));
  return [pc.bold(title), drawn.toString(), ...notes.map((note) => pc.dim(note))].join('\n');
}

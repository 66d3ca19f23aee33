/** Draws a table in the terminal. */
import CliTable from 'cli-table3';
import type { Table } from '../report/index.ts';
import { colorsFor } from './colors.ts';

const colors = colorsFor(process.stdout);

/** Draws a table; one wider than the terminal is split by columns, the first column beside each part. */
export function terminalTable(table: Table, width = Number.POSITIVE_INFINITY): string {
  const parts = partsThatFit(table, width).map((columns) => draw(table, columns));
  return [colors.bold(table.title), ...parts, ...table.notes.map((note) => colors.dim(note))].join('\n');
}

/** Which columns stand together: as many as fit, at least one beside the first. */
function partsThatFit({ header, rows }: Table, width: number): number[][] {
  const widths = header.map(
    (cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)) + PADDING,
  );
  const parts: number[][] = [];
  let [part, used] = [[0], widths[0]! + 1];
  for (let column = 1; column < header.length; column++) {
    if (part.length > 1 && used + widths[column]! > width) {
      parts.push(part);
      [part, used] = [[0], widths[0]! + 1];
    }
    part.push(column);
    used += widths[column]!;
  }
  return [...parts, part];
}

/** A space on either side, and a rule. */
const PADDING = 3;

function draw({ header, rows, footer }: Table, columns: readonly number[]): string {
  const drawn = new CliTable({
    head: columns.map((i) => colors.bold(header[i]!)),
    colAligns: columns.map((i) => (i === 0 ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
    // Rules above and below the header and around the whole; none between rows.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const [i, row] of rows.entries()) {
    const cells = columns.map((column) => row[column]!);
    drawn.push(i >= rows.length - footer ? cells.map((cell) => colors.bold(cell)) : cells);
  }
  return drawn.toString();
}

/** Rows of cells as texts and labels. */
import { OutlierExposureError } from '../../../errors.ts';
import { type Columns, columnsOf, isUndecided } from './columns.ts';
import { csvRows } from './csv.ts';
import type { LineReader, ReaderOptions } from './reader.ts';

/** Reads tables whose cells stand between tabs, and mean what they say: quotes are quotes. */
export function tsvReader(options: ReaderOptions): LineReader {
  const row = rowReader(options);
  return { line: (line, number) => row(line.split('\t'), number) };
}

/** Reads tables as RFC 4180 has them: cells between commas, in quotes when they hold commas, quotes or ends of lines. */
export function csvReader(options: ReaderOptions): LineReader {
  return csvRows({ name: options.name, row: rowReader(options) });
}

function rowReader(options: ReaderOptions): (cells: string[], line: number) => void {
  const { name, out } = options;
  let columns: Columns | undefined;
  return (cells, line) => {
    if (cells.length === 1 && cells[0]!.trim() === '') return out.drop('empty');
    if (!columns) {
      columns = columnsOf(cells, options);
      if (columns.header) return;
    }
    if (cells.length < columns.least) {
      throw new OutlierExposureError(
        'invalid-file',
        `${name}, line ${line}: it has ${cells.length} columns, but ${columns.least} or more were expected, as in the first line.`,
      );
    }
    const label = columns.label === undefined ? undefined : cells[columns.label]!;
    if (isUndecided(label)) out.drop('undecided');
    else out.add(cells[columns.text]!, label, line);
  };
}

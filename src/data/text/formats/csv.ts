/**
 * Comma-separated values, RFC 4180. A parser of our own, since a row has to be given out as soon as its last line is
 * there, with its line's number: files may be larger than what fits into one string.
 */
import { OutlierExposureError } from '../../../errors.ts';
import type { LineReader } from './reader.ts';

/** A row of so many characters has an open quote in it. */
const MAX_ROW = 2 ** 22;

/**
 * Gives rows as lines come. Ends of lines inside of quotes become line feeds.
 *
 * @param row takes a row's cells and the number of its first line
 */
export function csvRows({
  name,
  row,
}: {
  name: string;
  row(cells: string[], line: number): void;
}): LineReader {
  let cells: string[] = [];
  // Of a quoted cell that is not closed yet, the lines so far.
  let open: string[] | undefined;
  let [first, size] = [0, 0];
  const unclosed = () =>
    new OutlierExposureError(
      'invalid-file',
      `${name}, line ${first}: a quote is opened and not closed; close it, or read the file as tsv or lines when quotes are no quoting there.`,
    );
  return {
    line(line, number) {
      let at = 0;
      if (!open) [first, size] = [number, 0];
      size += line.length + 1;
      if (size > MAX_ROW) throw unclosed();
      for (;;) {
        if (open || line[at] === '"') {
          const start = open ? 0 : at + 1;
          open ??= [];
          const end = closingQuote(line, start);
          open.push(line.slice(start, end));
          if (end === undefined) return;
          cells.push(open.join('\n').replaceAll('""', '"'));
          open = undefined;
          at = end + 1;
          if (at < line.length && line[at] !== ',') {
            throw new OutlierExposureError(
              'invalid-file',
              `${name}, line ${number}: "${line.slice(at, at + 20)}" follows a closing quote, where a comma was expected; quotes inside of a cell are doubled.`,
            );
          }
        } else {
          const comma = line.indexOf(',', at);
          const end = comma < 0 ? line.length : comma;
          cells.push(line.slice(at, end));
          at = end;
        }
        if (at >= line.length) break;
        at++;
      }
      const whole = cells;
      cells = [];
      row(whole, first);
    },
    end() {
      if (open) throw unclosed();
    },
  };
}

/** The place of the quote that closes a cell; a doubled one does not. */
function closingQuote(line: string, from: number): number | undefined {
  for (let at = from; ; at += 2) {
    at = line.indexOf('"', at);
    if (at < 0) return undefined;
    if (line[at + 1] !== '"') return at;
  }
}

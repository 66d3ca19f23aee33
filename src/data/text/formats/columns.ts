/** Which of a table's columns hold the texts and the labels. */
import { nearestName, OutlierExposureError } from '../../../errors.ts';
import type { ReaderOptions } from './reader.ts';

/** What columns of texts and of labels are often called, the likeliest first. */
const TEXT_NAMES = 'hypothesis sentence2 text sentence content review document question comment body'.split(
  ' ',
);
const LABEL_NAMES =
  'label gold_label labels class category target sentiment coarse_label fine_label topic'.split(' ');
/** SNLI's labels, where the annotators did not agree the last. */
const ENTAILMENT = ['entailment', 'neutral', 'contradiction', '-'];

export interface Columns {
  text: number;
  label?: number;
  /** Whether the first row is names. */
  header: boolean;
  /** How many columns a row has to have. */
  least: number;
}

/**
 * Finds the columns by a table's first row: by name where it names them; else of one column the text, of two the label
 * and the text, of SNLI's three the hypothesis.
 *
 * @throws OutlierExposureError `not-found` for a column that is not there, `invalid-argument` when more has to be said
 */
export function columnsOf(
  first: readonly string[],
  { name, textColumn, labelColumn, header: said }: Omit<ReaderOptions, 'out'>,
): Columns {
  const names = first.map((cell) => cell.trim());
  const known = names.map((cell) => cell.toLowerCase());
  const byName = [textColumn, labelColumn].some((column) => typeof column === 'string');
  const header = said ?? (byName || known.some((cell) => TEXT_NAMES.includes(cell)));
  const find = (column: string | number): number => {
    const index = typeof column === 'number' ? column : header ? names.indexOf(column) : -1;
    if (Number.isInteger(index) && index >= 0 && index < first.length) return index;
    const near = typeof column === 'string' && header ? nearestName(column, names) : undefined;
    throw new OutlierExposureError(
      'not-found',
      `${name} has no column ${typeof column === 'number' ? column : `"${column}"`}${near ? `; did you mean "${near}"?` : `: it has ${header ? names.map((cell) => `"${cell.slice(0, 40)}"`).join(', ') : `${first.length} columns without names, the first of which is 0`}.`}`,
    );
  };
  const among = (wanted: readonly string[]) => {
    const found = wanted.find((word) => known.includes(word));
    return header && found !== undefined ? known.indexOf(found) : undefined;
  };
  const snli = !header && first.length === 3 && ENTAILMENT.includes(names[0]!);
  const byPlace = header ? undefined : first.length <= 2 ? first.length - 1 : snli ? 2 : undefined;
  const text = textColumn === undefined ? (among(TEXT_NAMES) ?? byPlace) : find(textColumn);
  if (text === undefined) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${name} has ${first.length} columns${header ? ` (${names.map((cell) => cell.slice(0, 40)).join(', ')})` : ''}, and none is known to hold the texts: give it as textColumn, by ${header ? 'its name' : 'its number from 0 on'}.`,
    );
  }
  // In a table without names, the label is the column before, unless the text was asked for by itself.
  const besides = !header && textColumn === undefined && text > 0 ? 0 : undefined;
  const label =
    labelColumn === null
      ? undefined
      : labelColumn === undefined
        ? (among(LABEL_NAMES) ?? besides)
        : find(labelColumn);
  return {
    text,
    ...(label !== undefined && label !== text && { label }),
    header,
    least: Math.max(text, label ?? 0) + 1,
  };
}

/** Whether a label is SNLI's for sentences on which annotators did not agree; they are left out. */
export function isUndecided(label: string | undefined): boolean {
  return label === '-';
}

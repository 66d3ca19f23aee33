/** JSON Lines: an object a line. */
import { nearestName, OutlierExposureError } from '../../../errors.ts';
import { type Columns, columnsOf, isUndecided } from './columns.ts';
import type { LineReader, ReaderOptions } from './reader.ts';

/** Reads the texts and labels at two keys of each object, which are told by the first object unless they are given. */
export function jsonlReader(options: ReaderOptions): LineReader {
  const { name, out } = options;
  let keys: { text: string; label?: string } | undefined;
  return {
    line(line, number) {
      if (line.trim() === '') return out.drop('empty');
      const where = `${name}, line ${number}`;
      const record = objectOf(line, where);
      keys ??= keysOf(record, options);
      const text = cellOf(record, keys.text, where);
      const label = keys.label === undefined ? undefined : cellOf(record, keys.label, where);
      if (isUndecided(label)) out.drop('undecided');
      else out.add(text, label, number);
    },
  };
}

function keysOf(record: Record<string, unknown>, options: ReaderOptions): { text: string; label?: string } {
  const names = Object.keys(record).filter((key) => isCell(record[key]));
  const columns: Columns = columnsOf(names, { ...options, header: true });
  return {
    text: names[columns.text]!,
    ...(columns.label !== undefined && { label: names[columns.label]! }),
  };
}

function objectOf(line: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new OutlierExposureError('invalid-file', `${where}: it is no JSON: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new OutlierExposureError('invalid-file', `${where}: an object was expected, such as {"text": "…"}.`);
}

function cellOf(record: Record<string, unknown>, key: string, where: string): string {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  if (isCell(value)) return String(value);
  const near = nearestName(key, Object.keys(record));
  throw new OutlierExposureError(
    'invalid-file',
    `${where}: ${value === undefined ? `there is no "${key}"` : `"${key}" is neither text nor a number`}${near && near !== key ? `; is it "${near}"?` : '.'}`,
  );
}

function isCell(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

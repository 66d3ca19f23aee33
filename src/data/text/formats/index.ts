/** Readers of files of texts, by format, and which one a file wants. */

import { CONLL_LINE, conllReader } from './conll.ts';
import { jsonlReader } from './jsonl.ts';
import { plainReader } from './plain.ts';
import type { LineReader, ReaderOptions } from './reader.ts';
import { SEGMENT_LINE, segmentsReader } from './segments.ts';
import { csvReader, tsvReader } from './table.ts';
import { TREC_LINE, trecReader } from './trec.ts';
import { treesReader } from './trees.ts';
import { HEADING, wikitextReader } from './wikitext.ts';

export type { ColumnOptions, LineReader, ReaderOptions } from './reader.ts';
export { SENTIMENTS } from './trees.ts';

/** The formats that files of texts are read in. */
export const TEXT_FORMATS = [
  'lines',
  'tsv',
  'csv',
  'jsonl',
  'trees',
  'trec',
  'wikitext',
  'conll',
  'segments',
] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];

/** A reader for each format. */
export const textReaders: Record<TextFormat, (options: ReaderOptions) => LineReader> = {
  lines: plainReader,
  tsv: tsvReader,
  csv: csvReader,
  jsonl: jsonlReader,
  trees: treesReader,
  trec: trecReader,
  wikitext: wikitextReader,
  conll: conllReader,
  segments: segmentsReader,
};

const EXTENSIONS: [name: RegExp, format: TextFormat][] = [
  [/\.(jsonl|ndjson)$/, 'jsonl'],
  [/\.csv$/, 'csv'],
  [/\.tsv$/, 'tsv'],
  [/\.tokens$/, 'wikitext'],
  [/\.conllu?$/, 'conll'],
  [/\.sgml?$/, 'segments'],
];

/**
 * A file's format, told by its name's end where that says it, else by its first lines.
 *
 * @param lines the first ones, empty ones too; a few are enough
 */
export function textFormatOf(fileName: string, lines: readonly string[]): TextFormat {
  const name = fileName.toLowerCase().replace(/\.gz$/, '');
  const named = EXTENSIONS.find(([end]) => end.test(name));
  if (named) return named[1];
  const full = lines.filter((line) => line.trim() !== '');
  const every = (test: (line: string) => boolean) => full.length > 0 && full.every(test);
  if (every((line) => /^\([0-4] .*\)$/.test(line.trim()))) return 'trees';
  if (every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'))) return 'jsonl';
  if (full[0] !== undefined && CONLL_LINE.test(full[0]) && full.every(isConll)) return 'conll';
  if (/^\s*</.test(full[0] ?? '') && full.some((line) => SEGMENT_LINE.test(line))) return 'segments';
  const tabs = full.map((line) => line.split('\t').length - 1);
  if (tabs[0]! > 0 && tabs.every((count) => count === tabs[0])) return 'tsv';
  if (every((line) => TREC_LINE.test(line))) return 'trec';
  if (full[0] !== undefined && HEADING.test(full[0]) && full[0].trimEnd().endsWith('=')) return 'wikitext';
  return 'lines';
}

/** A comment, or a word's row. */
function isConll(line: string): boolean {
  return line.startsWith('#') || /^\d+([-.]\d+)?\t\S/.test(line);
}

/** Texts from a file's content that is in memory: what a page was given, say. */
import type { TextLabels } from './class-numbers.ts';
import { TextCollector } from './collector.ts';
import {
  type ColumnOptions,
  type ReaderOptions,
  SENTIMENTS,
  type TextFormat,
  textFormatOf,
  textReaders,
} from './formats/index.ts';
import type { TextSource } from './source.ts';

export interface ParseTextsOptions extends ColumnOptions {
  /** What to call the set, and the file in errors; its end may tell the format. */
  name: string;
  /** The format; told by the name's end and the first lines unless given. */
  format?: TextFormat;
  /** Which labels to give texts: the file's own unless given. */
  labels?: TextLabels;
  /** Classes in the order of their indices, such as a training set's; other labels are refused. */
  classes?: readonly string[];
  /** Keep the texts of this label alone, as it stands in the file. */
  only?: string;
  /** Words of a text to keep; all unless given. */
  maxTokens?: number;
  /** What the content came from. */
  fingerprint: string;
}

/** Lines that tell a format. */
export const TELLING_LINES = 20;

/**
 * A set of texts from a file's content.
 *
 * @throws OutlierExposureError `invalid-file` when it is not of the format or has no texts, `not-found` for a column
 *   that it lacks, `invalid-argument` when more has to be said
 */
export function parseTexts(content: string, options: ParseTextsOptions): TextSource {
  const lines = content.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const format = options.format ?? textFormatOf(options.name, lines.slice(0, TELLING_LINES));
  const { collector, readerOf } = textParser({ ...options, format });
  const reader = readerOf(options.name);
  for (const [i, line] of lines.entries()) reader.line(line, i + 1);
  reader.end?.();
  return collector.finish(options.fingerprint);
}

/** Readers of a format, one a file, and what they fill. */
export function textParser(
  options: Omit<ParseTextsOptions, 'fingerprint' | 'format'> & {
    format: TextFormat;
    labelsName?: string;
    memory?: number;
  },
) {
  const { format, name, labels = 'fine', classes, only, labelsName, maxTokens, memory } = options;
  const collector = new TextCollector({
    name,
    labels,
    ...(classes && { classes }),
    ...(format === 'trees' && { numberNames: SENTIMENTS }),
    ...(only !== undefined && { only }),
    ...(labelsName !== undefined && { labelsName }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(memory !== undefined && { memory }),
  });
  const readerOf = (file: string, out: ReaderOptions['out'] = collector) =>
    textReaders[format]({ ...options, name: file, out });
  return { collector, readerOf };
}

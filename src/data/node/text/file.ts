/** Files of texts, one or several as one set. Node only. */
import { stat } from 'node:fs/promises';
import { type TextFormat, textFormatOf } from '../../text/formats/index.ts';
import { TELLING_LINES, textParser } from '../../text/parse-texts.ts';
import type { TextSource } from '../../text/source.ts';
import { filesFingerprint } from '../formats/fingerprint.ts';
import { labelledBy, readLabelWords } from './labels-beside.ts';
import { linesOf } from './lines.ts';
import type { OpenTextOptions } from './options.ts';

/** The texts of a file of lines, plain or compressed by gzip. */
export function openTextFile(path: string, options: OpenTextOptions & { name: string }): Promise<TextSource> {
  return openTextFiles([path], { ...options, place: path });
}

/**
 * The texts of several files, which follow each other.
 *
 * @param place what to call them in errors about all
 */
export async function openTextFiles(
  paths: readonly string[],
  options: OpenTextOptions & { name: string; place: string },
): Promise<TextSource> {
  const { name, place, labelsFrom, signal, onProgress, encoding = 'utf-8' } = options;
  const format = options.format ?? (await formatOf(paths[0]!, options));
  const hashed = labelsFrom === undefined ? paths : [...paths, labelsFrom];
  const fingerprint = await filesFingerprint(hashed, { signal, onProgress });
  const { collector, readerOf } = textParser({
    ...options,
    name: place,
    ...(labelsFrom !== undefined && { labelsName: labelsFrom }),
    format,
  });
  const beside =
    labelsFrom === undefined
      ? undefined
      : labelledBy(collector, await readLabelWords(labelsFrom), { path: labelsFrom, texts: place });
  let [done, size] = [0, 0];
  for (const path of paths) size += (await stat(path)).size;
  const onBytes = (bytes: number) => {
    done += bytes;
    onProgress?.(done, size);
  };
  for (const path of paths) {
    const reader = readerOf(path, beside?.out);
    let number = 0;
    for await (const lines of linesOf(path, { encoding, lenient: format === 'trec', signal, onBytes }))
      for (const line of lines) reader.line(line, ++number);
    reader.end?.();
  }
  beside?.end();
  return { ...collector.finish(`${fingerprint}, ${recipeOf({ ...options, format })}`), name };
}

async function formatOf(path: string, { encoding = 'utf-8', signal }: OpenTextOptions): Promise<TextFormat> {
  // Told before the encoding is known to be right, which for TREC's own files it is not.
  for await (const lines of linesOf(path, { encoding, lenient: true, signal }))
    return textFormatOf(path, lines.slice(0, TELLING_LINES));
  return textFormatOf(path, []);
}

/** How texts were read, as far as it changes them: a part of the fingerprint. */
export function recipeOf(options: Omit<OpenTextOptions, 'format'> & { format: string }): string {
  const {
    format,
    labels = 'fine',
    classes,
    only,
    maxTokens,
    textColumn,
    labelColumn,
    header,
    encoding,
  } = options;
  const parts: Record<string, unknown> = {
    labels,
    classes,
    only,
    maxTokens,
    textColumn,
    labelColumn,
    header,
    encoding,
  };
  if (labels === 'fine') delete parts.labels;
  return [
    `read as ${format}`,
    ...Object.entries(parts)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key} ${JSON.stringify(value)}`),
  ].join(', ');
}

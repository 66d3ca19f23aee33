/** One file of texts. Node only. */
import { stat } from 'node:fs/promises';
import { type TextFormat, textFormatOf } from '../../text/formats/index.ts';
import { TELLING_LINES, textParser } from '../../text/parse-texts.ts';
import type { TextSource } from '../../text/source.ts';
import { fileFingerprint } from '../formats/fingerprint.ts';
import { linesOf } from './lines.ts';
import type { OpenTextOptions } from './options.ts';

/** The texts of a file of lines, plain or compressed by gzip. */
export async function openTextFile(
  path: string,
  options: OpenTextOptions & { name: string },
): Promise<TextSource> {
  const { signal, onProgress, encoding = 'utf-8' } = options;
  const format = options.format ?? (await formatOf(path, options));
  const fingerprint = await fileFingerprint(path, { signal, onProgress });
  const { collector, reader } = textParser({ ...options, name: path, format });
  const { size } = await stat(path);
  let [done, number] = [0, 0];
  const onBytes = (bytes: number) => {
    done += bytes;
    onProgress?.(done, size);
  };
  for await (const lines of linesOf(path, { encoding, lenient: format === 'trec', signal, onBytes }))
    for (const line of lines) reader.line(line, ++number);
  reader.end?.();
  return { ...collector.finish(`${fingerprint}, ${recipeOf({ ...options, format })}`), name: options.name };
}

async function formatOf(path: string, { encoding = 'utf-8', signal }: OpenTextOptions): Promise<TextFormat> {
  // Told before the encoding is known to be right, which for TREC's own files it is not.
  for await (const lines of linesOf(path, { encoding, lenient: true, signal }))
    return textFormatOf(path, lines.slice(0, TELLING_LINES));
  return textFormatOf(path, []);
}

/** How texts were read, as far as it changes them: a part of the fingerprint. */
export function recipeOf(options: Omit<OpenTextOptions, 'format'> & { format: string }): string {
  const { format, labels = 'fine', classes, maxTokens, textColumn, labelColumn, header, encoding } = options;
  const parts: Record<string, unknown> = {
    labels,
    classes,
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

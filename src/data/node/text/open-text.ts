/** Any set of texts that a user has, in one call. Node only. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import { checkUnchanged, keptIn, type Selection } from '../../duplicates/selection.ts';
import { concatTexts, selectTexts } from '../../text/concat.ts';
import type { TextSource } from '../../text/source.ts';
import { selectionAt } from '../duplicates/selection-file.ts';
import { unpackedArchive } from '../formats/archive.ts';
import { readError } from '../formats/byte-reader.ts';
import { openTextFile } from './file.ts';
import { openTextFolder } from './folder.ts';
import { kindOf } from './kind.ts';
import type { OpenTextOptions } from './options.ts';

/**
 * Opens a set of texts, or several as one. What a file is, is told by its name's end and its first lines: sentiment
 * trees, TREC's questions, tables of tabs or commas (a label and a text, or named columns), JSON Lines, WikiText,
 * plain text by line; each also as .gz. Folders hold one such file (or one a split), or a folder a class with a file
 * a text; .zip, .tar and .tar.gz of these are unpacked once into the cache. Cleaned sets, as `oe data dedup` writes
 * them, are .json.
 *
 * All texts are held in memory as UTF-8, up to `memory` bytes. Texts without a word are left out and counted. The
 * fingerprint is of the files' content and of how it was read.
 *
 * @param spec a path, or several paths, whose texts follow each other; they have labels when all sets have
 * @throws OutlierExposureError `not-found` when there is no such file, split or column, `invalid-file` for what is
 *   damaged or holds no texts, `unsupported` for what is too large or of other formats, `invalid-argument` when more
 *   has to be said
 */
export async function openText(
  spec: string | readonly string[],
  options: OpenTextOptions = {},
): Promise<TextSource> {
  const paths = typeof spec === 'string' ? [spec] : spec;
  if (paths.length === 0) throw new OutlierExposureError('invalid-argument', 'No path of texts was given.');
  if (options.labelsFrom !== undefined && paths.length > 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${options.labelsFrom} gives labels for one set of texts, but ${paths.length} were given: put them into one file, or their labels into their own.`,
    );
  }
  const sources: TextSource[] = [];
  for (const path of paths) {
    options.signal?.throwIfAborted();
    const name = (paths.length === 1 ? options.name : undefined) ?? setName(path);
    const selection = await selectionAt(path);
    sources.push(
      selection
        ? await openCleaned(selection, path, { ...options, name })
        : await openPath(path, { ...options, name }),
    );
  }
  const { name } = options;
  return sources.length === 1 ? sources[0]! : concatTexts(sources, { ...(name && { name }) });
}

async function openPath(path: string, options: OpenTextOptions & { name: string }): Promise<TextSource> {
  const info = await stat(path).catch((error: unknown) => {
    throw readError(error, path);
  });
  if (info.isDirectory()) return openTextFolder(path, options);
  if (!info.isFile()) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${path} is a device or a pipe, but a file was expected.`,
    );
  }
  if ((await kindOf(path)) === 'text') return openTextFile(path, options);
  return openTextFolder(await unpackedArchive(path, options), options);
}

/** What is left of the texts that a cleaned set is of. */
async function openCleaned(
  selection: Selection,
  path: string,
  { name, ...options }: OpenTextOptions & { name: string },
): Promise<TextSource> {
  const { kind, sets, reading } = selection;
  if (kind !== 'texts') {
    throw new OutlierExposureError(
      'invalid-argument',
      `${path} is a cleaned set of ${kind}, but texts were expected.`,
    );
  }
  const column = (given: string) => (/^\d+$/.test(given) ? Number(given) : given);
  const how: OpenTextOptions = {
    ...options,
    ...(reading.split !== undefined && { split: reading.split }),
    ...(reading.textFormat !== undefined && { format: reading.textFormat }),
    ...(reading.textColumn !== undefined && { textColumn: column(reading.textColumn) }),
    ...(reading.labelColumn !== undefined && { labelColumn: column(reading.labelColumn) }),
    ...(reading.encoding && { encoding: reading.encoding }),
  };
  const opened: TextSource[] = [];
  for (const set of sets) opened.push(await openPath(set.path, { ...how, name: setName(set.path) }));
  checkUnchanged(selection, opened, { name: path });
  const all = opened.length === 1 ? opened[0]! : concatTexts(opened);
  return { ...selectTexts(all, keptIn(selection, { name: path })), name };
}

/** The last part of a path, without the end of a compressed file and one of a format. */
function setName(path: string): string {
  return basename(resolve(path))
    .replace(/(?<=.)\.(zip|tar|tgz|gz)$/i, '')
    .replace(/(?<=.)\.(txt|tsv|csv|jsonl|tar)$/i, '');
}

/** Sets of texts in folders. Node only. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import { renamed } from '../../renamed.ts';
import { TextCollector } from '../../text/collector.ts';
import type { TextSource } from '../../text/source.ts';
import { readError } from '../formats/byte-reader.ts';
import { inParallel } from '../formats/fingerprint.ts';
import { isLitter } from '../formats/image-folder.ts';
import { ofSplit, splitOf } from '../formats/splits.ts';
import { openTextFiles, recipeOf } from './file.ts';
import type { OpenTextOptions } from './options.ts';
import { readTextFile } from './whole-file.ts';

/** Folders that hold nothing but a folder, as archives have them. */
const MAX_DEPTH = 6;
/** What comes with sets and is no part of them. */
const BESIDES = /^(readme|licen[cs]e|changes|manifest|about)|\.(md|html?|pdf|json|ya?ml|py|rst|sha256|md5)$/i;
/** IMDB's reviews without a class. */
const UNLABELLED = 'unsup';
/** Files read at a time. */
const GROUP = 256;

type Options = OpenTextOptions & { name: string };

/**
 * A folder's set: one file of texts (of several, the one of the split; all where the format is said), or a folder a
 * class with a file a text, perhaps in folders a split (`train`, `20news-bydate-test`).
 *
 * @throws OutlierExposureError `invalid-argument` when it holds several sets and no split tells which, `not-found`
 *   for a split that it lacks, `invalid-file` when there are no texts
 */
export async function openTextFolder(folder: string, options: Options, depth = 0): Promise<TextSource> {
  const { files, folders } = await list(folder);
  const sets = files.filter((file) => !BESIDES.test(file));
  const splits = folders.map((name) => ({ name, split: splitOf(name) }));
  if (folders.length > 0 && splits.every(({ split }) => split !== undefined)) {
    const chosen = ofSplit(splits, { wanted: options.split, name: folder });
    if (chosen.length === 1)
      return openTextFolder(
        join(folder, chosen[0]!.name),
        { ...options, split: chosen[0]!.split! },
        depth + 1,
      );
  }
  if (sets.length === 0 && folders.length === 1 && depth < MAX_DEPTH)
    return openTextFolder(join(folder, folders[0]!), options, depth + 1);
  const classes = folders.filter((name) => name !== UNLABELLED);
  if (classes.length > 1 && (await holdClasses(folder, classes)))
    return openClasses(folder, classes, options);
  if (sets.length === 0) {
    throw new OutlierExposureError(
      'invalid-file',
      `${folder} holds no texts: a file of them was expected, or a folder for each class with a file for each text.`,
    );
  }
  const found = sets.map((file) => ({ file, split: splitOf(file) }));
  const chosen = found.length === 1 ? found : ofSplit(found, { wanted: options.split, name: folder });
  const paths = chosen.map(({ file }) => join(folder, file));
  // Of a format that is told all are read, such as the treebanks' thousand files; other files may be anything.
  if (paths.length > 1 && options.format === undefined) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${folder} holds several files: ${chosen
        .slice(0, 8)
        .map(({ file }) => file)
        .join(
          ', ',
        )}${chosen.length > 8 ? ', …' : ''}; give the path of one, or paths of several, or say their format, and all are read.`,
    );
  }
  return openTextFiles(paths, { ...options, place: paths.length > 1 ? folder : paths[0]! });
}

/** Whether folders hold files and no folders. */
async function holdClasses(folder: string, names: readonly string[]): Promise<boolean> {
  const inside = await inParallel(names, (name) => list(join(folder, name)));
  return inside.some(({ files }) => files.length > 0) && inside.every(({ folders }) => folders.length === 0);
}

/** A folder a class, a file a text; classes and files in the order of their names. */
async function openClasses(
  folder: string,
  classes: readonly string[],
  options: Options,
): Promise<TextSource> {
  if (options.labelsFrom !== undefined) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${folder} has a folder for each class, so that labels of a file beside would be second ones: leave ${options.labelsFrom} out.`,
    );
  }
  const { labels = 'fine', only, maxTokens, memory, signal, onProgress, encoding = 'utf-8' } = options;
  const collector = new TextCollector({
    name: folder,
    labels,
    classes: options.classes ?? classes,
    ...(only !== undefined && { only }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(memory !== undefined && { memory }),
  });
  const hash = createHash('sha256');
  const paths: [className: string, file: string][] = [];
  for (const className of classes)
    for (const file of (await list(join(folder, className))).files) paths.push([className, file]);
  for (let start = 0; start < paths.length; start += GROUP) {
    signal?.throwIfAborted();
    const group = paths.slice(start, start + GROUP);
    const texts = await inParallel(group, ([className, file]) =>
      readTextFile(join(folder, className, file), { encoding }),
    );
    for (const [i, { text, bytes }] of texts.entries()) {
      const [className, file] = group[i]!;
      hash.update(`${className}/${file}\0${bytes.length}\0`).update(bytes);
      collector.add(text, className, 1);
    }
    onProgress?.(start + group.length, paths.length);
  }
  const source = collector.finish(
    `${hash.digest('hex')}, ${recipeOf({ ...options, format: 'a file a text' })}`,
  );
  return renamed(source, options.name);
}

async function list(folder: string): Promise<{ files: string[]; folders: string[] }> {
  try {
    const [files, folders]: [string[], string[]] = [[], []];
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (isLitter(entry.name)) continue;
      const info = entry.isSymbolicLink()
        ? await stat(join(folder, entry.name)).catch(() => undefined)
        : entry;
      if (info?.isDirectory()) folders.push(entry.name);
      else if (info?.isFile()) files.push(entry.name);
    }
    return { files: files.sort(), folders: folders.sort() };
  } catch (error) {
    throw readError(error, folder);
  }
}

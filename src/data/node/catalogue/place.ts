/** Where data sets lie. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolders } from '../cache.ts';
import { bytesText, downloadBytes, findDataSet } from './catalogue.ts';
import type { DataSet } from './schema.ts';

/** The folder of all data sets: `$OE_DATA`, else `data` in the cache (`~/.cache/outlier-exposure`). */
export function dataRoot(): string {
  return process.env.OE_DATA || join(cacheFolders()[0], 'data');
}

/**
 * The folder of a set that was fetched, or that a person put there; nothing while there is none, or an empty one.
 *
 * @param name of the catalogue, or of another folder among the data
 */
export function dataFolder(name: string, root = dataRoot()): string | undefined {
  if (!/^[\w-][\w.-]*$/.test(name)) return undefined;
  const folder = join(root, name);
  try {
    return readdirSync(folder).length > 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * How to get a set, as a sentence.
 *
 * @throws OutlierExposureError `not-found` for a name that is not in the catalogue
 */
export function howToGet(name: string): string {
  return howToGetSet(findDataSet(name), dataRoot());
}

/** The same for a set of any catalogue and any folder. */
export function howToGetSet(set: DataSet, root: string): string {
  const { name, title, home, manual } = set;
  if (manual !== undefined)
    return `${title} is not to be had by a command. ${manual}: ${home} Then put its files into ${join(root, name)}.`;
  const bytes = downloadBytes(set);
  return `Fetch ${title}${bytes === undefined ? '' : ` (${bytesText(bytes)})`} by "oe data fetch ${name}".`;
}

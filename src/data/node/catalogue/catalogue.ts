/** The catalogue: the data sets of the paper and their stand-ins. */
import { z } from 'zod';
import { nearestName, OutlierExposureError } from '../../../errors.ts';
import { readFileBounded } from '../../../files/atomic.ts';
import { IMAGE_SETS } from './images.ts';
import { catalogueSchema, type DataFile, type DataSet } from './schema.ts';
import { TEXT_SETS } from './texts.ts';

/** Every data set that the paper uses, images first, and what stands in for those that are not to be had. */
export const CATALOGUE: readonly DataSet[] = [...IMAGE_SETS, ...TEXT_SETS];

/** The set of a name. @throws OutlierExposureError `not-found`, with the name that was probably meant */
export function findDataSet(name: string, catalogue: readonly DataSet[] = CATALOGUE): DataSet {
  const set = catalogue.find((candidate) => candidate.name === name);
  if (set) return set;
  const names = catalogue.map((candidate) => candidate.name);
  const near = nearestName(name, names);
  throw new OutlierExposureError(
    'not-found',
    `There is no data set "${name}"; ${near ? `did you mean "${near}"?` : `there are: ${names.join(', ')}.`}`,
  );
}

const MAX_BYTES = 2 ** 24;

/**
 * Reads a catalogue from a JSON file: an array of sets as `oe data list --json` prints them. For mirrors and sets of
 * one's own.
 *
 * @throws OutlierExposureError `invalid-file` that says where it is not a catalogue
 */
export async function readCatalogue(path: string): Promise<DataSet[]> {
  const bytes = await readFileBounded(path, { what: 'catalogue', maxBytes: MAX_BYTES });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is no JSON (${(error as Error).message}); a catalogue is what "oe data list --json" prints.`,
    );
  }
  const { success, data, error } = catalogueSchema.safeParse(value);
  if (success) return data;
  throw new OutlierExposureError(
    'invalid-file',
    `${path} is no catalogue: ${z.prettifyError(error).replaceAll(/\s+/g, ' ').slice(0, 500)}; it is to be as "oe data list --json" prints it.`,
  );
}

/** What a file is called on disk. */
export function nameOfFile({ name, urls }: DataFile): string {
  if (name !== undefined) return name;
  const end = decodeURIComponent(new URL(urls[0]!).pathname.split('/').at(-1)!).replaceAll(/[^\w.-]/g, '_');
  return end.replace(/^\.+/, '') || 'file';
}

/** How much is downloaded for a set, in bytes, where all of it is known. */
export function downloadBytes({ files }: DataSet): number | undefined {
  const sizes = files?.map(({ size }) => size);
  return sizes?.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
}

/** A number of bytes for people: `170 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value >= 9.95 || unit === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}

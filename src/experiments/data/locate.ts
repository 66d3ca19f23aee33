/** Finds the files of a data set: in a folder of the user's, or where the catalogue keeps what was fetched. Node only. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dataFolder } from '../../data/node/catalogue/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { type KnownSet, knownSet, type Part } from './known-sets.ts';

/** Where a set lies, as `openImages` takes it. */
export interface Located {
  spec: string | string[];
  labels?: string;
  /** Which part of what the spec holds. */
  split?: string;
}

/** The sides that file names may mention. */
const SIDES = ['', '28', '32', '64', '224'];
const ENDINGS = /\.(npy|npz|parquet|bin|mat|zip|tar|tgz|tar\.gz)$/i;
/** Such a file holds one list of images; it cannot have several parts. */
const ONE_PART = /\.(npy|npz|bin|mat)$/i;

/**
 * Looks for a set's files, in `folder` first, then among what `oe data fetch` has fetched.
 *
 * @returns nothing when they are in neither
 * @throws OutlierExposureError `not-found` when there is no such folder
 */
export async function locateSet(
  name: string,
  part: Part,
  { folder }: { folder?: string | undefined } = {},
): Promise<Located | undefined> {
  const set = knownSet(name) ?? { name, stems: [name] };
  const found = folder === undefined ? undefined : await inFolder(folder, set, part);
  if (found) return found;
  const fetched: Located[] = [];
  for (const entry of set.catalogue?.[part] ?? []) {
    const at = dataFolder(entry);
    if (at === undefined) continue;
    const split = set.splits?.[part];
    fetched.push((await inFolder(at, set, part)) ?? { spec: at, ...(split ? { split } : {}) });
  }
  if (fetched.length <= 1) return fetched[0];
  return { ...fetched[0]!, spec: fetched.flatMap(({ spec }) => spec) };
}

async function inFolder(folder: string, set: KnownSet, part: Part): Promise<Located | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new OutlierExposureError(
      'not-found',
      `The folder of data ${folder} cannot be read: ${error.code === 'ENOENT' ? 'it does not exist' : error.message}.`,
      { cause: error },
    );
  });
  const names = entries
    .filter((entry) => entry.isDirectory() || ENDINGS.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  const split = set.splits?.[part];
  const ofPart = names.find((name) => matches(name, set, split === 'validation' ? ['val', part] : [part]));
  if (ofPart) return withLabels(join(folder, ofPart));
  for (const alternative of set.originals?.[part] ?? []) {
    const paths = [alternative]
      .flat()
      .map((path) => join(folder, path))
      .filter((path) => existsSync(path));
    if (paths.length === 0) continue;
    const spec = paths.length === 1 ? paths[0]! : paths;
    return { spec, ...(split && !ONE_PART.test(paths[0]!) ? { split } : {}) };
  }
  const whole = names.find((name) => matches(name, set, []));
  // One list of images cannot be both what is trained on and what is tested on.
  if (!whole || (split && ONE_PART.test(whole))) return undefined;
  return { ...withLabels(join(folder, whole)), ...(split ? { split } : {}) };
}

/** Whether a name is one of the set's, followed by one of `parts`; with no parts, by nothing. */
function matches(name: string, { stems }: KnownSet, parts: readonly string[]): boolean {
  const base = name.toLowerCase().replace(ENDINGS, '').replaceAll('_', '-');
  if (base.endsWith('-labels')) return false;
  return stems.some((stem) =>
    SIDES.some((side) => {
      const start = `${stem}${side}`;
      if (parts.length === 0) return base === start || base === `${start}-images`;
      return parts.some((part) => base.startsWith(`${start}-${part}`));
    }),
  );
}

/** A file of images and the labels that lie beside it: `X-images.npy` and `X-labels.npy`. */
export function withLabels(path: string): Located {
  const labels = join(path, '..', basename(path).replace(/[-_]images\.npy$/, '-labels.npy'));
  return labels !== path && labels.endsWith('-labels.npy') && existsSync(labels)
    ? { spec: path, labels }
    : { spec: path };
}

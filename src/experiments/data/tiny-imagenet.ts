/** Labels of Tiny ImageNet's validation pictures, which lie in one folder beside a list. Node only. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';

const LIST = 'val_annotations.txt';
const MAX_BYTES = 2 ** 24;

/**
 * Reads `val/val_annotations.txt` (lines of a picture's name, a tab, its class and more) and `wnids.txt`: class numbers
 * in the order of the classes' sorted names, as the training folder gives them, for the pictures sorted by name.
 *
 * @param spec the set's folder, `tiny-imagenet-200`, or one that holds it
 * @returns nothing where there is no such list
 * @throws OutlierExposureError `invalid-file` when the list does not fit the pictures
 */
export async function validationLabels(
  spec: string | readonly string[],
  count: number,
): Promise<Int32Array | undefined> {
  const folder = [spec]
    .flat()
    .flatMap((path) => [path, join(path, 'tiny-imagenet-200')])
    .find((path) => existsSync(join(path, 'val', LIST)));
  if (folder === undefined) return undefined;
  const path = join(folder, 'val', LIST);
  const rows = (await linesOf(path)).map((line) => line.split('\t'));
  const classes = (await linesOf(join(folder, 'wnids.txt'))).map((line) => line.trim()).sort();
  const numbers = new Map(classes.map((name, i) => [name, i]));
  rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const labels = Int32Array.from(rows, ([, name = '']) => numbers.get(name) ?? -1);
  if (labels.length === count && !labels.includes(-1)) return labels;
  throw new OutlierExposureError(
    'invalid-file',
    `${path} does not fit the set: it should name the class of each of the ${count} validation pictures, from those of wnids.txt; unpack the archive again.`,
  );
}

async function linesOf(path: string): Promise<string[]> {
  const bytes = await readFileBounded(path, { what: 'list', maxBytes: MAX_BYTES });
  return new TextDecoder()
    .decode(bytes)
    .split('\n')
    .filter((line) => line.trim() !== '');
}

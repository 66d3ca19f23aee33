/** Files that say what is left out of a set: cleaned sets, and lists of classes. Node only. */

import { stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, relative, resolve } from 'node:path';
import { z } from 'zod';
import { OutlierExposureError } from '../../../errors.ts';
import { readFileBounded, writeFileAtomic } from '../../../files/atomic.ts';
import { isSelection, parseSelection, type Selection } from '../../duplicates/selection.ts';

/** Numbers of eighty million examples take less. */
const MAX_BYTES = 2 ** 30;
/** The marker stands in front, as we write it. */
const FRONT = 4096;

const indices = z.array(z.number().int().nonnegative());
const list = z.union([
  indices,
  z.object({ exclude_index: indices }).transform(({ exclude_index }) => exclude_index),
]);
const classLists = z.union([list, z.record(z.string(), list)]);

/** What a file for `--exclude` says: examples of one set, or classes of any. */
export type Exclusion = { what: 'examples'; selection: Selection } | { what: 'classes'; classes: number[] };

/**
 * Reads what is to be left out: a cleaned set as `oe data dedup` writes it; or class numbers, as a JSON list,
 * `{"exclude_index": […]}`, or either of them by the name of the in-distribution set.
 *
 * @throws OutlierExposureError `invalid-file` for anything else
 */
export async function readExclusion(path: string, inliers: string): Promise<Exclusion> {
  const fail = (detail: string, cause?: unknown): never => {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} does not list classes: ${detail}; expected a JSON list of class numbers, {"${inliers}": [numbers]}, or what \`oe data dedup\` writes.`,
      { cause },
    );
  };
  const json = await readJson(path, (error) => fail('it is no JSON', error));
  if (isSelection(json)) return { what: 'examples', selection: parseSelection(json, { name: path }) };
  const parsed = classLists.safeParse(json);
  if (!parsed.success) return fail('its content is something else');
  if (Array.isArray(parsed.data)) return { what: 'classes', classes: parsed.data };
  if (!Object.hasOwn(parsed.data, inliers)) return fail(`it has no entry "${inliers}"`);
  return { what: 'classes', classes: parsed.data[inliers]! };
}

/**
 * The cleaned set that a path is, if it is one; its own paths are made absolute.
 *
 * @throws OutlierExposureError `invalid-file` when it is a damaged one
 */
export async function selectionAt(path: string): Promise<Selection | undefined> {
  if (extname(path).toLowerCase() !== '.json') return undefined;
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) return undefined;
  const bytes = await readFileBounded(path, { what: 'cleaned set (JSON)', maxBytes: MAX_BYTES });
  if (!Buffer.from(bytes.subarray(0, FRONT)).toString('latin1').includes('"outlier-exposure-selection"'))
    return undefined;
  const json = parsed(bytes, (error) => {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is no cleaned set: it is no JSON; write it anew with \`oe data dedup\`.`,
      { cause: error },
    );
  });
  if (!isSelection(json)) return undefined;
  const selection = parseSelection(json, { name: path });
  const folder = dirname(resolve(path));
  return { ...selection, sets: selection.sets.map((set) => ({ ...set, path: resolve(folder, set.path) })) };
}

/** Writes a cleaned set; paths are kept as seen from the file's folder, unless they lead far away. */
export async function writeSelection(path: string, selection: Selection): Promise<void> {
  const folder = dirname(resolve(path));
  const sets = selection.sets.map((set) => ({ ...set, path: seenFrom(folder, resolve(set.path)) }));
  await writeFileAtomic(path, `${JSON.stringify({ ...selection, sets })}\n`);
}

function seenFrom(folder: string, path: string): string {
  const way = relative(folder, path);
  return isAbsolute(way) || way === '' ? path : way;
}

async function readJson(path: string, fail: (error: unknown) => never): Promise<unknown> {
  return parsed(await readFileBounded(path, { what: 'list of classes (JSON)', maxBytes: MAX_BYTES }), fail);
}

function parsed(bytes: Uint8Array, fail: (error: unknown) => never): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return fail(error);
  }
}

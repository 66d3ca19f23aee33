/** What is remembered of fetched files: the checksums of archives, and those of every file that is kept. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OutlierExposureError } from '../../../errors.ts';
import { fileError, readFileBounded, writeFileAtomic } from '../../../files/atomic.ts';
import { fileChecksums } from '../../../files/checksums.ts';

/** Beside the sets, so that it outlives them. */
const FIRST_FETCHES = 'checksums.json';
/** In a set's folder, in the form that `sha256sum -c` reads. */
export const SUMS = 'SHA256SUMS';

const firstFetches = z.record(
  z.string(),
  z.strictObject({ sha256: z.string(), size: z.number(), fetched: z.string() }),
);
/** By set and file: `cifar10/cifar-10-binary.tar.gz`. */
export type FirstFetches = z.infer<typeof firstFetches>;

export function firstFetchesFile(root: string): string {
  return join(root, FIRST_FETCHES);
}

export async function readFirstFetches(root: string): Promise<FirstFetches> {
  const path = firstFetchesFile(root);
  try {
    const bytes = await readFileBounded(path, { what: 'list of checksums', maxBytes: 2 ** 24 });
    return firstFetches.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    if (error instanceof OutlierExposureError) {
      if (error.code === 'not-found') return {};
      throw error;
    }
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is damaged: it should be the checksums of what was fetched first, as JSON. Remove it to begin a new one.`,
    );
  }
}

/** Adds one, reading the file again: another process may have added others. */
export async function rememberFetch(root: string, key: string, entry: FirstFetches[string]): Promise<void> {
  const known = await readFirstFetches(root);
  await writeFileAtomic(
    firstFetchesFile(root),
    `${JSON.stringify({ ...known, [key]: entry }, undefined, 2)}\n`,
  );
}

/** The files below a folder, with their sizes; links and other things are none. */
export async function filesBelow(folder: string): Promise<Map<string, number>> {
  const files = new Map<string, number>();
  const visit = async (below: string) => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) files.set(path, (await lstat(join(folder, path))).size);
    }
  };
  try {
    await visit('');
  } catch (error) {
    throw fileError(error, folder, 'read');
  }
  return files;
}

export interface SumsOptions {
  signal?: AbortSignal | undefined;
  /** In bytes. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Writes the checksums of all files below a folder into it. */
export async function writeSums(folder: string, options: SumsOptions = {}): Promise<void> {
  const files = await filesBelow(folder);
  files.delete(SUMS);
  const lines: string[] = [];
  await forEachSum(folder, files, options, (path, sha256) => lines.push(sumsLine(path, sha256)));
  await writeFileAtomic(join(folder, SUMS), lines.join(''));
}

/** Calls back with the checksum of each file. */
export async function forEachSum(
  folder: string,
  files: ReadonlyMap<string, number>,
  { signal, onProgress }: SumsOptions,
  found: (path: string, sha256: string) => void,
): Promise<void> {
  const total = [...files.values()].reduce((sum, size) => sum + size, 0);
  let before = 0;
  for (const path of [...files.keys()].sort()) {
    signal?.throwIfAborted();
    const { size, sha256 } = await fileChecksums(join(folder, path), {
      ...(signal && { signal }),
      onProgress: (done) => onProgress?.(before + done, total),
    });
    found(path, sha256);
    before += size;
  }
}

/** As sha256sum writes it: a name with a line break or a backslash is escaped, which a backslash in front tells. */
function sumsLine(path: string, sha256: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
}

/** The checksums in a set's folder, by path; nothing when there are none. */
export async function readSums(folder: string): Promise<Map<string, string> | undefined> {
  const path = join(folder, SUMS);
  let text: string;
  try {
    text = new TextDecoder().decode(await readFileBounded(path, { what: 'list of checksums' }));
  } catch (error) {
    if (error instanceof OutlierExposureError && error.code === 'not-found') return undefined;
    throw error;
  }
  const sums = new Map<string, string>();
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const [, escaped, sha256, name] = /^(\\?)([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (sha256 === undefined || name === undefined)
      throw new OutlierExposureError(
        'invalid-file',
        `${path} is damaged in line ${i + 1}: expected a SHA-256, two spaces and a path. Fetch the set again.`,
      );
    sums.set(
      escaped ? name.replaceAll(/\\(.)/g, (_, next: string) => (next === 'n' ? '\n' : next)) : name,
      sha256,
    );
  }
  return sums;
}

/** What shows that files have changed. Node only. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileReader, readError } from './byte-reader.ts';

/** Up to this size the whole content counts; hashing more takes seconds a gibibyte. */
const MAX_HASHED = 2 ** 30;
const END = 2 ** 20;
/** Files looked at at once. */
const AT_ONCE = 16;

export interface FingerprintOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * The SHA-256 of a file's content, up to 1 GiB; of a larger one, `large` and the SHA-256 of its size, its time of
 * change and its first and last MiB.
 */
export async function fileFingerprint(path: string, options: FingerprintOptions = {}): Promise<string> {
  return filesFingerprint([path], options);
}

/**
 * As `fileFingerprint`, for several files: of one file its content's, of more the SHA-256 of names and contents. Of
 * more than 1 GiB altogether, `large` and the SHA-256 of names, sizes and times of change, and of the first file's
 * first and the last file's last MiB.
 *
 * @param names what the files are called, so that it does not matter where they lie; their last parts unless given
 */
export async function filesFingerprint(
  paths: readonly string[],
  {
    names = paths.map((path) => basename(path)),
    signal,
    onProgress,
  }: { names?: readonly string[] } & FingerprintOptions = {},
): Promise<string> {
  const infos = await inParallel(paths, async (path) => {
    signal?.throwIfAborted();
    return await stat(path).catch((error: unknown) => {
      throw readError(error, path);
    });
  });
  const total = infos.reduce((sum, { size }) => sum + size, 0);
  const hash = createHash('sha256');
  if (total > MAX_HASHED) {
    for (const [i, { size, mtimeMs }] of infos.entries()) hash.update(`${names[i]}\0${size}\0${mtimeMs}\0`);
    hash.update(await end(paths[0]!, 'first')).update(await end(paths.at(-1)!, 'last'));
    return `large ${hash.digest('hex')}`;
  }
  let done = 0;
  for (const [i, path] of paths.entries()) {
    if (paths.length > 1) hash.update(`${names[i]}\0${infos[i]!.size}\0`);
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: END, ...(signal && { signal }) })) {
        hash.update(chunk as Buffer);
        done += (chunk as Buffer).length;
        onProgress?.(done, total);
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw readError(error, path);
    }
  }
  return hash.digest('hex');
}

async function end(path: string, which: 'first' | 'last'): Promise<Uint8Array> {
  const reader = await fileReader(path);
  const length = Math.min(END, reader.size);
  try {
    return await reader.read(which === 'first' ? 0 : reader.size - length, length);
  } finally {
    await reader.close();
  }
}

/** `make` of each item, a few at a time, the results in the items' order. */
export async function inParallel<T, R>(
  items: readonly T[],
  make: (item: T, index: number) => Promise<R>,
  atOnce = AT_ONCE,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const work = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await make(items[i]!, i);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return results;
}

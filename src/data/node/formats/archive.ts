/** Sets in archives: unpacked once, into the cache. Node only. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import { unpackArchive } from '../../../files/archive.ts';
import { cacheFolders } from '../cache.ts';
import type { FormatOptions } from './options.ts';

/**
 * The folder that an archive was unpacked to, in `archives/` of the cache folder. It is unpacked again when its size
 * or its time of change differ.
 *
 * @throws OutlierExposureError `io` when the cache cannot be written to
 */
export async function unpackedArchive(path: string, options: FormatOptions): Promise<string> {
  const place = await realpath(path);
  const { size, mtimeMs } = await stat(place);
  const key = createHash('sha256').update(`${place}\0${size}\0${mtimeMs}`).digest('hex').slice(0, 16);
  const archives = join(cacheFolders()[0], 'archives');
  const folder = join(archives, `${basename(path).replace(/[^\w.-]/g, '_')}-${key}`);
  if (existsSync(folder)) return folder;
  const { signal, onProgress } = options;
  try {
    await mkdir(archives, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new OutlierExposureError(
      'io',
      `${path} cannot be unpacked to ${archives} (${(error as Error).message}): unpack it yourself and give the folder, or set OE_CACHE to a folder that can be written to.`,
      { cause: error },
    );
  }
  try {
    await unpackArchive(path, folder, { ...(signal && { signal }), ...(onProgress && { onProgress }) });
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Fetches data sets. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import { unpackArchive } from '../../../files/archive.ts';
import { ensureWritableFolder, fileError } from '../../../files/atomic.ts';
import { type Checksums, fileChecksums } from '../../../files/checksums.ts';
import { type DownloadOptions, differenceFrom, download } from '../../../files/download.ts';
import { nameOfFile } from './catalogue.ts';
import { withLock } from './lock.ts';
import { dataFolder, dataRoot, howToGetSet } from './place.ts';
import { firstFetchesFile, readFirstFetches, rememberFetch, writeSums } from './records.ts';
import type { DataFile, DataSet } from './schema.ts';

export interface FetchProgress {
  /** The set's name. */
  set: string;
  /** The file it is about; none while all files are summed up. */
  file?: string;
  step: 'download' | 'unpack' | 'sum';
  /** In bytes. */
  done: number;
  total?: number;
  bytesPerSecond?: number;
  remainingSeconds?: number;
}

export interface FetchOptions {
  /** The folder that the set's folder is made in; see `dataRoot`. */
  root?: string;
  signal?: AbortSignal;
  onProgress?: (progress: FetchProgress) => void;
  /** How to try again; see `download`. */
  retry?: Pick<DownloadOptions, 'attempts' | 'retryDelay' | 'idleTimeout'>;
}

export interface FetchedSet {
  name: string;
  folder: string;
  /** Whether it was fetched now, or there already. */
  status: 'fetched' | 'present';
}

/**
 * Fetches a set into a folder of its name: downloads its files, checks them, unpacks archives, and lists the SHA-256 of
 * everything in SHA256SUMS. The folder appears when all is there. What was broken off goes on with the next call.
 *
 * A file without a published checksum is trusted when it is first fetched: its SHA-256 is kept in `checksums.json`
 * beside the sets, and a later fetch that brings another file is refused.
 *
 * @throws OutlierExposureError `unsupported` for a set that a person has to get, and as `download` and `unpackArchive`
 */
export async function fetchDataSet(
  set: DataSet,
  { root = dataRoot(), ...options }: FetchOptions = {},
): Promise<FetchedSet> {
  const { name, title, files } = set;
  const present = dataFolder(name, root);
  if (present !== undefined) return { name, folder: present, status: 'present' };
  if (files === undefined) throw new OutlierExposureError('unsupported', howToGetSet(set, root));
  const folder = join(root, name);
  const work = join(root, '.fetching', name);
  await ensureWritableFolder(join(root, '.fetching'));
  return withLock(`${work}.lock`, `${title} is being fetched`, async () => {
    const content = join(work, 'content');
    await rm(content, { recursive: true, force: true });
    await mkdir(content, { recursive: true });
    const downloads: Downloaded[] = [];
    // All downloads first: what takes longest is what a broken-off fetch does not do again.
    for (const file of files) downloads.push(await downloadFile(set, file, { root, work, ...options }));
    for (const { file, path } of downloads) {
      if (file.unpack) await unpackInto(content, path, { set: name, file, ...options });
      else await rename(path, join(content, nameOfFile(file)));
    }
    // Not before: what cannot be unpacked may be a page that was sent in an archive's place.
    for (const { remember } of downloads) await remember?.();
    await writeSums(content, {
      signal: options.signal,
      onProgress: (done, total) => options.onProgress?.({ set: name, step: 'sum', done, total }),
    });
    await rm(folder, { recursive: true, force: true });
    await rename(content, folder);
    await rm(work, { recursive: true, force: true });
    return { name, folder, status: 'fetched' as const };
  });
}

interface Downloaded {
  file: DataFile;
  path: string;
  /** Keeps the checksum of a file that was fetched for the first time. */
  remember?: () => Promise<void>;
}

/** Downloads a file, unless an earlier fetch has. */
async function downloadFile(
  set: DataSet,
  file: DataFile,
  { root, work, signal, onProgress, retry }: FetchOptions & { root: string; work: string },
): Promise<Downloaded> {
  const name = nameOfFile(file);
  const path = join(work, name);
  const key = `${set.name}/${name}`;
  const expected = {
    ...(file.size !== undefined && { size: file.size }),
    ...(file.sha256 !== undefined && { sha256: file.sha256 }),
    ...(file.md5 !== undefined && { md5: file.md5 }),
  };
  const first = (await readFirstFetches(root))[key];
  let came: Checksums | undefined;
  if (await exists(path)) {
    const there = await fileChecksums(path, { ...(signal && { signal }) });
    if (differenceFrom(there, expected) === undefined) came = there;
  }
  came ??= await downloadFromAny(file.urls, path, {
    ...expected,
    ...retry,
    ...(signal && { signal }),
    onProgress: (progress) => onProgress?.({ set: set.name, file: name, step: 'download', ...progress }),
  });
  const { sha256, size } = came;
  if (first === undefined) {
    const fetched = new Date().toISOString();
    return { file, path, remember: () => rememberFetch(root, key, { sha256, size, fetched }) };
  }
  if (first.sha256 !== sha256 && !isPublished(file)) {
    await rm(path, { force: true });
    throw new OutlierExposureError(
      'invalid-file',
      `${file.urls[0]} has changed since ${first.fetched.slice(0, 10)}: its SHA-256 is ${sha256}, then it was ${first.sha256}; nothing was kept. If its owner says so too, remove "${key}" from ${firstFetchesFile(root)} and fetch it again.`,
    );
  }
  return { file, path };
}

function isPublished({ sha256, md5 }: DataFile): boolean {
  return sha256 !== undefined || md5 !== undefined;
}

/** Tries one address after the other. @throws what the first one threw, when all fail */
async function downloadFromAny(
  urls: readonly string[],
  path: string,
  options: DownloadOptions,
): Promise<Checksums> {
  const errors: unknown[] = [];
  for (const url of urls) {
    try {
      return await download(url, path, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      // What the disk says, it says of every address.
      const { cause } = error as { cause?: { syscall?: string } };
      if (
        !(error instanceof OutlierExposureError) ||
        /^(open|write|rename|fsync)$/.test(cause?.syscall ?? '')
      )
        throw error;
      errors.push(error);
    }
  }
  throw errors[0];
}

async function unpackInto(
  content: string,
  archive: string,
  { set, file, signal, onProgress }: FetchOptions & { set: string; file: DataFile },
): Promise<void> {
  const unpacked = join(content, '..', 'unpacked');
  await rm(unpacked, { recursive: true, force: true });
  await unpackArchive(archive, unpacked, {
    ...(signal && { signal }),
    onProgress: (done, total) => onProgress?.({ set, file: nameOfFile(file), step: 'unpack', done, total }),
  }).catch(async (error) => {
    // Another download may bring a better one, but for what is known to be its owner's.
    if (error instanceof OutlierExposureError && error.code !== 'io' && !isPublished(file))
      await rm(archive, { force: true });
    throw error;
  });
  try {
    for (const name of await readdir(unpacked)) {
      if (await exists(join(content, name)))
        throw new OutlierExposureError(
          'invalid-file',
          `${archive} cannot be used: "${name}" is in another file of the set too.`,
        );
      await rename(join(unpacked, name), join(content, name));
    }
    await rm(unpacked, { recursive: true });
    await rm(archive);
  } catch (error) {
    throw fileError(error, content, 'written to');
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

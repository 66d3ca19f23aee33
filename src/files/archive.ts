/** Unpacks archives from strangers: whole or not at all, inside one folder, bounded. Node only. */
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import zlib from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import * as yauzl from 'yauzl';
import { OutlierExposureError } from '../errors.ts';
import { type ArchiveFolder, archiveFolder, shown, unsafeArchive } from './archive-folder.ts';
import { archiveKind, gunzipped } from './archive-kind.ts';
import { fileError } from './atomic.ts';

export interface UnpackOptions {
  signal?: AbortSignal;
  /** Bytes of the archive that were read, and its size. */
  onProgress?: (done: number, total: number) => void;
  /** Of all files together; 64 GiB unless given. */
  maxBytes?: number;
  /** Files and folders; four million unless given. */
  maxEntries?: number;
}

/**
 * Unpacks a .zip, .tar, .tar.gz or .gz file, told apart by their content, into a folder that is made by it.
 *
 * It unpacks into a temporary folder beside, which is renamed when all is there: after a failure nothing is left. An
 * archive is refused as a whole when a name in it leads out of the folder (absolute, with a drive, with `..`), occurs
 * twice, or is a link, device or pipe; when it holds more bytes or entries than allowed, or more than 200 bytes for each
 * of its own; and when it is cut off or a checksum in it differs. Owners, modes and times are not taken over. A .gz file
 * becomes one file of its name without `.gz`.
 *
 * @param folder must not exist, or be empty
 * @throws OutlierExposureError `invalid-file` for such an archive, `unsupported` for other formats, `invalid-argument`
 *   for a folder that holds something, `io` when the disk is full
 */
export async function unpackArchive(
  archive: string,
  folder: string,
  { signal, onProgress, maxBytes = 2 ** 36, maxEntries = 4_000_000 }: UnpackOptions = {},
): Promise<void> {
  signal?.throwIfAborted();
  const target = resolve(folder);
  const archiveBytes = await sizeOf(archive);
  const kind = await archiveKind(archive);
  await refuseFull(target);
  let temporary: string | undefined;
  try {
    await mkdir(dirname(target), { recursive: true });
    temporary = await mkdtemp(`${target}.unpacking-`);
    const into = archiveFolder(temporary, archive, { maxBytes, maxEntries, archiveBytes });
    let told = -1;
    const tell = (done: number) => {
      const bounded = Math.min(done, archiveBytes);
      if (bounded > told) onProgress?.((told = bounded), archiveBytes);
    };
    // All is read before all is written: the end is told at the end.
    const reading: Reading = { archive, signal, onProgress: (done) => done < archiveBytes && tell(done) };
    try {
      if (kind === 'zip') await unpackZip(reading, into);
      else if (kind === 'gz') await unpackGzip(reading, into);
      else await unpackTar(reading, kind, into);
    } finally {
      await into.closeFile().catch(() => {});
    }
    signal?.throwIfAborted();
    await rmdir(target).catch(() => {});
    await rename(temporary, target);
    tell(archiveBytes);
  } catch (error) {
    if (temporary) await rm(temporary, { recursive: true, force: true }).catch(() => {});
    signal?.throwIfAborted();
    throw fileError(error, target, 'written');
  }
}

interface Reading {
  archive: string;
  signal: AbortSignal | undefined;
  /** @param done bytes of the archive */
  onProgress: (done: number) => void;
}

async function* contentOf({ archive, signal, onProgress }: Reading, kind: 'plain' | 'gzip') {
  let done = 0;
  const count = (bytes: number) => (done += bytes);
  const chunks =
    kind === 'gzip' ? gunzipped(archive, count) : (createReadStream(archive) as AsyncIterable<Buffer>);
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      if (kind === 'plain') count(chunk.length);
      onProgress(done);
      yield chunk;
    }
  } catch (error) {
    throw damaged(error, archive);
  }
}

async function unpackGzip(reading: Reading, into: ArchiveFolder): Promise<void> {
  await into.openFile(basename(reading.archive).replace(/\.gz$/i, ''), 0);
  for await (const chunk of contentOf(reading, 'gzip')) await into.write(chunk);
  await into.closeFile();
}

/** What a tar parser finds while it is handed a chunk; done before the next one, so that no more waits than a chunk. */
type Step = () => Promise<void>;

async function unpackTar(reading: Reading, kind: 'tar' | 'tar.gz', into: ArchiveFolder): Promise<void> {
  const refuse = (reason: string) => unsafeArchive(reading.archive, reason);
  const steps: Step[] = [];
  let ended = false;
  const parser = new Parser({
    onwarn: (_code, message) => {
      steps.push(() => Promise.reject(refuse(`it is damaged (${shown(String(message))})`)));
    },
  });
  parser.on('error', (error: Error) => steps.push(() => Promise.reject(damaged(error, reading.archive))));
  parser.on('nullBlock', () => (ended = true));
  parser.on('eof', () => (ended = true));
  parser.on('ignoredEntry', (entry: ReadEntry) => steps.push(() => Promise.reject(refuse(strange(entry)))));
  parser.on('entry', (entry: ReadEntry) => {
    if (entry.type === 'Directory' || entry.type === 'GNUDumpDir')
      steps.push(() => into.makeFolder(entry.path));
    else if (entry.type === 'File' || entry.type === 'OldFile' || entry.type === 'ContiguousFile') {
      // An old tar tells folders by the slash at their end.
      if (entry.path.endsWith('/')) steps.push(() => into.makeFolder(entry.path));
      else {
        steps.push(() => into.openFile(entry.path, entry.size));
        entry.on('data', (chunk: Buffer) => steps.push(() => into.write(chunk)));
        entry.on('end', () => steps.push(() => into.closeFile()));
      }
    } else steps.push(() => Promise.reject(refuse(strange(entry))));
    entry.resume();
  });
  const settle = async () => {
    for (const step of steps) await step();
    steps.length = 0;
  };
  for await (const chunk of contentOf(reading, kind === 'tar.gz' ? 'gzip' : 'plain')) {
    try {
      parser.write(chunk);
    } catch (error) {
      throw damaged(error, reading.archive);
    }
    await settle();
  }
  parser.end();
  await settle();
  if (!ended) throw refuse('it is cut off');
}

function strange({ path, type, meta }: ReadEntry): string {
  return meta
    ? `the header of "${shown(path)}" is too long`
    : `"${shown(path)}" is no file or folder but a ${String(type)
        .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
        .toLowerCase()}`;
}

const UNIX_TYPE = 0o170000;
/** Of a file, of a folder, and where no Unix made the archive. */
const HARMLESS_TYPES = [0o100000, 0o040000, 0];

async function unpackZip({ archive, signal, onProgress }: Reading, into: ArchiveFolder): Promise<void> {
  const refuse = (reason: string) => unsafeArchive(archive, reason);
  let zip: yauzl.ZipFile | undefined;
  let before = 0;
  try {
    zip = await yauzl.openPromise(archive);
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      const name = entry.fileName;
      if (!HARMLESS_TYPES.includes((entry.externalFileAttributes >>> 16) & UNIX_TYPE))
        throw refuse(`"${shown(name)}" is no file or folder but a link or a device`);
      if (name.endsWith('/')) {
        await into.makeFolder(name);
        continue;
      }
      if (entry.isEncrypted()) throw refuse(`"${shown(name)}" is encrypted`);
      if (!entry.canDecodeFileData())
        throw refuse(
          `"${shown(name)}" is compressed by method ${entry.compressionMethod}, which is not known`,
        );
      await into.openFile(name, entry.uncompressedSize);
      let [checksum, size] = [0, 0];
      for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
        signal?.throwIfAborted();
        await into.write(chunk);
        checksum = crc32(chunk, checksum);
        size += chunk.length;
        onProgress(before + (entry.compressedSize * size) / entry.uncompressedSize);
      }
      await into.closeFile();
      if (checksum !== entry.crc32 && checksum !== UNKNOWN)
        throw refuse(`the checksum of "${shown(name)}" differs`);
      onProgress((before += entry.compressedSize));
    }
  } catch (error) {
    throw damaged(error, archive);
  } finally {
    zip?.close();
  }
}

const UNKNOWN = -1;
/** zlib has it from Node 20.15 on; before, sizes alone are checked. */
const crc32 = zlib.crc32 ?? (() => UNKNOWN);

/** What a library says of an archive's content, as a sentence of ours; other errors as they are. */
function damaged(error: unknown, archive: string): unknown {
  if (error instanceof OutlierExposureError || (error as Error).name === 'AbortError') return error;
  if ((error as NodeJS.ErrnoException).syscall !== undefined) return fileError(error, archive, 'read');
  const message = shown((error as Error).message);
  const cutOff = /unexpected end of file|end of central directory|truncated/i.test(message);
  return unsafeArchive(archive, cutOff ? 'it is cut off or damaged' : `it is damaged (${message})`, error);
}

async function sizeOf(archive: string): Promise<number> {
  try {
    const info = await stat(archive);
    if (info.isFile()) return info.size;
  } catch (error) {
    throw fileError(error, archive, 'read');
  }
  throw new OutlierExposureError('invalid-argument', `${archive} is no file, but an archive was expected.`);
}

async function refuseFull(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw fileError(error, folder, 'written');
  }
  if (names.length > 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${folder} is not empty; name another folder, or remove this one to unpack into.`,
    );
  }
}

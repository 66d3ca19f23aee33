/** Where an archive's files are written: a folder that nothing gets out of and that is bounded in size. Node only. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OutlierExposureError } from '../errors.ts';
import { fileError } from './atomic.ts';

/** What an archive may make. */
export interface ArchiveLimits {
  /** Of all files together. */
  maxBytes: number;
  /** Files and folders. */
  maxEntries: number;
  /** The archive's own size, which what it holds is compared with. */
  archiveBytes: number;
}

/** Takes what an archive holds, one entry after the other. */
export interface ArchiveFolder {
  makeFolder(name: string): Promise<void>;
  /** Begins a file; what is written goes there until it is closed. @param size what the archive says it has */
  openFile(name: string, size: number): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  closeFile(): Promise<void>;
}

/**
 * More bytes than this for each of the archive's are a bomb: text comes to about 10, deflate can go to 1,032. Small
 * archives are let off: `SMALL` bytes harm nobody.
 */
const MAX_RATIO = 200;
const SMALL = 2 ** 26;

/**
 * Writes entries below a folder that is empty and nobody else's.
 *
 * @param archive what to call the archive in errors
 */
export function archiveFolder(root: string, archive: string, limits: ArchiveLimits): ArchiveFolder {
  const made = new Set<string>(['']);
  let [entries, bytes] = [0, 0];
  let file: FileHandle | undefined;
  let current = '';

  const refuse = (reason: string) => unsafeArchive(archive, reason);
  const countEntry = (name: string): string => {
    if (++entries > limits.maxEntries)
      throw refuse(`it holds more than ${limits.maxEntries} files and folders`);
    return safeName(name, refuse);
  };
  const countBytes = (count: number, more: string) => {
    if (count > limits.maxBytes) throw refuse(`it would take ${more} than ${limits.maxBytes} bytes`);
    if (count > SMALL && count > MAX_RATIO * limits.archiveBytes)
      throw refuse(`it would grow to more than ${MAX_RATIO} times its size`);
  };
  const ensureFolder = async (name: string) => {
    if (made.has(name)) return;
    try {
      await mkdir(join(root, name), { recursive: true });
    } catch (error) {
      throw placeError(error, name);
    }
    made.add(name);
  };
  const placeError = (error: unknown, name: string) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR')
      return refuse(`"${shown(name)}" is in it twice`);
    if (code === 'ENAMETOOLONG' || code === 'EINVAL' || code === 'EILSEQ')
      return refuse(`the name "${shown(name)}" is too long or not allowed here`);
    return fileError(error, root, 'written to');
  };

  return {
    async makeFolder(name) {
      await ensureFolder(countEntry(name));
    },
    async openFile(name, size) {
      current = countEntry(name);
      if (current === '') throw refuse('a file in it has no name');
      countBytes(bytes + size, 'more');
      const folder = dirname(current);
      await ensureFolder(folder === '.' ? '' : folder);
      try {
        // Never over what is there, and never through a link.
        file = await open(join(root, current), 'wx', 0o644);
      } catch (error) {
        throw placeError(error, current);
      }
    },
    async write(chunk) {
      countBytes((bytes += chunk.length), 'more');
      try {
        await file!.writeFile(chunk);
      } catch (error) {
        throw placeError(error, current);
      }
    },
    async closeFile() {
      const closing = file;
      file = undefined;
      try {
        await closing?.close();
      } catch (error) {
        throw placeError(error, current);
      }
    },
  };
}

/** An archive that would harm, or whose content is not what it promises. */
export function unsafeArchive(archive: string, reason: string, cause?: unknown): OutlierExposureError {
  return new OutlierExposureError(
    'invalid-file',
    `${archive} cannot be unpacked: ${reason}. Nothing was kept of it; fetch it again, or unpack it yourself if you trust it.`,
    { cause },
  );
}

/** A relative path in the folder, with `/` between its parts; names that lead elsewhere are refused. */
function safeName(name: string, refuse: (reason: string) => OutlierExposureError): string {
  const parts = name.replaceAll('\\', '/').split('/');
  const leadsAway = parts[0] === '' && name !== '' ? true : /^[a-z]:/i.test(name) || parts.includes('..');
  if (leadsAway) throw refuse(`"${shown(name)}" leads out of the folder`);
  if (name.includes('\0')) throw refuse(`the name "${shown(name)}" is not allowed`);
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}

/** A name from a file, fit for a terminal: no control characters, not long. */
export function shown(name: string): string {
  const plain = name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
  return plain.length > 80 ? `${plain.slice(0, 77)}…` : plain;
}

/** Reading and writing files such that errors are sentences and nothing is left half-written. Node only. */
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ErrorCode, OutlierExposureError } from '../errors.ts';

/**
 * Writes a file whole or not at all: to a temporary file beside it, synced, then renamed. A process that was killed
 * while writing leaves a temporary file, which the next write of the same file replaces.
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fileError(error, path, 'written');
  }
}

/** Makes a folder (and those above it) and makes sure that files can be written there. */
export async function ensureWritableFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    const probe = `${path}/.write-test.${process.pid}`;
    await (await open(probe, 'w')).close();
    await rm(probe);
  } catch (error) {
    throw fileError(error, path, 'written to');
  }
}

/** Larger files than this are refused unless a caller knows better: nothing we read whole comes near it. */
const MAX_BYTES = 2 ** 31;

/** Reads a file of bounded size. @param what it is, for errors: `'score file'` */
export async function readFileBounded(
  path: string,
  { what = 'file', maxBytes = MAX_BYTES }: { what?: string; maxBytes?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const info = await stat(path);
    if (info.isDirectory()) {
      throw new OutlierExposureError('invalid-argument', `${path} is a folder, but a ${what} was expected.`);
    }
    if (!info.isFile()) {
      throw new OutlierExposureError(
        'invalid-argument',
        `${path} is a device or a pipe, but a ${what} was expected.`,
      );
    }
    if (info.size > maxBytes) {
      throw new OutlierExposureError(
        'unsupported',
        `${path} has ${info.size} bytes; a ${what} may have at most ${maxBytes}.`,
      );
    }
    const buffer = await readFile(path);
    return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
  } catch (error) {
    throw fileError(error, path, 'read');
  }
}

const REASONS: Record<string, [ErrorCode, string]> = {
  ENOENT: ['not-found', 'no such file or folder'],
  ENOTDIR: ['io', 'a part of the path is a file, not a folder'],
  EEXIST: ['io', 'a file of that name is in the way'],
  EACCES: ['io', 'permission denied; choose another place or change its permissions'],
  EPERM: ['io', 'permission denied; choose another place or change its permissions'],
  EROFS: ['io', 'the file system is read-only; choose another place'],
  ENOSPC: ['io', 'the disk is full; free some space or choose another place'],
  EDQUOT: ['io', 'your disk quota is used up; free some space or choose another place'],
  EISDIR: ['io', 'it is a folder'],
};

/** An error of the operating system as a sentence; others as they are. @param done what could not be: `'written'` */
export function fileError(error: unknown, path: string, done: string): unknown {
  if (error instanceof OutlierExposureError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const [kind, reason] = REASONS[code] ?? ['io', message];
  return new OutlierExposureError(
    kind,
    `${dirname(path) === '.' && code === 'ENOENT' ? `./${path}` : path} cannot be ${done}: ${reason}.`,
    { cause: error },
  );
}

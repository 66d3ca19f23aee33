/** Bytes at known places: of a file, of a part of one, or in memory. Node only. */
import { closeSync, close as closeWithCallback, open, read } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { OutlierExposureError } from '../../../errors.ts';

export interface ByteReader {
  /** What to call it in errors. */
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes from `offset` on; not to be written to. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Lets go of the file; the next `read` opens it again. */
  close(): Promise<void>;
}

const openDescriptor = promisify(open);
const readAt = promisify(read);
const closeDescriptor = promisify(closeWithCallback);

/** Closes the files of readers that nobody holds any more. */
const forgotten = new FinalizationRegistry<{ descriptor?: number | undefined }>((held) => {
  if (held.descriptor !== undefined) closeSync(held.descriptor);
});

/**
 * A file that is read by position. It is opened by the first `read`.
 *
 * @throws OutlierExposureError `not-found` or `io` when there is no such file
 */
export async function fileReader(path: string): Promise<ByteReader> {
  const info = await stat(path).catch((error: unknown) => {
    throw readError(error, path);
  });
  if (!info.isFile()) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${path} is ${info.isDirectory() ? 'a folder' : 'a device or a pipe'}, but a file was expected.`,
    );
  }
  const held: { descriptor?: number | undefined; opening?: Promise<number> | undefined } = {};
  const descriptor = () =>
    (held.opening ??= openDescriptor(path, 'r').then((number) => (held.descriptor = number)));
  const reader: ByteReader = {
    name: path,
    size: info.size,
    async read(offset, length) {
      // As a plain array, since a Buffer's `slice` is no copy.
      const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
      let done = 0;
      try {
        while (done < length) {
          const { bytesRead } = await readAt(await descriptor(), bytes, done, length - done, offset + done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
      } catch (error) {
        throw readError(error, path);
      }
      if (done < length) {
        throw new OutlierExposureError(
          'invalid-file',
          `${path} ends at byte ${offset + done}, before its byte ${offset + length}; it is cut off, or was changed while it was read: fetch it again.`,
        );
      }
      return bytes;
    },
    async close() {
      const opened = await held.opening;
      held.opening = held.descriptor = undefined;
      if (opened !== undefined) await closeDescriptor(opened);
    },
  };
  forgotten.register(reader, held);
  return reader;
}

/** Bytes that are in memory already. */
export function memoryReader(name: string, bytes: Uint8Array): ByteReader {
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => {},
  };
}

/** A part of what another reader reads. */
export function partReader(
  whole: ByteReader,
  { name, offset, size }: { name: string; offset: number; size: number },
): ByteReader {
  if (offset + size > whole.size) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} would end at byte ${offset + size} of ${whole.name}, which has only ${whole.size}: fetch it again.`,
    );
  }
  return {
    name,
    size,
    read: (from, length) => whole.read(offset + from, length),
    close: () => whole.close(),
  };
}

/**
 * A reader that takes everything into memory at the first `read`, when it has at most `memory` bytes: images in random
 * order take a read each, which in a training loop is slower than the memory is dear.
 */
export function residentReader(reader: ByteReader, memory: number): ByteReader {
  if (reader.size > memory) return reader;
  let whole: Promise<Uint8Array> | undefined;
  return {
    name: reader.name,
    size: reader.size,
    async read(offset, length) {
      whole ??= reader.read(0, reader.size);
      try {
        return (await whole).subarray(offset, offset + length);
      } catch (error) {
        whole = undefined;
        throw error;
      }
    },
    async close() {
      whole = undefined;
      await reader.close();
    },
  };
}

/** What the operating system said, as a sentence. */
export function readError(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof OutlierExposureError || code === undefined) return error;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return new OutlierExposureError(
    missing ? 'not-found' : 'io',
    `${path} cannot be read: ${missing ? 'no such file or folder' : message}.`,
    { cause: error },
  );
}

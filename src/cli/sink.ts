/** Where a stream of lines goes: a file that appears when it is whole, or a stream whose reader sets the pace. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { fileError } from '../files/atomic.ts';

export interface Sink {
  /** Resolves when more may be written; to false when nobody reads any more. */
  write(data: Uint8Array | string): Promise<boolean>;
  /** The end: the file takes its place. */
  close(): Promise<void>;
  /** Removes what was not brought to its end. */
  abandon(): Promise<void>;
}

/** A file: written beside its place, and moved there when it is whole. */
export function fileSink(path: string): Sink {
  const temporary = `${path}.tmp`;
  let file: FileHandle | undefined;
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw fileError(error, path, 'written');
    }
  };
  return {
    write: (data) =>
      attempt(async () => {
        file ??= await open(temporary, 'w');
        if (data.length > 0) await file.writeFile(data);
        return true;
      }),
    close: () =>
      attempt(async () => {
        const written = file;
        if (!written) return;
        await written.sync();
        file = undefined;
        await written.close();
        await rename(temporary, path);
      }),
    async abandon() {
      if (!file) return;
      await file.close();
      await rm(temporary, { force: true });
      file = undefined;
    },
  };
}

/** A stream, standard output for one: when its buffer is full, the next write waits until it is read. */
export function streamSink(stream: NodeJS.WritableStream & { destroyed?: boolean; closed?: boolean }): Sink {
  let gone = false;
  stream.once('close', () => {
    gone = true;
  });
  stream.once('error', () => {
    gone = true;
  });
  return {
    write: (data) =>
      new Promise((resolve) => {
        if (gone) resolve(false);
        else if (stream.write(data)) resolve(true);
        else {
          const settle = () => {
            for (const event of ['drain', 'close', 'error']) stream.off(event, settle);
            // The error's own listener may come later.
            setImmediate(() => resolve(!gone));
          };
          for (const event of ['drain', 'close', 'error']) stream.once(event, settle);
        }
      }),
    close: async () => {},
    abandon: async () => {},
  };
}

/** Checksums of files. Node only. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileError } from './atomic.ts';

export interface Checksums {
  /** In bytes. */
  size: number;
  /** Hexadecimal digits. */
  sha256: string;
  md5: string;
}

/** A file's size, SHA-256 and MD5, in one reading. @param onProgress the bytes read so far */
export async function fileChecksums(
  path: string,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number) => void } = {},
): Promise<Checksums> {
  const [sha256, md5] = [createHash('sha256'), createHash('md5')];
  let size = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      sha256.update(chunk);
      md5.update(chunk);
      size += chunk.length;
      onProgress?.(size);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw fileError(error, path, 'read');
  }
  return { size, sha256: sha256.digest('hex'), md5: md5.digest('hex') };
}

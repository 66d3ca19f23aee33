/** Unpacking streams into memory, with a bound. Node only. */
import { OutlierExposureError } from '../../../errors.ts';

/** The most that a compressed file may unpack to in memory. */
export const MAX_UNPACKED = 2 ** 31;
/** Deflate cannot shrink more than this. */
const MAX_RATIO = 1032;

/**
 * Everything that a stream gives, when its size is known beforehand.
 *
 * @param compressed how many bytes it is unpacked from: a size that they cannot unpack to is refused before memory is taken
 */
export async function collectSized(
  stream: AsyncIterable<unknown>,
  { name, size, compressed }: { name: string; size: number; compressed: number },
): Promise<Uint8Array> {
  if (size > MAX_UNPACKED) throw tooLarge(name, size);
  if (size > (compressed + 64) * MAX_RATIO) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} claims to unpack from ${compressed} to ${size} bytes, which no such file can: fetch it again.`,
    );
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of chunksOf(stream, name)) {
    if (at + chunk.length > size) {
      throw new OutlierExposureError(
        'invalid-file',
        `${name} unpacks to more than the ${size} bytes it claims.`,
      );
    }
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at < size) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} unpacks to ${at} bytes, but claims ${size}; it is cut off: fetch it again.`,
    );
  }
  return bytes;
}

/** Everything that a stream gives, up to the bound. */
export async function collect(
  stream: AsyncIterable<unknown>,
  { name }: { name: string },
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(stream, name)) {
    size += chunk.length;
    if (size > MAX_UNPACKED) throw tooLarge(name, size);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A stream's chunks; what goes wrong becomes a sentence. */
export async function* chunksOf(stream: AsyncIterable<unknown>, name: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof OutlierExposureError || (error as Error).name === 'AbortError') throw error;
    throw new OutlierExposureError(
      'invalid-file',
      `${name} cannot be unpacked: ${(error as Error).message}; fetch it again.`,
      { cause: error },
    );
  }
}

function tooLarge(name: string, size: number): OutlierExposureError {
  return new OutlierExposureError(
    'unsupported',
    `${name} unpacks to ${size} bytes or more; at most ${MAX_UNPACKED} are unpacked into memory: save it uncompressed, so that it can be read piece by piece.`,
  );
}

/** The lines of files of text, also compressed, a piece of the file at a time. Node only. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { OutlierExposureError } from '../../../errors.ts';
import { gunzipped } from '../../../files/archive-kind.ts';
import { readError } from '../formats/byte-reader.ts';
import { chunksOf } from '../formats/inflate.ts';

/** A longer line is no text, but a file of another kind. */
export const MAX_LINE = 2 ** 22;
const PIECE = 2 ** 18;

/**
 * How a file's bytes are read:
 *
 * - `utf-8`: other bytes are refused.
 * - `latin1`: ISO 8859-1, in which every byte is a character; older sets are often in it.
 */
export type TextEncodingName = 'utf-8' | 'latin1';

export interface LinesOptions {
  encoding: TextEncodingName;
  /** Puts spaces in place of bytes that are no UTF-8. */
  lenient?: boolean;
  signal?: AbortSignal | undefined;
  /** Takes the number of bytes that were read from the file. */
  onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * A file's lines, many at a time, without their ends (`\n` or `\r\n`) and without a byte order mark.
 *
 * @throws OutlierExposureError `invalid-file` for what is no text: bytes that are no UTF-8, or a line of more than
 *   4 MiB; `not-found` and `io` when the file cannot be read
 */
export async function* linesOf(path: string, options: LinesOptions): AsyncGenerator<string[], void> {
  const { encoding, lenient = false, signal } = options;
  let [at, number, waiting] = [0, 0, 0];
  const pieces: Buffer[] = [];
  const decode = (bytes: Buffer): string[] => {
    const lines = decodeText(bytes, { path, at, encoding, lenient }).split('\n');
    for (const [i, line] of lines.entries()) if (line.endsWith('\r')) lines[i] = line.slice(0, -1);
    number += lines.length;
    return checked(lines, path, number);
  };
  for await (const chunk of bytesOf(path, options)) {
    signal?.throwIfAborted();
    pieces.push(chunk);
    waiting += chunk.length;
    const end = chunk.lastIndexOf(0x0a);
    if (end < 0) {
      if (waiting > MAX_LINE) throw longLine(path, number + 1);
      continue;
    }
    const all = pieces.length === 1 ? chunk : Buffer.concat(pieces);
    const last = all.length - (chunk.length - end);
    yield decode(all.subarray(0, last));
    at += last + 1;
    pieces.length = 0;
    const rest = all.subarray(last + 1);
    waiting = rest.length;
    if (waiting > 0) pieces.push(rest);
  }
  if (waiting > 0) yield decode(Buffer.concat(pieces));
}

/** Lines of a size that lines have; `end` is the number of the last. */
function checked(lines: string[], path: string, end: number): string[] {
  const long = lines.findIndex((line) => line.length > MAX_LINE);
  if (long >= 0) throw longLine(path, end - lines.length + long + 1);
  return lines;
}

function longLine(path: string, number: number): OutlierExposureError {
  return new OutlierExposureError(
    'invalid-file',
    `${path}, line ${number}: it has more than ${MAX_LINE} bytes; a line should be a text: put ends of lines between texts.`,
  );
}

/** A file's bytes, unpacked. */
async function* bytesOf(path: string, { onBytes, signal }: LinesOptions): AsyncGenerator<Buffer> {
  const start = await firstBytes(path, 2);
  if (start[0] === 0x1f && start[1] === 0x8b) {
    yield* chunksOf(gunzipped(path, onBytes), path);
    return;
  }
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: PIECE, ...(signal && { signal }) })) {
      onBytes?.((chunk as Buffer).length);
      yield chunk as Buffer;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw readError(error, path);
  }
}

/** At most `length` bytes from a file's start. */
export async function firstBytes(path: string, length: number): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readError(error, path);
  }
}

/**
 * Bytes as text, without a byte order mark at the file's start.
 *
 * @param at where in the file they begin
 */
export function decodeText(
  bytes: Buffer,
  {
    path,
    at,
    encoding,
    lenient = false,
  }: { path: string; at: number; encoding: TextEncodingName; lenient?: boolean },
): string {
  if (encoding === 'latin1') return bytes.toString('latin1');
  if (!isUtf8(bytes)) {
    if (!lenient) throw noUtf8(bytes, path, at);
    bytes = Buffer.from(bytes);
    for (let bad = invalidUtf8(bytes, 0); bad < bytes.length; bad = invalidUtf8(bytes, bad + 1))
      bytes[bad] = 0x20;
  }
  const text = bytes.toString('utf8');
  return at === 0 && text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function noUtf8(bytes: Buffer, path: string, at: number): OutlierExposureError {
  const bad = invalidUtf8(bytes, 0);
  if (at === 0 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    return new OutlierExposureError('invalid-file', `${path} is UTF-16 text: save it as UTF-8.`);
  }
  const byte = bytes[bad]!.toString(16).padStart(2, '0');
  return new OutlierExposureError(
    'invalid-file',
    `${path} is not UTF-8: its byte ${at + bad}${path.endsWith('.gz') ? ' (unpacked)' : ''} is 0x${byte}; convert it, or give the encoding "latin1" if it is an older set in that.`,
  );
}

/** The place of the first byte from `from` on that belongs to no UTF-8 character; the length when all do. */
export function invalidUtf8(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const more =
      lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 0;
    if (more === 0) return at;
    for (let k = 1; k <= more; k++) {
      const byte = bytes[at + k] ?? 0;
      // The second byte of some leads has narrower bounds: no overlong forms, surrogates or numbers beyond U+10FFFF.
      const least = k > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
      const most = k > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
      if (byte < least || byte > most) return at;
    }
    at += more + 1;
  }
  return bytes.length;
}

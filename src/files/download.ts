/** Downloads a file: goes on where it was broken off, checks what came, and leaves nothing half. Node only. */
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { OutlierExposureError } from '../errors.ts';
import { fileError } from './atomic.ts';
import { type Checksums, fileChecksums } from './checksums.ts';
import { type DownloadMeter, type DownloadProgress, downloadMeter } from './download-meter.ts';
import { httpGet } from './http.ts';

export interface DownloadOptions {
  /** What the file must have, as hexadecimal digits. */
  sha256?: string;
  md5?: string;
  /** In bytes. */
  size?: number;
  signal?: AbortSignal;
  onProgress?: (progress: DownloadProgress) => void;
  /** How often in a row it may fail without a byte more before it is given up; 5 unless given. */
  attempts?: number;
  /** Milliseconds before the second attempt, doubled for each further one, up to a minute; 1,000 unless given. */
  retryDelay?: number;
  /** Milliseconds without a byte after which a connection is given up; 60,000 unless given. */
  idleTimeout?: number;
}

/**
 * Downloads a URL to a file, which is there when all of it has come and agrees with what is known of it.
 *
 * It writes to `FILE.part`, and to `FILE.part.json` what the server calls this version of the file (ETag or
 * Last-Modified). A download that was broken off, by a failing connection or the end of the process, goes on from there
 * if the server still has that version, and begins anew otherwise. Failures that may pass are tried again.
 *
 * @returns size and checksums of what came
 * @throws OutlierExposureError `not-found` when the server has no such file, `invalid-file` when size or checksum
 *   differ, `io` for failing connections and disks
 */
export async function download(url: string, file: string, options: DownloadOptions = {}): Promise<Checksums> {
  const { signal, attempts = 5, retryDelay = 1000 } = options;
  signal?.throwIfAborted();
  const part = `${file}.part`;
  const meter = downloadMeter(options.onProgress);
  let [failures, anew] = [0, false];
  for (;;) {
    const before = meter.done;
    try {
      const { resumed } = await attempt(url, part, options, meter);
      const checksums = await fileChecksums(part, { ...(signal && { signal }) });
      const difference = differenceFrom(checksums, options);
      if (difference === undefined) {
        await settle(part, file);
        meter.end();
        return checksums;
      }
      await discard(part);
      // A part from another version may have been gone on with: once from the beginning, then it is the server's.
      if (!resumed || anew) {
        throw new OutlierExposureError(
          'invalid-file',
          `${url} is not what was expected: ${difference}; nothing was kept. Fetch it again, or look at its home page for a newer version.`,
        );
      }
      anew = true;
    } catch (error) {
      signal?.throwIfAborted();
      // Nothing to go on with.
      if (error instanceof OutlierExposureError && error.code === 'invalid-file') await discard(part);
      if (!(error instanceof Passing)) throw fileError(error, part, 'written');
      failures = meter.done > before ? 1 : failures + 1;
      if (failures >= attempts) throw givenUp(url, error, meter.done);
      const delay = error.delay ?? Math.min(retryDelay * 2 ** (failures - 1), 60_000);
      await wait(delay, undefined, { ...(signal && { signal }) }).catch(() => signal?.throwIfAborted());
    }
  }
}

/** A failure that may not come again. */
class Passing extends Error {
  /** Milliseconds that the server asks to wait. */
  delay: number | undefined;
  constructor(message: string, options: { delay?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.delay = options.delay;
  }
}

/** What is known of the version that a part belongs to. */
interface Version {
  url: string;
  /** ETag or Last-Modified; none when the server gives neither, or an ETag that is not for bytes. */
  validator?: string;
  total?: number;
}

async function attempt(
  url: string,
  part: string,
  { sha256, md5, size, signal, idleTimeout = 60_000 }: DownloadOptions,
  meter: DownloadMeter,
): Promise<{ resumed: boolean }> {
  const [version, have] = await partOf(url, part);
  const [from, known] = [
    have > 0 && (version?.validator || sha256 || md5) ? have : 0,
    version?.total ?? size,
  ];
  if (from > 0 && from === known) return { resumed: true };
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  if (from > 0 && version?.validator) headers['if-range'] = version.validator;
  const response = await httpGet(url, { headers, signal, idleTimeout }).catch((error) => {
    throw connectionError(error, url);
  });
  const { status, body } = response;
  try {
    if (status === 416 && from > 0) {
      // The version that we have a part of is not there any more, or was longer than said.
      await discard(part);
      throw new Passing('the server has less of the file than before');
    }
    if (status !== 200 && status !== 206) throw statusError(status, url, response.headers['retry-after']);
    const range =
      status === 206 ? /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers['content-range'] ?? '') : null;
    if (status === 206 && Number(range?.[1]) !== from) {
      await discard(part);
      throw new Passing('the server sent another part of the file than was asked for');
    }
    const start = range ? from : 0;
    const length = response.headers['content-length'];
    const total =
      range && range[2] !== '*'
        ? Number(range[2])
        : length === undefined
          ? undefined
          : start + Number(length);
    if (size !== undefined && total !== undefined && total !== size) {
      throw new OutlierExposureError(
        'invalid-file',
        `${url} has ${total} bytes, but ${size} were expected: it has changed; look at its home page for the right file.`,
      );
    }
    await keepVersion(part, { url, ...validatorOf(response.headers), ...(total !== undefined && { total }) });
    meter.start(start, total ?? size);
    const received = await receive(body, part, { start, limit: total ?? size, signal, meter, url });
    if (total !== undefined && received < total)
      throw new Passing(`the connection ended after ${received} of ${total} bytes`);
    return { resumed: start > 0 };
  } finally {
    body.destroy();
  }
}

/** Appends what comes to the part. @returns how many bytes the part then has */
async function receive(
  body: AsyncIterable<Buffer>,
  part: string,
  {
    start,
    limit,
    signal,
    meter,
    url,
  }: {
    start: number;
    limit: number | undefined;
    signal: AbortSignal | undefined;
    meter: DownloadMeter;
    url: string;
  },
): Promise<number> {
  const file = await open(part, start > 0 ? 'r+' : 'w');
  let position = start;
  try {
    if (start > 0) await file.truncate(start);
    const chunks = body[Symbol.asyncIterator]();
    for (;;) {
      const next = await chunks.next().catch((error) => {
        throw connectionError(error, url);
      });
      if (next.done) break;
      signal?.throwIfAborted();
      if (limit !== undefined && position + next.value.length > limit) {
        throw new OutlierExposureError(
          'invalid-file',
          `${url} sends more than the ${limit} bytes it should have: it has changed; look at its home page for the right file.`,
        );
      }
      await file.write(next.value, 0, next.value.length, position);
      position += next.value.length;
      meter.add(next.value.length);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return position;
}

async function partOf(url: string, part: string): Promise<[Version | undefined, number]> {
  try {
    const version = JSON.parse(await readFile(`${part}.json`, 'utf8')) as Partial<Version> | null;
    if (typeof version !== 'object' || version?.url !== url) return [undefined, 0];
    const { validator, total } = version;
    const usable: Version = { url };
    if (typeof validator === 'string' && /^[\x20-\x7e]+$/.test(validator)) usable.validator = validator;
    if (Number.isSafeInteger(total)) usable.total = total!;
    return [usable, (await stat(part)).size];
  } catch {
    return [undefined, 0];
  }
}

async function keepVersion(part: string, version: Version): Promise<void> {
  await writeFile(`${part}.json`, JSON.stringify(version));
}

/** A weak ETag says that the content means the same, not that its bytes are the same. */
function validatorOf(headers: Record<string, string | undefined>): { validator?: string } {
  const { etag, 'last-modified': modified } = headers;
  const validator = etag && !etag.startsWith('W/') ? etag : modified;
  return validator ? { validator } : {};
}

async function discard(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
}

async function settle(part: string, file: string): Promise<void> {
  await rename(part, file);
  await rm(`${part}.json`, { force: true });
}

/** How what came differs from what is known, naming both; nothing when it agrees. */
export function differenceFrom(
  came: Checksums,
  { size, sha256, md5 }: { size?: number; sha256?: string; md5?: string },
): string | undefined {
  if (size !== undefined && came.size !== size) return `it has ${came.size} bytes, expected were ${size}`;
  if (sha256 !== undefined && came.sha256 !== sha256.toLowerCase())
    return `its SHA-256 is ${came.sha256}, expected was ${sha256}`;
  if (md5 !== undefined && came.md5 !== md5.toLowerCase())
    return `its MD5 is ${came.md5}, expected was ${md5}`;
  return undefined;
}

function statusError(status: number, url: string, retryAfter: string | undefined): Error {
  if (status === 404 || status === 410) {
    return new OutlierExposureError(
      'not-found',
      `${url} is not there (${status}): the file was moved or removed; look at its home page for the new address.`,
    );
  }
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(retryAfter);
    const delay = seconds > 0 ? { delay: Math.min(seconds, 60) * 1000 } : {};
    return new Passing(`the server answered ${status}`, delay);
  }
  const refused = status === 401 || status === 403;
  return new OutlierExposureError(
    'io',
    `${url} cannot be downloaded: the server answered ${status}${refused ? ', it wants you to have permission' : ''}; fetch it by hand from its home page.`,
  );
}

/** What Node says of a connection, told apart by whether it may pass. */
function connectionError(error: unknown, url: string): unknown {
  const { code = '', name, message } = error as NodeJS.ErrnoException;
  if (error instanceof OutlierExposureError || name === 'AbortError') return error;
  const { host } = new URL(url);
  if (code === 'ENOTFOUND') {
    return new OutlierExposureError(
      'io',
      `The server ${host} cannot be found; check your connection, and the address ${url}.`,
      { cause: error },
    );
  }
  if (/CERT|SIGNATURE|SELF_SIGNED/.test(code)) {
    return new OutlierExposureError(
      'io',
      `The server ${host} cannot be trusted (${message}); nothing was downloaded from ${url}.`,
      { cause: error },
    );
  }
  return new Passing(message || code, { cause: error });
}

function givenUp(url: string, error: Passing, done: number): OutlierExposureError {
  return new OutlierExposureError(
    'io',
    `${url} cannot be downloaded: ${error.message}, several times; ${done > 0 ? `${done} bytes are kept, and the same command goes on from there` : 'try again later'}.`,
    { cause: error },
  );
}

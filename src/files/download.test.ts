import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { download } from './download.ts';
import type { DownloadProgress } from './download-meter.ts';
import { downloadMeter } from './download-meter.ts';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const md5 = createHash('md5').update(content).digest('hex');
const size = content.length;
const quick = { retryDelay: 1, idleTimeout: 2000 };

let root: string;
let file: string;
let url: string;
let server: http.Server;
/** What the server does with each request, the last one for all further ones. */
let answers: ((request: IncomingMessage, response: ServerResponse) => void)[];
let requests: IncomingMessage[];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'oe-download-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
beforeEach(async () => {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  file = join(folder, 'set.bin');
  [answers, requests] = [[whole()], []];
  server = http.createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)]!;
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/set.bin`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

interface Served {
  body?: Buffer;
  etag?: string;
  modified?: string;
  /** After so many bytes of this answer the connection breaks. */
  breakAfter?: number;
  ranges?: 'honoured' | 'ignored';
  length?: number | 'none';
}

/** A server that behaves, but for what it is told. */
function whole({
  body = content,
  etag = '"one"',
  modified,
  breakAfter,
  ranges = 'honoured',
  length,
}: Served = {}) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const condition = request.headers['if-range'];
    const fits = condition === undefined || condition === etag || condition === modified;
    const start = range && fits && ranges === 'honoured' ? Number(range[1]) : 0;
    if (start > 0 && start >= body.length) {
      response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
      return;
    }
    const rest = body.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      ...(length !== 'none' && { 'content-length': length ?? rest.length }),
      ...(etag && { etag }),
      ...(modified && { 'last-modified': modified }),
      ...(start > 0 && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
    });
    if (breakAfter === undefined) response.end(rest);
    else response.write(rest.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 20));
  };
}

const status =
  (code: number, headers = {}) =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(code, headers).end();
const here = () => readdirSync(join(file, '..')).sort();

async function failure(options = {}): Promise<Error & { code: string }> {
  const error = await download(url, file, { ...quick, ...options }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'OutlierExposureError' });
  return error as Error & { code: string };
}

describe('download', () => {
  it('brings the file and nothing else, and says what it is', async () => {
    const seen: DownloadProgress[] = [];
    const came = await download(url, file, {
      size,
      sha256,
      md5,
      onProgress: (progress) => seen.push(progress),
    });
    expect(came).toEqual({ size, sha256, md5 });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(here()).toEqual(['set.bin']);
    expect(seen.at(-1)).toMatchObject({ done: size, total: size });
    expect(requests[0]!.headers['accept-encoding']).toBe('identity');
  });

  it('goes on after connections that break, each time from where it was', async () => {
    answers = [
      whole({ breakAfter: 100_000 }),
      whole({ breakAfter: 70_000 }),
      whole({ breakAfter: 1 }),
      whole(),
    ];
    await download(url, file, { ...quick, attempts: 2 });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      'bytes=100000-',
      'bytes=170000-',
      'bytes=170001-',
    ]);
    expect(requests[1]!.headers['if-range']).toBe('"one"');
    expect(here()).toEqual(['set.bin']);
  });

  it('goes on in another process', async () => {
    answers = [whole({ breakAfter: 100_000 })];
    const { message } = await failure({ attempts: 1 });
    expect(message).toMatch(/100000 bytes are kept/);
    expect(here()).toEqual(['set.bin.part', 'set.bin.part.json']);
    answers = [whole()];
    await download(url, file, { ...quick, sha256 });
    expect(requests[1]!.headers.range).toBe('bytes=100000-');
    expect(here()).toEqual(['set.bin']);
  });

  it('begins anew when the server ignores ranges', async () => {
    answers = [whole({ breakAfter: 100_000 }), whole({ ranges: 'ignored' })];
    await download(url, file, quick);
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it('begins anew when the file has changed meanwhile', async () => {
    const changed = randomBytes(250_000);
    answers = [whole({ breakAfter: 100_000 }), whole({ body: changed, etag: '"two"' })];
    await download(url, file, quick);
    expect(readFileSync(file).equals(changed)).toBe(true);
  });

  it('takes Last-Modified where the ETag is weak, and no range where there is neither', async () => {
    const modified = 'Sat, 01 Jan 2022 00:00:00 GMT';
    answers = [whole({ etag: 'W/"one"', modified, breakAfter: 9 }), whole({ etag: 'W/"one"', modified })];
    await download(url, file, quick);
    expect(requests[1]!.headers['if-range']).toBe(modified);
    [requests, answers] = [[], [whole({ etag: '', breakAfter: 9 }), whole({ etag: '' })]];
    await download(url, `${file}2`, quick);
    expect(requests[1]!.headers.range).toBeUndefined();
    expect(readFileSync(`${file}2`).equals(content)).toBe(true);
  });

  it('begins anew, once, when what was gone on with does not agree', async () => {
    // A server that gives the same ETag to another file.
    const changed = randomBytes(size);
    answers = [whole({ body: changed, breakAfter: 100_000 }), whole()];
    await download(url, file, { ...quick, sha256 });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=100000-', undefined]);
  });

  it('begins anew when the part is longer than the file', async () => {
    writeFileSync(`${file}.part`, randomBytes(size + 10));
    writeFileSync(`${file}.part.json`, JSON.stringify({ url, validator: '"one"', total: size }));
    await download(url, file, { ...quick, sha256 });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(here()).toEqual(['set.bin']);
  });

  it('asks for nothing when all was there already', async () => {
    writeFileSync(`${file}.part`, content);
    writeFileSync(`${file}.part.json`, JSON.stringify({ url, validator: '"one"', total: size }));
    await download(url, file, { ...quick, sha256 });
    expect(requests).toEqual([]);
    expect(here()).toEqual(['set.bin']);
  });

  it.each(['{', 'null', '[]', '{"url":1}', '{"url":"http://elsewhere/"}'])(
    'does not mind a damaged note: %s',
    async (note) => {
      writeFileSync(`${file}.part`, 'what was this');
      writeFileSync(`${file}.part.json`, note);
      await download(url, file, { ...quick, sha256 });
      expect(requests[0]!.headers.range).toBeUndefined();
    },
  );

  it('tries again what may pass, and waits as asked', async () => {
    answers = [status(503), status(429, { 'retry-after': '1' }), status(500), whole()];
    const began = performance.now();
    await download(url, file, quick);
    expect(performance.now() - began).toBeGreaterThan(950);
    expect(requests).toHaveLength(4);
  });

  it('gives up in the end', async () => {
    answers = [status(503)];
    const { code, message } = await failure({ attempts: 3 });
    expect(code).toBe('io');
    expect(message).toMatch(/the server answered 503, several times/);
    expect(requests).toHaveLength(3);
  });

  it('gives up on a connection that says nothing', async () => {
    answers = [() => {}];
    const { message } = await failure({ attempts: 2, idleTimeout: 50 });
    expect(message).toMatch(/nothing came for 0.05 seconds/);
    expect(requests).toHaveLength(2);
  });

  it('says it when there is no such file, or no permission', async () => {
    answers = [status(404)];
    expect(await failure()).toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/is not there \(404\)/),
    });
    answers = [status(403)];
    expect((await failure()).message).toMatch(/answered 403, it wants you to have permission/);
    expect(requests).toHaveLength(2);
    expect(here()).toEqual([]);
  });

  it('says both checksums when they differ', async () => {
    const other = '0'.repeat(64);
    const { code, message } = await failure({ sha256: other });
    expect(code).toBe('invalid-file');
    expect(message).toContain(sha256);
    expect(message).toContain(other);
    expect((await failure({ md5: '1'.repeat(32) })).message).toContain(md5);
    expect(here()).toEqual([]);
  });

  it('does not begin a file of another size', async () => {
    expect((await failure({ size: size + 1 })).message).toMatch(/has 300000 bytes, but 300001 were expected/);
    answers = [whole({ length: 'none' })];
    expect((await failure({ size: size - 1 })).message).toMatch(/sends more than the 299999 bytes/);
    expect((await failure({ size: size + 1 })).message).toMatch(/has 300000 bytes, expected were 300001/);
    expect(here()).toEqual([]);
  });

  it('takes a file whose length nobody knows', async () => {
    answers = [whole({ length: 'none' })];
    const seen: DownloadProgress[] = [];
    const onProgress = (progress: DownloadProgress) => void seen.push(progress);
    expect(await download(url, file, { ...quick, onProgress })).toEqual({ size, sha256, md5 });
    expect(seen[0]!.total).toBeUndefined();
    expect(seen.at(-1)).toMatchObject({ done: size, total: size });
  });

  it('does not take a short file for a whole one', async () => {
    const lying = whole({ length: size + 100, breakAfter: size });
    answers = [lying];
    expect((await failure({ attempts: 3 })).message).toMatch(/several times/);
    expect(existsSync(file)).toBe(false);
    [requests, answers] = [[], [lying, whole()]];
    await download(url, file, quick);
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it('follows redirects, and not without end', async () => {
    answers = [status(302, { location: '/elsewhere.bin' }), whole()];
    await download(url, file, quick);
    expect(requests.map((request) => request.url)).toEqual(['/set.bin', '/elsewhere.bin']);
    answers = [status(301, { location: '/round' })];
    expect((await failure()).message).toMatch(/leads on and on/);
    answers = [status(302, { location: 'file:///etc/passwd' })];
    expect((await failure()).message).toMatch(/no address to download from/);
  });

  it('keeps packed bytes as they are, whatever the server calls them', async () => {
    const packed = gzipSync(content);
    answers = [
      (_, response) =>
        void response
          .writeHead(200, { 'content-encoding': 'x-gzip', 'content-length': packed.length })
          .end(packed),
    ];
    await download(url, file, { ...quick, size: packed.length });
    expect(readFileSync(file).equals(packed)).toBe(true);
  });

  it('ends when asked to, and keeps what came', async () => {
    answers = [
      (_, response) =>
        void response
          .writeHead(200, { etag: '"one"', 'content-length': size })
          .write(content.subarray(0, 50_000)),
    ];
    const stop = new AbortController();
    const going = download(url, file, {
      ...quick,
      signal: stop.signal,
      onProgress: ({ done }) => done === 50_000 && stop.abort(),
    });
    await expect(going).rejects.toMatchObject({ name: 'AbortError' });
    expect(here()).toEqual(['set.bin.part', 'set.bin.part.json']);
    await expect(download(url, file, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('ends while it waits', async () => {
    answers = [status(503)];
    const going = download(url, file, { retryDelay: 60_000, signal: AbortSignal.timeout(100) });
    await expect(going).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('says that a server cannot be found, that an address is none, that a folder is missing', async () => {
    await expect(download('http://no-such-host.invalid/x', file, quick)).rejects.toThrowError(/cannot be/);
    await expect(download('file:///etc/passwd', file, quick)).rejects.toThrowError(
      /no address to download from/,
    );
    await expect(download('nonsense', file, quick)).rejects.toThrowError(/no address to download from/);
    await expect(download(url, join(root, 'no', 'folder'), quick)).rejects.toThrowError(
      /no such file or folder/,
    );
  });

  // A device that is always full.
  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
    symlinkSync('/dev/full', `${file}.part`);
    const { code, message } = await failure();
    expect(code).toBe('io');
    expect(message).toMatch(/set\.bin\.part cannot be written: the disk is full/);
  });
});

describe('downloadMeter', () => {
  it('measures the last seconds', () => {
    let time = 0;
    const seen: DownloadProgress[] = [];
    const meter = downloadMeter(
      (progress) => seen.push(progress),
      () => time,
    );
    meter.start(1000, 11_000);
    expect(seen.at(-1)).toEqual({ done: 1000, total: 11_000, bytesPerSecond: 0 });
    for (time = 1; time <= 10; time++) meter.add(100);
    expect(seen.at(-1)).toMatchObject({ done: 2000, bytesPerSecond: 100, remainingSeconds: 90 });
    for (; time <= 20; time++) meter.add(500);
    expect(seen.at(-1)).toMatchObject({ done: 7000, bytesPerSecond: 500, remainingSeconds: 8 });
    expect(meter.done).toBe(7000);
  });

  it('knows no end without a total', () => {
    const seen: DownloadProgress[] = [];
    downloadMeter((progress) => seen.push(progress)).start(0, undefined);
    expect(seen).toEqual([{ done: 0, bytesPerSecond: 0 }]);
  });
});

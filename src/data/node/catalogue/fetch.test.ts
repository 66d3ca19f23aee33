import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tarOf, zipOf } from '../../../files/testing.ts';
import { type FetchProgress, fetchDataSet } from './fetch.ts';
import { withLock } from './lock.ts';
import { dataFolder } from './place.ts';
import { readSums, writeSums } from './records.ts';
import type { DataSet } from './schema.ts';
import { type MadeFile, setAt } from './testing.ts';
import { verifyDataSet } from './verify.ts';

let scratch: string;
let root: string;
let count = 0;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'oe-catalogue-'));
});
beforeEach(() => {
  root = join(scratch, String(count++));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Which files the server has, by path; it counts what it is asked for. */
let served: Record<string, Buffer>;
let asked: string[];
let base: string;
let server: http.Server;
beforeAll(async () => {
  server = http.createServer((request, response) => {
    asked.push(request.url!);
    const body = served[request.url!];
    response.writeHead(body ? 200 : 404, { 'content-length': body?.length ?? 0 }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  [served, asked] = [{}, []];
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const sha = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

const setOf = (files: MadeFile[], name?: string) => setAt(base, files, name);

const retry = { attempts: 2, retryDelay: 1 };
const fetchSet = (set: DataSet, options = {}) => fetchDataSet(set, { root, retry, ...options });

describe('fetchDataSet', () => {
  it('downloads, unpacks and sums up; and then is there', async () => {
    served = {
      '/pictures.zip': zipOf([{ name: 'pictures/a.png', content: 'A' }]),
      '/more.tgz': gzipSync(tarOf([{ name: 'more/b.png', content: 'B' }])),
      '/labels-idx1-ubyte.gz': gzipSync('labels'),
      '/readme.txt': Buffer.from('read me'),
    };
    const set = setOf([
      { path: '/pictures.zip', unpack: true, sha256: sha(served['/pictures.zip']!) },
      { path: '/more.tgz', unpack: true, size: served['/more.tgz']!.length },
      { path: '/labels-idx1-ubyte.gz', unpack: true },
      { path: '/readme.txt' },
    ]);
    const seen: FetchProgress[] = [];
    const folder = join(root, 'shapes');
    expect(await fetchSet(set, { onProgress: (progress: FetchProgress) => seen.push(progress) })).toEqual({
      name: 'shapes',
      folder,
      status: 'fetched',
    });
    const contents = {
      'labels-idx1-ubyte': 'labels',
      'more/b.png': 'B',
      'pictures/a.png': 'A',
      'readme.txt': 'read me',
    };
    for (const [path, text] of Object.entries(contents))
      expect(readFileSync(join(folder, path), 'utf8')).toBe(text);
    expect(readFileSync(join(folder, 'SHA256SUMS'), 'utf8')).toBe(
      Object.entries(contents)
        .map(([path, text]) => `${sha(text)}  ${path}\n`)
        .join(''),
    );
    expect(readdirSync(root).sort()).toEqual(['.fetching', 'checksums.json', 'shapes']);
    expect(readdirSync(join(root, '.fetching'))).toEqual([]);
    expect(new Set(seen.map(({ step }) => step))).toEqual(new Set(['download', 'unpack', 'sum']));
    expect(dataFolder('shapes', root)).toBe(folder);

    asked = [];
    expect((await fetchSet(set)).status).toBe('present');
    expect(asked).toEqual([]);
    expect(await verifyDataSet('shapes', { root })).toMatchObject({
      agreeing: 4,
      known: 'yes',
      differing: [],
    });
  });

  it('leaves no half set, and downloads nothing twice', async () => {
    served = { '/a.bin': Buffer.from('a') };
    const set = setOf([{ path: '/a.bin' }, { path: '/b.bin' }]);
    await expect(fetchSet(set)).rejects.toMatchObject({ code: 'not-found' });
    expect(dataFolder('shapes', root)).toBeUndefined();
    served['/b.bin'] = Buffer.from('b');
    asked = [];
    await fetchSet(set);
    expect(asked).toEqual(['/b.bin']);
    expect(readdirSync(join(root, 'shapes')).sort()).toEqual(['SHA256SUMS', 'a.bin', 'b.bin']);
  });

  it('downloads again what was damaged while it lay there', async () => {
    const a = Buffer.from('a');
    served = { '/a.bin': a };
    const set = setOf([{ path: '/a.bin', sha256: sha(a) }]);
    mkdirSync(join(root, '.fetching', 'shapes'), { recursive: true });
    writeFileSync(join(root, '.fetching', 'shapes', 'a.bin'), 'damaged');
    await fetchSet(set);
    expect(readFileSync(join(root, 'shapes', 'a.bin'), 'utf8')).toBe('a');
  });

  it('tries the further addresses, and says what the first one said', async () => {
    served = { '/mirror/a.bin': Buffer.from('a') };
    const urls = [`${base}/a.bin`, `${base}/wrong/a.bin`, `${base}/mirror/a.bin`];
    await fetchSet({ ...setOf([]), files: [{ urls }] });
    expect(asked).toEqual(['/a.bin', '/wrong/a.bin', '/mirror/a.bin']);
    await expect(
      fetchSet({ ...setOf([], 'other'), files: [{ urls: urls.slice(0, 2) }] }),
    ).rejects.toThrowError(`${base}/a.bin is not there`);
  });

  it('refuses what is not what its owner published', async () => {
    served = { '/a.bin': Buffer.from('evil') };
    await expect(fetchSet(setOf([{ path: '/a.bin', sha256: sha('good') }]))).rejects.toThrowError(
      new RegExp(`its SHA-256 is ${sha('evil')}, expected was ${sha('good')}`),
    );
    expect(dataFolder('shapes', root)).toBeUndefined();
  });

  it('trusts a file when it is first fetched, and no other later', async () => {
    served = { '/a.bin': Buffer.from('first') };
    const set = setOf([{ path: '/a.bin' }]);
    await fetchSet(set);
    rmSync(join(root, 'shapes'), { recursive: true });
    served['/a.bin'] = Buffer.from('other');
    await expect(fetchSet(set)).rejects.toThrowError(
      new RegExp(`has changed since \\d{4}-.*${sha('other')}.*${sha('first')}.*remove "shapes/a.bin"`),
    );
    served['/a.bin'] = Buffer.from('first');
    expect((await fetchSet(set)).status).toBe('fetched');
  });

  it('neither trusts nor keeps a page in the place of an archive', async () => {
    served = { '/a.zip': Buffer.from('<!DOCTYPE html>Please log in') };
    const set = setOf([{ path: '/a.zip', unpack: true }]);
    await expect(fetchSet(set)).rejects.toThrowError(/no archive that is known/);
    served['/a.zip'] = zipOf([{ name: 'a', content: 'A' }]);
    expect((await fetchSet(set)).status).toBe('fetched');
  });

  it('refuses a hostile archive, and two that hold the same', async () => {
    served = { '/a.zip': zipOf([{ name: '../../../evil', content: 'E' }]) };
    await expect(fetchSet(setOf([{ path: '/a.zip', unpack: true }]))).rejects.toThrowError(
      /cannot be unpacked/,
    );
    served = {
      '/a.zip': zipOf([{ name: 'a', content: 'A' }]),
      '/b.tar': tarOf([{ name: 'a', content: 'B' }]),
    };
    await expect(
      fetchSet(
        setOf(
          [
            { path: '/a.zip', unpack: true },
            { path: '/b.tar', unpack: true },
          ],
          'twins',
        ),
      ),
    ).rejects.toThrowError(/"a" is in another file of the set too/);
    expect(readdirSync(root)).not.toContain('twins');
  });

  it('says how a person gets what it cannot fetch', async () => {
    const { files: _, ...rest } = setOf([]);
    await expect(fetchSet({ ...rest, manual: 'Ask for it' })).rejects.toMatchObject({
      code: 'unsupported',
      message: `Shapes is not to be had by a command. Ask for it: ${base} Then put its files into ${join(root, 'shapes')}.`,
    });
  });

  it('ends when asked to', async () => {
    served = { '/a.bin': Buffer.from('a') };
    await expect(
      fetchSet(setOf([{ path: '/a.bin' }]), { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(dataFolder('shapes', root)).toBeUndefined();
  });

  it('is done by one at a time', async () => {
    served = { '/a.bin': Buffer.from('a') };
    const set = setOf([{ path: '/a.bin' }]);
    const both = await Promise.allSettled([fetchSet(set), fetchSet(set)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('withLock', () => {
  it('takes over from a process that is no more, not from one that is', async () => {
    mkdirSync(root);
    const path = join(root, 'x.lock');
    const work = () => withLock(path, 'X is being made', async () => 'done');
    // No system gives such a number; and ours may have been another's before a restart.
    for (const gone of [99_999_999, process.pid]) {
      writeFileSync(path, `${gone} ${hostname()}`);
      expect(await work()).toBe('done');
      expect(readdirSync(root)).toEqual([]);
    }
    for (const owner of [`${process.ppid} ${hostname()}`, '1 another-machine']) {
      writeFileSync(path, owner);
      await expect(work()).rejects.toThrowError(`X is being made by another process (${owner}); wait for it`);
      expect(readFileSync(path, 'utf8')).toBe(owner);
    }
  });
});

describe('verifyDataSet', () => {
  it('finds what differs, is missing, was added', async () => {
    const folder = join(root, 'set');
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    for (const path of ['a', 'b/c', 'b/d', 'strange\nname \\ here']) write(path, path);
    expect(await verifyDataSet('set', { root })).toMatchObject({ known: 'no', agreeing: 0 });
    await writeSums(folder);
    const clean = { known: 'yes', agreeing: 4, differing: [], missing: [], added: [] };
    expect(await verifyDataSet('set', { root })).toMatchObject(clean);
    write('b/c', 'other');
    rmSync(join(folder, 'a'));
    write('e', 'new');
    const seen: [number, number][] = [];
    const onProgress = (done: number, total: number) => void seen.push([done, total]);
    expect(await verifyDataSet('set', { root, onProgress })).toMatchObject({
      agreeing: 2,
      differing: ['b/c'],
      missing: ['a'],
      added: ['e'],
    });
    expect(seen.at(-1)![0]).toBe(seen.at(-1)![1]);
  });

  it('says that its list is damaged', async () => {
    mkdirSync(join(root, 'set'), { recursive: true });
    writeFileSync(join(root, 'set', 'SHA256SUMS'), `${sha('')}  a\nnonsense\n`);
    await expect(verifyDataSet('set', { root })).rejects.toThrowError(/damaged in line 2/);
  });

  it('reads what it wrote, whatever the names', async () => {
    mkdirSync(root);
    const name = fc.string({
      minLength: 1,
      maxLength: 20,
      unit: fc.constantFrom('a', '\\', '\n', 'n', ' ', 'ü', '*'),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), async (names) => {
        const folder = mkdtempSync(join(root, 'names-'));
        for (const each of names) writeFileSync(join(folder, each), each);
        await writeSums(folder);
        expect(await readSums(folder)).toEqual(new Map(names.map((each) => [each, sha(each)])));
      }),
      { numRuns: 50 },
    );
  });
});

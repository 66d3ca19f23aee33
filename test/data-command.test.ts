/** `oe data` as a process, against a server of ours; and the page that lists the sets. */
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CATALOGUE, catalogueMarkdown, type DataSet } from '../src/data/node/catalogue/index.ts';
import { tarOf } from '../src/files/testing.ts';
import { type Ended, expectSentence, runOe } from './command.ts';

const digits = gzipSync(tarOf([{ name: 'digits/0.txt', content: 'zero' }]));
const noise = randomBytes(400_000);
let scratch: string;
let root: string;
let count = 0;
let server: http.Server;
let catalogue: string;
/** Bytes after which the server breaks off what it sends of noise.bin; all connections are left open then. */
let stall: number | undefined;
let ranges: (string | undefined)[];

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'oe-data-'));
  server = http.createServer((request, response) => {
    const files: Record<string, Buffer> = { '/digits.tgz': digits, '/noise.bin': noise };
    const body = files[request.url!];
    if (!body) {
      response.writeHead(404).end();
      return;
    }
    ranges.push(request.headers.range);
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"one"',
      'content-length': body.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
    });
    if (stall !== undefined && body === noise) response.write(body.subarray(start, stall));
    else response.end(body.subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const common = { kind: 'image', roles: ['test'], about: 'Made up.', home: base, terms: 'None.' } as const;
  const sets = [
    {
      ...common,
      name: 'digits',
      title: 'Digits',
      files: [
        {
          urls: [`${base}/digits.tgz`],
          size: digits.length,
          sha256: createHash('sha256').update(digits).digest('hex'),
          unpack: true,
        },
      ],
    },
    { ...common, name: 'noise', title: 'Noise', files: [{ urls: [`${base}/noise.bin`] }] },
    { ...common, name: 'gone', title: 'Gone', files: [{ urls: [`${base}/gone.bin`] }] },
    { ...common, name: 'secret', title: 'Secret', manual: 'Ask its owners:' },
  ];
  catalogue = join(scratch, 'catalogue.json');
  writeFileSync(catalogue, JSON.stringify(sets));
});
beforeEach(() => {
  root = join(scratch, String(count++));
  mkdirSync(root);
  [stall, ranges] = [undefined, []];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(scratch, { recursive: true, force: true });
});

const run = (args: string[], interrupt?: () => boolean) =>
  runOe(['data', ...args], { env: { OE_DATA: root }, interrupt });

const ours = (command: string, ...args: string[]) => run([command, ...args, '--catalogue', catalogue]);

// Each case starts several processes.
describe('oe data', { timeout: 120_000 }, () => {
  it.each([[[]], [['list']], [['fetch']], [['verify']], [['where']]])(
    '%s --help shows two examples',
    async (args) => {
      const { code, stdout } = await run([...args, '--help']);
      expect(code).toBe(0);
      expect(stdout.match(/\$ (oe|ls) /g)?.length).toBeGreaterThanOrEqual(2);
    },
  );

  it('lists', async () => {
    const { code, stdout } = await run(['list', '--kind', 'text']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/wikitext-2/);
    expect(stdout).not.toMatch(/cifar10/);
    expect(JSON.parse((await run(['list', '--json'])).stdout)).toEqual(CATALOGUE);
    const kinds = (JSON.parse((await run(['list', '--json', '--kind', 'image'])).stdout) as DataSet[]).map(
      ({ kind }) => kind,
    );
    expect(new Set(kinds)).toEqual(new Set(['image']));
    expectSentence(await run(['list', '--kind', 'sound']), /image, text/);
  });

  it('fetches, says where, and does nothing the second time', async () => {
    const folder = join(root, 'digits');
    const first = await ours('fetch', 'digits', 'noise');
    expect(first).toMatchObject({
      code: 0,
      stdout: `digits: fetched into ${folder}\nnoise: fetched into ${join(root, 'noise')}\n`,
    });
    expect(first.stderr).toMatch(/Download digits\.tgz/);
    expect(readFileSync(join(folder, 'digits', '0.txt'), 'utf8')).toBe('zero');
    expect(await ours('where', 'digits')).toEqual({ code: 0, stdout: `${folder}\n`, stderr: '' });
    expect((await ours('list')).stdout).toMatch(/digits .*yes/);
    ranges = [];
    expect(await ours('fetch', 'digits')).toEqual({
      code: 0,
      stdout: `digits: already in ${folder}\n`,
      stderr: '',
    });
    expect(ranges).toEqual([]);
    const { stdout } = await ours('fetch', 'digits', '--json', '--quiet', '--to', join(root, 'elsewhere'));
    expect(JSON.parse(stdout)).toEqual([
      { name: 'digits', folder: join(root, 'elsewhere', 'digits'), status: 'fetched' },
    ]);
    expect((await ours('where', 'digits', '--from', join(root, 'elsewhere'))).code).toBe(0);
  });

  it('verifies, and names the file that differs', async () => {
    expect((await ours('verify')).stdout).toMatch(/no data sets/);
    await ours('fetch', 'digits', 'noise');
    expect(await ours('verify', '--quiet')).toEqual({
      code: 0,
      stdout: 'digits: 1 file agrees.\nnoise: 1 file agrees.\n',
      stderr: '',
    });
    writeFileSync(join(root, 'digits', 'digits', '0.txt'), 'one');
    const ended = await ours('verify', '--quiet');
    expect(ended).toMatchObject({ code: 2, stdout: 'noise: 1 file agrees.\n' });
    expect(ended.stderr).toMatch(/digits: digits\/0\.txt differs; remove .* and fetch it again/);
    const { code, stdout } = await ours('verify', 'digits', '--json', '--quiet');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'digits', differing: ['digits/0.txt'] }]);
    expectSentence(await ours('verify', 'gone'), 'Gone is not in', 'oe data fetch gone');
    mkdirSync(join(root, 'secret'));
    writeFileSync(join(root, 'secret', 'x'), '');
    expect((await ours('verify', 'secret')).stdout).toMatch(/no checksums are known/);
  });

  it('goes on after Ctrl-C', async () => {
    stall = 150_000;
    const args = ['fetch', 'noise', '--catalogue', catalogue];
    const part = join(root, '.fetching', 'noise', 'noise.bin.part');
    const interrupted = await run(args, () => existsSync(part) && statSync(part).size >= 150_000);
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toMatch(/Interrupted. What was downloaded is kept/);
    expect(readdirSync(root)).toEqual(['.fetching']);
    stall = undefined;
    expect((await run(args)).code).toBe(0);
    expect(ranges).toEqual([undefined, 'bytes=150000-']);
    expect(readFileSync(join(root, 'noise', 'noise.bin')).equals(noise)).toBe(true);
  });

  it('says what is wrong', async () => {
    writeFileSync(join(root, 'file'), '');
    const cases: [Promise<Ended>, ...(string | RegExp)[]][] = [
      [run(['fetch', 'cifar-10']), 'did you mean "cifar10"'],
      [run(['fetch', 'tiny-images']), 'withdrew it', 'tiny-images-300k'],
      [run(['where', 'cifar10']), 'CIFAR-10 is not in', 'oe data fetch cifar10'],
      [ours('fetch', 'gone'), /gone\.bin is not there \(404\)/],
      [ours('fetch', 'digits', 'secret'), 'Ask its owners'],
      [run(['fecth', 'cifar10']), 'Did you mean fetch'],
      [run(['list', '--catalogue', join(root, 'none.json')]), 'no such file'],
      [ours('fetch', 'digits', '--to', join(root, 'file')), 'cannot be written to'],
    ];
    for (const [ended, ...parts] of cases) expectSentence(await ended, ...parts);
    // Of digits and secret, the one that could be had was not begun either.
    expect(readdirSync(root).sort()).toEqual(['.fetching', 'file']);
  });
});

describe('docs/data-sets.md', () => {
  it('lists what the catalogue has', () => {
    const page = fileURLToPath(new URL('../docs/data-sets.md', import.meta.url));
    const tables = {
      images: catalogueMarkdown(CATALOGUE.filter(({ kind }) => kind === 'image')),
      texts: catalogueMarkdown(CATALOGUE.filter(({ kind }) => kind === 'text')),
    };
    const before = readFileSync(page, 'utf8');
    const after = Object.entries(tables).reduce(
      (text, [mark, table]) =>
        text.replace(
          new RegExp(`(<!-- ${mark} -->\n\n)[\\s\\S]*?(\n?<!-- /${mark} -->)`),
          (_, start: string) => `${start}${table}\n<!-- /${mark} -->`,
        ),
      before,
    );
    for (const table of Object.values(tables)) expect(after).toContain(table);
    if (process.env.OE_UPDATE_DOCS) writeFileSync(page, after);
    else expect(before).toBe(after);
  });
});

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
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
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import * as tar from 'tar';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { unpackArchive } from './archive.ts';
import { type TestEntry, tarOf, zipOf } from './testing.ts';

let root: string;
let place: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'oe-archive-'));
});
beforeEach(() => {
  place = join(root, `place-${count++}`);
  mkdirSync(place);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PACKERS: [string, (entries: TestEntry[]) => Buffer][] = [
  ['zip', zipOf],
  ['tar', (entries) => tarOf(entries)],
  ['tar.gz', (entries) => gzipSync(tarOf(entries))],
];

function save(bytes: Uint8Array, name = 'archive'): string {
  const path = join(root, `${count++}-${name}`);
  writeFileSync(path, bytes);
  return path;
}

function treeOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );
}

/** Nothing of it is left: neither the folder nor anything beside it. */
async function expectRefused(bytes: Uint8Array, reason: RegExp, options = {}): Promise<void> {
  const before = readdirSync(root).length + 1;
  const error = await unpackArchive(save(bytes), join(place, 'out'), options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OutlierExposureError);
  expect((error as Error).message).toMatch(reason);
  expect(readdirSync(place)).toEqual([]);
  expect(readdirSync(root).length).toBe(before);
}

const BIG = 'picture '.repeat(50_000);

describe.each(PACKERS)('unpackArchive, .%s', (_kind, pack) => {
  it('unpacks files and folders, and says how far it is', async () => {
    const seen: [number, number][] = [];
    const archive = save(
      pack([
        { name: 'set/', type: '5', mode: 0o040755 },
        { name: 'set/a.txt', content: 'first' },
        { name: './set/deep/er/b.txt', content: BIG },
        { name: 'set/empty.txt' },
        { name: 'hollow/', type: '5', mode: 0o040755 },
      ]),
    );
    const out = join(place, 'below', 'out');
    await unpackArchive(archive, out, { onProgress: (done, total) => seen.push([done, total]) });
    expect(treeOf(out)).toEqual({ 'set/a.txt': 'first', 'set/deep/er/b.txt': BIG, 'set/empty.txt': '' });
    expect(statSync(join(out, 'hollow')).isDirectory()).toBe(true);
    expect(readdirSync(join(place, 'below'))).toEqual(['out']);
    // No program by its archive's word.
    expect(statSync(join(out, 'set/a.txt')).mode & 0o111).toBe(0);
    const { size } = statSync(archive);
    expect(seen.at(-1)).toEqual([size, size]);
    for (const [i, [done, total]] of seen.entries()) {
      expect(total).toBe(size);
      expect(done).toBeGreaterThanOrEqual(seen[i - 1]?.[0] ?? 0);
      expect(done).toBeLessThanOrEqual(total);
    }
  });

  it('takes an empty folder, and leaves a full one', async () => {
    const archive = save(pack([{ name: 'a', content: 'new' }]));
    mkdirSync(join(place, 'out'));
    await unpackArchive(archive, join(place, 'out'));
    await expect(unpackArchive(archive, join(place, 'out'))).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('is not empty'),
    });
    expect(treeOf(place)).toEqual({ 'out/a': 'new' });
  });

  it.each([
    '../escaped',
    'a/../../escaped',
    '/tmp/oe-escaped',
    '..\\escaped',
    'a\\..\\..\\escaped',
    'C:\\escaped',
    'c:escaped',
    '\\\\server\\share',
  ])('refuses the name %s', async (name) => {
    await expectRefused(
      pack([
        { name: 'good', content: 'x' },
        { name, content: 'evil' },
      ]),
      /leads out of the folder|absolute path|invalid relative path/,
    );
    expect(existsSync('/tmp/oe-escaped')).toBe(false);
  });

  it('refuses what is in it twice, as a file or as a folder', async () => {
    const a = { name: 'a', content: 'x' };
    await expectRefused(pack([a, a]), /"a" is in it twice/);
    await expectRefused(pack([a, { name: 'a/b', content: 'x' }]), /twice/);
    await expectRefused(pack([{ name: 'a/b', content: 'x' }, a]), /twice/);
  });

  it('refuses a file without a name', async () => {
    await expectRefused(pack([{ name: './.', content: 'x' }]), /has no name/);
  });

  it('bounds bytes, entries and growth while it writes', async () => {
    const files = Array.from({ length: 20 }, (_, i) => ({ name: `f${i}`, content: 'x'.repeat(1000) }));
    await expectRefused(pack(files), /more than 19 files/, { maxEntries: 19 });
    await expectRefused(pack(files), /more than 19999 bytes/, { maxBytes: 19_999 });
    await unpackArchive(save(pack(files)), join(place, 'exact'), { maxEntries: 20, maxBytes: 20_000 });
    expect(readdirSync(join(place, 'exact'))).toHaveLength(20);
  });

  it('says that it is cut off', async () => {
    const whole = pack([
      { name: 'a', content: 'a text of some length' },
      { name: 'b', content: BIG },
    ]);
    for (const share of [0.3, 0.6, 0.95])
      await expectRefused(
        whole.subarray(0, 300 + share * (whole.length - 300)),
        /cut off|damaged|no archive/,
      );
  });

  it('ends when asked to, and leaves nothing', async () => {
    const content = randomBytes(50_000);
    const archive = save(pack(Array.from({ length: 20 }, (_, i) => ({ name: `f${i}`, content }))));
    const stop = new AbortController();
    const unpacking = unpackArchive(archive, join(place, 'out'), {
      signal: stop.signal,
      onProgress: (done, total) => done > total / 4 && stop.abort(),
    });
    await expect(unpacking).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(place)).toEqual([]);
    await expect(
      unpackArchive(archive, join(place, 'out'), { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is told by its content, not by its name', async () => {
    await unpackArchive(save(pack([{ name: 'a', content: 'x' }]), 'picture.jpg'), join(place, 'out'));
    expect(treeOf(place)).toEqual({ 'out/a': 'x' });
  });

  it('never does other than unpack or refuse, whatever the bytes', { timeout: 60_000 }, async () => {
    const whole = pack([
      { name: 'a/b', content: 'text '.repeat(40) },
      { name: 'c', content: 'more' },
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(whole.length),
        async (changes, length) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          const mutant = save(length % 3 === 0 ? bytes.subarray(0, length) : bytes);
          const out = join(place, `m${count++}`);
          try {
            await unpackArchive(mutant, out, { maxBytes: 10_000, maxEntries: 10 });
            rmSync(out, { recursive: true });
          } catch (error) {
            expect(error).toBeInstanceOf(OutlierExposureError);
          }
          rmSync(mutant);
          expect(readdirSync(place)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('tar', () => {
  it.each([
    ['1', 'link'],
    ['2', 'symbolic link'],
    ['3', 'character device'],
    ['4', 'block device'],
    ['6', 'fifo'],
  ])('refuses type %s, a %s', async (type, name) => {
    await expectRefused(
      tarOf([
        { name: 'way', type, ...(type <= '2' && { link: '/etc' }) },
        { name: 'way/passwd', content: 'evil' },
      ]),
      new RegExp(`"way" is no file or folder but a ${name}`),
    );
  });

  it('refuses a long name that leads away, and headers without end', async () => {
    const long = `${'deep/'.repeat(40)}../../..${'/..'.repeat(50)}/evil`;
    await expectRefused(
      tarOf([
        { name: '././@LongLink', type: 'L', content: `${long}\0` },
        { name: 'short', content: 'x' },
      ]),
      /leads out of the folder/,
    );
    const pax = (key: string, value: string) => {
      const body = ` ${key}=${value}\n`;
      const length = body.length + String(body.length + 2).length;
      return `${length}${body}`;
    };
    await expectRefused(
      tarOf([
        { name: 'pax', type: 'x', content: pax('path', '/etc/evil') },
        { name: 'short', content: 'x' },
      ]),
      /leads out of the folder/,
    );
    await expectRefused(
      tarOf([
        { name: 'pax', type: 'x', content: 'x'.repeat(2 ** 21) },
        { name: 'a', content: 'x' },
      ]),
      /too long/,
    );
  });

  it('refuses a size that cannot be, before anything is written', async () => {
    await expectRefused(
      tarOf([{ name: 'a', content: 'x', claims: { size: 2 ** 32 } }]),
      /more than 1000000 bytes/,
      {
        maxBytes: 1_000_000,
      },
    );
    await expectRefused(tarOf([{ name: 'a', content: 'x', claims: { size: 5000 } }]), /Truncated|cut off/);
  });

  it('wants the end that every tar has', async () => {
    await expectRefused(tarOf([{ name: 'a', content: 'x' }], { end: false }), /cut off/);
  });

  it('refuses a gzip bomb', { timeout: 60_000 }, async () => {
    const bomb = gzipSync(tarOf([{ name: 'zeros', content: Buffer.alloc(100 * 2 ** 20) }]));
    await expectRefused(bomb, /more than 200 times its size/);
    await expectRefused(gzipSync(Buffer.alloc(100 * 2 ** 20, 'a')), /more than 200 times its size/);
  });

  it('unpacks what node-tar and GNU tar pack', async () => {
    const source = join(place, 'source');
    mkdirSync(join(source, 'ünï/çødé'), { recursive: true });
    const long = 'a-name-longer-than-the-header-has-room-for-'.repeat(4);
    writeFileSync(join(source, 'ünï/çødé', long), BIG);
    writeFileSync(join(source, '.hidden'), 'h');
    const ours = join(root, 'node.tgz');
    await tar.create({ gzip: true, file: ours, cwd: source }, ['.']);
    const gnu = join(root, 'gnu.tar');
    execFileSync('tar', ['-cf', gnu, '-C', source, '.']);
    for (const [i, archive] of [ours, gnu].entries()) {
      await unpackArchive(archive, join(place, `out${i}`));
      expect(treeOf(join(place, `out${i}`))).toEqual(treeOf(source));
    }
  });
});

describe('zip', () => {
  it('refuses links, devices and encrypted files', async () => {
    await expectRefused(
      zipOf([{ name: 'way', content: '/etc', mode: 0o120777 }]),
      /"way" is no file or folder/,
    );
    await expectRefused(zipOf([{ name: 'way', mode: 0o020777 }]), /link or a device/);
    await expectRefused(zipOf([{ name: 'a', content: 'x', claims: { flags: 1 } }]), /encrypted/);
    await expectRefused(zipOf([{ name: 'a', content: 'x', claims: { method: 99 } }]), /method 99/);
  });

  it('refuses wrong checksums and sizes', async () => {
    await expectRefused(
      zipOf([{ name: 'a', content: 'x', claims: { crc32: 1 } }]),
      /checksum of "a" differs/,
    );
    await expectRefused(zipOf([{ name: 'a', content: 'xyz', claims: { size: 2 } }]), /damaged/);
    await expectRefused(zipOf([{ name: 'a', content: 'xyz', claims: { size: 9 } }]), /damaged/);
    await expectRefused(
      zipOf([{ name: 'a', content: 'x', claims: { size: 2 ** 31 } }]),
      /more than 5000 bytes/,
      {
        maxBytes: 5000,
      },
    );
  });

  it('refuses a bomb', { timeout: 60_000 }, async () => {
    await expectRefused(
      zipOf([{ name: 'zeros', content: Buffer.alloc(100 * 2 ** 20) }]),
      /more than 200 times its size/,
    );
  });

  it('refuses a name that no disk takes', async () => {
    await expectRefused(zipOf([{ name: 'n'.repeat(300), content: 'x' }]), /too long or not allowed/);
    await expectRefused(
      zipOf([{ name: `${'deep/'.repeat(2000)}x`, content: 'x' }]),
      /too long or not allowed/,
    );
  });

  it('shows no control characters', async () => {
    await expectRefused(zipOf([{ name: '\u001b[2Jx', mode: 0o120777 }]), /"\?\[2Jx"/);
  });
});

describe('other files', () => {
  it('unpacks a single .gz to its name', async () => {
    await unpackArchive(save(gzipSync(BIG), 'train-images-idx3-ubyte.gz'), join(place, 'out'));
    const [name] = readdirSync(join(place, 'out'));
    expect(name).toMatch(/^\d+-train-images-idx3-ubyte$/);
    expect(readFileSync(join(place, 'out', name!), 'utf8')).toBe(BIG);
    const cut = gzipSync(BIG);
    await expect(
      unpackArchive(save(cut.subarray(0, cut.length - 9), 'cut.gz'), join(place, 'cut')),
    ).rejects.toThrowError(/cut off/);
    expect(readdirSync(place)).toEqual(['out']);
  });

  it('says what a file is when it knows it', async () => {
    await expectRefused(Buffer.from('BZh91AY&SY'), /is a bzip2 file/);
    await expectRefused(Buffer.from('<!DOCTYPE html><title>404'), /no archive that is known/);
    await expectRefused(Buffer.alloc(0), /no archive that is known/);
    await expectRefused(Buffer.alloc(4096), /no archive that is known/);
  });

  it('says that there is no file, or a folder', async () => {
    await expect(unpackArchive(join(root, 'none.zip'), join(place, 'out'))).rejects.toThrowError(
      /no such file/,
    );
    await expect(unpackArchive(root, join(place, 'out'))).rejects.toThrowError(/an archive was expected/);
  });
});

import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cachedImages, cacheFolders, type ImageBytes } from './cache.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oe-cache-test-'));
  vi.stubEnv('OE_CACHE', join(folder, 'cache'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const made: ImageBytes = {
  pixels: Uint8Array.from({ length: 24 }, (_, i) => i * 10),
  shape: [1, 2, 3],
  labels: Uint8Array.of(0, 1, 2, 3),
};
const maker = () => vi.fn(async () => made);

describe('cachedImages', () => {
  it('makes a set once', async () => {
    const first = maker();
    const second = maker();
    const a = await cachedImages('set', 'recipe 1', first);
    const b = await cachedImages('set', 'recipe 1', second);
    expect(first).toHaveBeenCalledOnce();
    expect(second).not.toHaveBeenCalled();
    expect({ ...b, pixels: [...b.pixels], labels: [...b.labels!] }).toEqual({
      ...a,
      pixels: [...made.pixels],
      labels: [...made.labels!],
    });
  });

  it('makes it again for another recipe', async () => {
    await cachedImages('set', 'recipe 1', maker());
    const other = maker();
    await cachedImages('set', 'recipe 2', other);
    expect(other).toHaveBeenCalledOnce();
    expect((await readdir(join(folder, 'cache'))).length).toBe(2);
  });

  it('makes it once for two who ask at the same time', async () => {
    const make = maker();
    const [a, b] = await Promise.all([cachedImages('set', 'r', make), cachedImages('set', 'r', make)]);
    expect(make).toHaveBeenCalledOnce();
    expect(a).toBe(b);
  });

  it.each([
    ['one pixel changed', (bytes: Buffer) => bytes.fill(99, bytes.length - 10, bytes.length - 9)],
    ['one label changed', (bytes: Buffer) => bytes.fill(99, bytes.length - 1)],
    ['the end cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5)],
    ['the header changed', (bytes: Buffer) => bytes.fill(0, 0, 5)],
    [
      'a rank that is none',
      (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('[1,2,3]', '[1,2,0]'), 'latin1'),
    ],
    ['no content', () => Buffer.alloc(0)],
  ])('makes it again when the file has %s', async (_, damage) => {
    const original = await cachedImages('set', 'recipe', maker());
    const path = join(folder, 'cache', (await readdir(join(folder, 'cache')))[0]!);
    await writeFile(path, damage(await readFile(path)));
    const again = maker();
    expect((await cachedImages('set', 'recipe', again)).sha256).toBe(original.sha256);
    expect(again).toHaveBeenCalledOnce();
    const mended = maker();
    await cachedImages('set', 'recipe', mended);
    expect(mended).not.toHaveBeenCalled();
  });

  it('falls back to a temporary folder that is the user’s alone', async () => {
    await writeFile(join(folder, 'cache'), 'a file where the folder should be');
    await cachedImages('set', 'recipe', maker());
    const [, fallback] = cacheFolders();
    expect(fallback.startsWith(folder)).toBe(true);
    expect((await readdir(fallback)).length).toBe(1);
    const again = maker();
    await cachedImages('set', 'recipe', again);
    expect(again).not.toHaveBeenCalled();
  });

  it('works without any place to write to', async () => {
    await writeFile(join(folder, 'cache'), '');
    const [, fallback] = cacheFolders();
    await writeFile(fallback, '');
    expect([...(await cachedImages('set', 'recipe', maker())).pixels]).toEqual([...made.pixels]);
  });

  it('passes on why a set cannot be made, and tries again the next time', async () => {
    const failing = async () => {
      throw new Error('no fonts');
    };
    await expect(cachedImages('set', 'recipe', failing)).rejects.toThrow('no fonts');
    await cachedImages('set', 'recipe', maker());
    expect(existsSync(join(folder, 'cache'))).toBe(true);
  });

  it('does not trust what others may write to', async () => {
    if (!process.getuid) return;
    await writeFile(join(folder, 'cache'), '');
    await cachedImages('set', 'recipe', maker());
    await chmod(cacheFolders()[1], 0o777);
    const make = maker();
    await cachedImages('set', 'recipe', make);
    expect(make).toHaveBeenCalledOnce();
  });
});

describe('cacheFolders', () => {
  it('takes OE_CACHE, else XDG_CACHE_HOME, else the home folder', () => {
    expect(cacheFolders()[0]).toBe(join(folder, 'cache'));
    vi.stubEnv('OE_CACHE', '');
    vi.stubEnv('XDG_CACHE_HOME', '/xdg');
    expect(cacheFolders()[0]).toBe(join('/xdg', 'outlier-exposure'));
    vi.stubEnv('XDG_CACHE_HOME', '');
    vi.stubEnv('HOME', '/home/someone');
    expect(cacheFolders()[0]).toBe(join('/home/someone', '.cache', 'outlier-exposure'));
  });
});

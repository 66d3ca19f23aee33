import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutlierExposureError } from '../../../errors.ts';
import { bytesText, CATALOGUE, downloadBytes, findDataSet, nameOfFile, readCatalogue } from './catalogue.ts';
import { dataFolder, dataRoot, howToGet } from './place.ts';
import { catalogueSchema } from './schema.ts';
import { type MadeFile, setAt } from './testing.ts';

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
const setOf = (files: MadeFile[]) => setAt('http://127.0.0.1', files);

describe('the catalogue', () => {
  it('is as its schema says', () => {
    expect(catalogueSchema.parse(CATALOGUE)).toEqual(CATALOGUE);
    expect(CATALOGUE.length).toBeGreaterThan(30);
  });

  it('has every set that the paper names', () => {
    const names = CATALOGUE.map(({ name }) => name);
    for (const name of ['svhn', 'cifar10', 'cifar100', 'tiny-imagenet', 'places365', 'mnist', 'trec', 'sst'])
      expect(findDataSet(name).roles).toContain('in');
    for (const name of ['textures', 'lsun', 'icons-50', 'chars74k', 'notmnist', 'omniglot', 'snli', 'imdb'])
      expect(findDataSet(name).roles).toContain('test');
    for (const name of ['tiny-images', 'tiny-images-300k', 'imagenet-22k', 'wikitext-2'])
      expect(findDataSet(name).roles).toContain('outliers');
    expect(new Set(names).size).toBe(names.length);
  });

  it('names the files of a set apart, and every archive as one', () => {
    for (const { files = [] } of CATALOGUE) {
      const names = files.map(nameOfFile);
      expect(new Set(names).size).toBe(names.length);
      for (const [i, file] of files.entries())
        expect(file.unpack === true, names[i]).toBe(/\.(gz|tgz|zip|tar)$/.test(names[i]!));
    }
  });

  it('suggests the nearest name', () => {
    expect(() => findDataSet('cifar-10')).toThrowError(/did you mean "cifar10"/);
    expect(() => findDataSet('a-set-like-no-other')).toThrowError(/there are: svhn, /);
  });

  it('reads a catalogue from a file, and says what is wrong with one', async () => {
    mkdirSync(root);
    const path = join(root, 'mine.json');
    const write = (value: unknown) =>
      writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    write(CATALOGUE);
    expect(await readCatalogue(path)).toEqual(CATALOGUE);
    const good = setOf([{ path: '/a.bin' }]);
    for (const [bad, reason] of [
      ['{', /is no JSON/],
      [{}, /is no catalogue/],
      [[], /is no catalogue/],
      [[{ ...good, colour: 'red' }], /colour/],
      [[{ ...good, name: '../escape' }], /letters/],
      [[{ ...good, manual: 'too' }], /either files or manual/],
      [[good, good], /same name/],
      [[setOf([{ path: '/a', sha256: 'xyz' }])], /hexadecimal/],
      [[setOf([{ path: '/a', name: '../../escape' }])], /letters/],
      [[{ ...good, files: [{ urls: ['file:///etc/passwd'] }] }], /url/i],
    ] as const) {
      write(bad);
      await expect(readCatalogue(path)).rejects.toThrowError(reason);
    }
    await expect(readCatalogue(join(root, 'none.json'))).rejects.toThrowError(/no such file/);
  });

  it('takes no file for a catalogue that is none', async () => {
    mkdirSync(root);
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const path = join(root, 'any.json');
        writeFileSync(path, JSON.stringify([value]));
        await expect(readCatalogue(path)).rejects.toBeInstanceOf(OutlierExposureError);
      }),
      { numRuns: 50 },
    );
  });

  it('names files plainly, whatever their address', () => {
    const nameOf = (url: string) => nameOfFile({ urls: [url] });
    expect(nameOf('https://a.b/c/d.tar.gz?x=1')).toBe('d.tar.gz');
    expect(nameOf('https://a.b/..%2f..%2fetc%2fpasswd')).toBe('_.._etc_passwd');
    expect(nameOf('https://a.b/')).toBe('file');
  });

  it('says bytes to people', () => {
    expect([0, 999, 1000, 9940, 99_949, 999_600, 26_103_685_120].map(bytesText)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '9.9 kB',
      '100 kB',
      '1.0 MB',
      '26 GB',
    ]);
    expect(downloadBytes(findDataSet('svhn'))).toBe(182040794 + 64275384);
    expect(downloadBytes(findDataSet('lsun'))).toBeUndefined();
  });
});

describe('where sets lie', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is the folder that the environment names, or in the cache', () => {
    vi.stubEnv('OE_DATA', root);
    expect(dataRoot()).toBe(root);
    vi.stubEnv('OE_DATA', '');
    vi.stubEnv('OE_CACHE', '/somewhere');
    expect(dataRoot()).toBe(join('/somewhere', 'data'));
  });

  it('is nowhere until something lies there', () => {
    vi.stubEnv('OE_DATA', root);
    expect(dataFolder('cifar10')).toBeUndefined();
    mkdirSync(join(root, 'cifar10'), { recursive: true });
    expect(dataFolder('cifar10')).toBeUndefined();
    writeFileSync(join(root, 'cifar10', 'x'), '');
    expect(dataFolder('cifar10')).toBe(join(root, 'cifar10'));
    expect(dataFolder('../cifar10')).toBeUndefined();
    expect(dataFolder('..')).toBeUndefined();
  });

  it('says how to get a set', () => {
    vi.stubEnv('OE_DATA', '/data');
    expect(howToGet('cifar10')).toBe('Fetch CIFAR-10 (170 MB) by "oe data fetch cifar10".');
    expect(howToGet('tiny-images')).toMatch(/withdrew it.*tiny-images-300k.*\/data\/tiny-images\./);
    expect(() => howToGet('nothing')).toThrowError(/no data set "nothing"/);
  });
});

/** The sets that come with npm packages, each made from its package and read from the cache. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OutlierExposureError } from '../../errors.ts';
import type { ImageSource } from '../source.ts';
import { loadFashionMnist, parseClothes } from './fashion-mnist.ts';
import { lettersSvg, loadGlyphs } from './glyphs.ts';
import { iconDocuments, isIconOfSet, loadIcons } from './icons.ts';
import { loadMnist } from './mnist.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oe-sets-test-'));
  vi.stubEnv('OE_CACHE', folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const PIXELS = 784;

async function read(source: ImageSource, from = 0, to = source.length): Promise<Float32Array> {
  const out = new Float32Array((to - from) * PIXELS);
  await source.read(
    Uint32Array.from({ length: to - from }, (_, i) => from + i),
    out,
  );
  return out;
}

/** How many images equal an earlier one; how many have no contrast; and the mean of all values. */
function census(images: Float32Array) {
  const seen = new Set<string>();
  let flat = 0;
  let sum = 0;
  for (let i = 0; i < images.length; i += PIXELS) {
    const image = images.subarray(i, i + PIXELS);
    seen.add(Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString('latin1'));
    let [low, high] = [1, 0];
    for (const value of image) {
      low = Math.min(low, value);
      high = Math.max(high, value);
      sum += value;
    }
    if (low < 0 || high > 1) throw new Error(`image ${i / PIXELS} has values from ${low} to ${high}`);
    if (high - low < 0.1) flat++;
  }
  return { repeated: images.length / PIXELS - seen.size, flat, mean: sum / images.length };
}

describe('MNIST', () => {
  it('has 60,000 and 10,000 labelled digits', async () => {
    const { train, test } = await loadMnist();
    expect([train.length, test.length, train.shape]).toEqual([60_000, 10_000, [1, 28, 28]]);
    expect([...test.labels!.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    expect([...train.labels!.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    // The mean that everyone normalises MNIST by.
    expect(census(await read(train, 0, 60_000)).mean).toBeCloseTo(0.1307, 4);
  });
});

describe('Fashion-MNIST', () => {
  it('has 60,000 and 10,000 clothes of ten classes in mixed order', async () => {
    const { train, test } = await loadFashionMnist();
    expect([train.length, test.length, train.shape]).toEqual([60_000, 10_000, [1, 28, 28]]);
    for (let label = 0; label < 10; label++) {
      const count = (labels: Int32Array) => labels.filter((other) => other === label).length;
      expect(count(train.labels!) + count(test.labels!)).toBe(7000);
      expect(count(test.labels!)).toBeGreaterThan(850);
      // In sequence, as outliers are read, all classes come along.
      expect(count(train.labels!.subarray(1000, 1200))).toBeGreaterThan(3);
    }
    const { repeated, flat, mean } = census(await read(test));
    expect(repeated).toBeLessThan(20);
    expect(flat).toBe(0);
    expect(mean).toBeCloseTo(0.286, 1);
  });

  it('reads the same from the cache', async () => {
    const [a, b] = [await loadFashionMnist(), await loadFashionMnist()];
    expect(a.test.fingerprint).toBe(b.test.fingerprint);
    expect(a.train.fingerprint).not.toBe(a.test.fingerprint);
    expect(await read(a.train, 0, 50)).toEqual(await read(b.train, 0, 50));
  });

  it.each([
    ['no JSON', '{"data": [[1', /no JSON/],
    ['another JSON', '{"images": []}', /no list "data"/],
    ['null', 'null', /no list "data"/],
    ['short images', '{"data": [[1, 2]]}', /image 0 is not a list of 784/],
    ['values that are no bytes', JSON.stringify({ data: [new Array(784).fill(256)] }), /value 0 of image 0/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseClothes(text, { name: '0.json' })).toThrow(message);
    expect(() => parseClothes(text, { name: '0.json' })).toThrow(OutlierExposureError);
  });
});

describe.each([
  ['Glyphs', loadGlyphs, 2400, [0.3, 0.5]],
  ['Icons', loadIcons, 3000, [0.55, 0.85]],
] as const)('%s', (name, load, atLeast, [darkest, lightest]) => {
  it('has enough images, all different, none empty', async () => {
    const set = await load();
    expect(set).toMatchObject({ name, shape: [1, 28, 28] });
    expect(set.length).toBeGreaterThan(atLeast);
    const { repeated, flat, mean } = census(await read(set));
    expect(repeated).toBe(0);
    // A few letters I fill their square.
    expect(flat).toBeLessThan(15);
    expect(mean).toBeGreaterThan(darkest);
    expect(mean).toBeLessThan(lightest);
  });

  it('is rebuilt alike when its cached file is damaged', async () => {
    const before = await load();
    const pixels = await read(before);
    const file = (await readdir(folder)).find((entry) => entry.startsWith(name.toLowerCase()))!;
    const bytes = await readFile(join(folder, file));
    bytes[bytes.length - 100]! ^= 1;
    await writeFile(join(folder, file), bytes);
    const after = await load();
    expect(after.fingerprint).toBe(before.fingerprint);
    // An element-wise comparison of two million values takes long.
    expect(Buffer.compare(Buffer.from((await read(after)).buffer), Buffer.from(pixels.buffer))).toBe(0);
  });
});

describe('Glyphs', () => {
  it('refuses what is no font', () => {
    expect(() => lettersSvg(Uint8Array.of(1, 2, 3), { name: 'a.woff' })).toThrow(/a\.woff cannot be used/);
    const noise = Uint8Array.from({ length: 500 }, (_, i) => (i * 97) % 256);
    for (const signature of ['wOFF', 'OTTO', 'true', '\0\u0001\0\0']) {
      noise.set(Buffer.from(signature, 'latin1'));
      expect(() => lettersSvg(noise, { name: 'a.woff' })).toThrow(OutlierExposureError);
    }
  });
});

describe('Icons', () => {
  it('leaves out digits, clocks and skin tones', () => {
    const out = ['keycap-3', '1st-place-medal', 'ten-oclock', 'ten-thirty', 'input-numbers', 'alarm-clock'];
    for (const name of [...out, 'calendar', 'hundred-points', 'waving-hand-dark-skin-tone', 'mermaid-tone3'])
      expect([name, isIconOfSet(name)]).toEqual([name, false]);
    for (const name of ['airplane', 'clockwise-vertical-arrows', 'letter-a', 'waving-hand'])
      expect([name, isIconOfSet(name)]).toEqual([name, true]);
  });

  it.each([
    ['no JSON', '{', /no JSON/],
    ['null', 'null', /no "icons"/],
    ['icons without a body', '{"icons": {"sun": {}}}', /"sun" has no body/],
  ])('refuses %s', (_, text, message) => {
    expect(() => iconDocuments(text, { name: 'icons.json' })).toThrow(message);
  });
});

/** Sets of pictures: folders, Parquet, archives. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp, { type Color, type Sharp } from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import type { ImageShape } from '../../source.ts';
import { openImages } from '../open-images.ts';
import { expectPattern, FIXTURES, patternBytes, readImages, testFolder } from './testing.ts';

const folder = testFolder();

/** Image n of the pattern, as a file. */
async function picture(path: string, n: number, shape: ImageShape = [3, 6, 5]): Promise<void> {
  const [channels, height, width] = shape;
  const pixels = patternBytes(n + 1, shape, 'nhwc').subarray(n * channels * height * width);
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  await sharp(pixels, { raw: { width, height, channels: channels as 1 | 3 } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toFile(join(folder, path));
}

describe('a folder of pictures', () => {
  it('has its folders as classes', async () => {
    await picture('pets/cats/1.png', 0);
    await picture('pets/cats/deep/er/2.png', 1);
    await picture('pets/dogs/1.png', 2);
    writeFileSync(join(folder, 'pets', 'dogs', 'notes.txt'), 'not a picture');
    writeFileSync(join(folder, 'pets', '.DS_Store'), '');
    const source = await openImages(join(folder, 'pets'));
    expect(source).toMatchObject({ name: 'pets', length: 3, shape: [3, 6, 5], classNames: ['cats', 'dogs'] });
    expect(source.labels).toEqual(Int32Array.of(0, 0, 1));
    expect(source.nameOf!(2)).toBe(join(folder, 'pets/dogs/1.png'));
    await expectPattern(source);
    await source.close!();
    await expectPattern(source);
  });

  it('has no labels when it is flat, or all lie in one folder', async () => {
    for (const n of [0, 1]) await picture(`flat/one/${n}.png`, n, [1, 6, 5]);
    for (const path of ['flat', 'flat/one']) {
      const source = await openImages(join(folder, path));
      expect(source).toMatchObject({ length: 2, shape: [1, 6, 5] });
      expect(source.labels).toBeUndefined();
      await expectPattern(source);
    }
    await expectPattern(await openImages(join(folder, 'flat/one/1.png')), 1);
  });

  it('is read by split', async () => {
    for (const [n, name] of ['train/a/0', 'train/b/1', 'val/a/2', 'val/b/3'].entries())
      await picture(`splits/top/${name}.png`, n);
    const path = join(folder, 'splits');
    await expectPattern(await openImages(path, { split: 'train' }), 0);
    await expectPattern(await openImages(path, { split: 'validation' }), 2);
    await expect(openImages(path)).rejects.toThrow(/splits train, validation: give the one/);
    await expect(openImages(path, { split: 'trian' })).rejects.toThrow(
      /but not "trian": did you mean "train"/,
    );
  });

  it('brings pictures to a shape: the middle cut out, or stretched; grey', async () => {
    // Red, green and blue stripes of 8 columns.
    const stripes = Uint8Array.from({ length: 8 * 24 * 3 }, (_, i) =>
      Math.floor((Math.floor(i / 3) % 24) / 8) === i % 3 ? 255 : 0,
    );
    mkdirSync(join(folder, 'stripes'));
    await sharp(stripes, { raw: { width: 24, height: 8, channels: 3 } })
      .png()
      .toFile(join(folder, 'stripes', '0.png'));
    const open = (shape: ImageShape, resize: 'fit' | 'stretch') =>
      openImages(join(folder, 'stripes'), { shape, resize });
    const middle = await readImages(await open([3, 4, 4], 'fit'), [0]);
    // Only the middle stripe is left, but for its edges.
    for (const at of [1, 2]) expect([0, 16, 32].map((c) => middle[c + at])).toEqual([0, 1, 0]);
    const whole = await readImages(await open([3, 3, 3], 'stretch'), [0]);
    expect([0, 1, 2].map((x) => whole[x]! > whole[9 + x]! && whole[x]! > whole[18 + x]!)).toEqual([
      true,
      false,
      false,
    ]);
    const gray = await readImages(await open([1, 8, 24], 'fit'), [0]);
    expect([gray[0], gray[8], gray[16]].map((level) => Math.round(level! * 255))).toEqual([76, 150, 29]);
    await expect(open([4, 8, 8], 'fit')).rejects.toThrow(/1 channel \(grey\) or 3/);
  });

  it('shows what is transparent on white, 16 bits as 8, grey as colour, and the first frame', async () => {
    mkdirSync(join(folder, 'kinds'));
    const save = (name: string, image: Sharp) => image.toFile(join(folder, 'kinds', name));
    const plain = (background: Color) => sharp({ create: { width: 3, height: 2, channels: 4, background } });
    await save('a.png', plain({ r: 0, g: 0, b: 0, alpha: 0 }).png());
    await save('b.png', plain('#ff8000').toColourspace('rgb16').png());
    await save('c.webp', plain('#ff8000').webp({ lossless: true }));
    await save('d.gif', plain('#ff0000').gif());
    await save(
      'e.tiff',
      sharp(new Uint8Array(6).fill(77), { raw: { width: 3, height: 2, channels: 1 } }).tiff(),
    );
    await save('f.jpg', plain('#808080').jpeg({ quality: 100 }));
    await save('g.png', plain({ r: 255, g: 0, b: 0, alpha: 0.6 }).png());
    const source = await openImages(join(folder, 'kinds'), { shape: [3, 2, 3] });
    const images = await readImages(source, [0, 1, 2, 3, 4, 5, 6]);
    const colours = Array.from({ length: 7 }, (_, i) =>
      [0, 6, 12].map((c) => Math.round(images[i * 18 + c]! * 255)),
    );
    expect(colours).toEqual([
      [255, 255, 255],
      [255, 128, 0],
      [255, 128, 0],
      [255, 0, 0],
      [77, 77, 77],
      [128, 128, 128],
      [255, 102, 102],
    ]);
  });

  it('names what is broken, of another size, or too large', async () => {
    await picture('broken/0.png', 0);
    await picture('broken/1.png', 1, [3, 7, 5]);
    const whole = readFileSync(join(folder, 'broken/1.png'));
    writeFileSync(join(folder, 'broken/2.png'), whole.subarray(0, whole.length - 20));
    writeFileSync(join(folder, 'broken/3.png'), 'no picture');
    const bomb = Buffer.from(whole);
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    writeFileSync(join(folder, 'broken/4.png'), bomb);
    const source = await openImages(join(folder, 'broken'));
    await readImages(source, [0]);
    await expect(readImages(source, [1])).rejects.toThrow(
      /1\.png has 5×7 pixels, but .* 5×6: give the shape/,
    );
    for (const n of [2, 3, 4])
      await expect(readImages(source, [n])).rejects.toThrow(new RegExp(`${n}\\.png cannot be decoded`));
    rmSync(join(folder, 'broken/0.png'));
    const gone = await openImages(join(folder, 'broken'), { shape: [3, 6, 5] });
    rmSync(join(folder, 'broken/1.png'));
    await expect(readImages(gone, [0])).rejects.toThrow(/1\.png cannot be/);
  });

  it('says when there are no pictures', async () => {
    mkdirSync(join(folder, 'empty'));
    await expect(openImages(join(folder, 'empty'))).rejects.toThrow(/holds no images: .*png, jpg/);
    await expect(openImages(join(folder, 'nowhere'))).rejects.toThrow(/no such file or folder/);
  });

  it('keeps what it decoded, up to a bound', async () => {
    for (const n of [0, 1, 2]) await picture(`kept/${n}.png`, n);
    const kept = await openImages(join(folder, 'kept'));
    const none = await openImages(join(folder, 'kept'), { memory: 0 });
    await expectPattern(kept);
    await expectPattern(none);
    rmSync(join(folder, 'kept/1.png'));
    await expectPattern(kept);
    await expect(readImages(none, [1])).rejects.toThrow(/1\.png/);
  });
});

describe('Parquet', () => {
  it('reads the parts of a split, with the classes’ names', async () => {
    const train = await openImages(FIXTURES.replace(/\/$/, ''), { split: 'train' }).catch(
      (error: Error) => error,
    );
    // Beside them lie sets of other formats, which come later; the one without a split is not asked for.
    expect(train).toMatchObject({ length: 9, shape: [3, 5, 4], classNames: ['a', 'b', 'c'] });
    if (train instanceof Error) throw train;
    expect(train.labels).toEqual(Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2));
    await expectPattern(train);
    await train.close!();
    await expectPattern(train);
    const test = await openImages(join(FIXTURES, 'test-00000-of-00001.parquet'), { memory: 0 });
    expect(test.labels).toEqual(Int32Array.of(0, 1, 2));
    await expectPattern(test, 9);
  });

  it('finds parts in data/', async () => {
    mkdirSync(join(folder, 'hub', 'data'), { recursive: true });
    for (const file of readdirSync(FIXTURES).filter((name) => /^t.*parquet$/.test(name)))
      copyFileSync(join(FIXTURES, file), join(folder, 'hub', 'data', file));
    expect((await openImages(join(folder, 'hub'), { split: 'train' })).length).toBe(9);
    await expect(openImages(join(folder, 'hub'))).rejects.toThrow(/splits test, train/);
  });

  it('reads plain bytes, and words as classes, by the columns that are given', async () => {
    const path = join(FIXTURES, 'words.parquet');
    const source = await openImages(path, { columns: { label: 'kind' } });
    expect(source).toMatchObject({ length: 3, classNames: ['cat', 'dog'], labels: Int32Array.of(0, 1, 0) });
    await expectPattern(source);
    expect((await openImages(path)).labels).toBeUndefined();
    await expect(openImages(path, { columns: { image: 'pictrue' } })).rejects.toThrow(
      /no column "pictrue"; its columns are picture, kind: did you mean "picture"/,
    );
  });
});

describe('an archive', () => {
  it('is unpacked once', async () => {
    vi.stubEnv('OE_CACHE', join(folder, 'cache'));
    for (const [n, name] of ['train/a/0', 'train/b/1', 'test/a/2', 'test/b/3'].entries())
      await picture(`packed/animals/${name}.png`, n);
    const archive = join(folder, 'animals.tar.gz');
    execFileSync('tar', ['-czf', archive, '-C', join(folder, 'packed'), 'animals']);
    for (let round = 0; round < 2; round++) {
      const source = await openImages(archive, { split: 'test' });
      expect(source).toMatchObject({ name: 'animals.tar.gz', length: 2, classNames: ['a', 'b'] });
      await expectPattern(source, 2);
      expect(readdirSync(join(folder, 'cache', 'archives'))).toHaveLength(1);
    }
    vi.unstubAllEnvs();
  });

  it('is refused when it is damaged', async () => {
    vi.stubEnv('OE_CACHE', join(folder, 'cache'));
    const path = join(folder, 'bad.zip');
    writeFileSync(path, Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(100)]));
    await expect(openImages(path)).rejects.toMatchObject({ name: 'OutlierExposureError' });
    vi.unstubAllEnvs();
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeNpy } from '../npy.ts';
import {
  expectPattern,
  FIXTURES,
  patternBytes,
  patternOf,
  readImages,
  testFolder,
} from './formats/testing.ts';
import { openImages } from './open-images.ts';

const folder = testFolder();
const at = (name: string) => join(folder, name);
const write = (name: string, content: string | Uint8Array) => {
  writeFileSync(at(name), content);
  return at(name);
};
const gray = write('gray.npy', encodeNpy(patternBytes(4, [1, 6, 5], 'nhw'), [4, 6, 5]));

describe('several paths', () => {
  it('are one set, brought to one shape', async () => {
    const sets = [join(FIXTURES, 'stored.npz'), join(FIXTURES, 'test-00000-of-00001.parquet')];
    const both = await openImages(sets);
    expect(both).toMatchObject({
      name: 'stored.npz + test-00000-of-00001.parquet',
      length: 9,
      shape: [3, 5, 4],
    });
    // The labels of the one have names, those of the other none.
    expect(both.labels).toEqual(Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2));
    const pattern = patternOf([0, 1, 2, 3, 4, 5, 9, 10, 11], [3, 5, 4]);
    expect(await readImages(both, [0, 1, 2, 3, 4, 5, 6, 7, 8])).toEqual(pattern);
    await both.close!();
    await expect(openImages([...sets, gray])).rejects.toThrow(/"gray\.npy" of \[1, 6, 5\]; give the shape/);
    const shaped = await openImages([...sets, gray], { shape: [1, 6, 5], name: 'all' });
    expect(shaped).toMatchObject({ name: 'all', length: 13, shape: [1, 6, 5] });
    expect(shaped.labels).toBeUndefined();
    expect(await readImages(shaped, [9, 12])).toEqual(patternOf([0, 3], [1, 6, 5]));
    await expect(openImages([])).rejects.toThrow(/No path/);
  });
});

describe('labels', () => {
  it.each([
    ['text', 'labels.txt', '2\n0\n1\n2\n'],
    ['text of another system', 'labels2.txt', '\uFEFF2\r\n0\r\n1\r\n2'],
    ['JSON', 'labels.json', '[2, 0, 1, 2]'],
    ['CSV', 'labels.csv', 'file,label\n"a",2\nb,0\nc,1\nd,2\n'],
    ['one column', 'column.csv', '2\n0\n1\n2\n'],
    ['.npy', 'labels.npy', encodeNpy(Int16Array.of(2, 0, 1, 2), [4, 1])],
    ['words', 'words.txt', 'dog\nant\ncat\ndog\n'],
  ])('come from %s', async (_, name, content) => {
    const plain = await openImages(gray);
    const source = await openImages(gray, { labels: write(name, content) });
    expect(source.labels).toEqual(Int32Array.of(2, 0, 1, 2));
    expect(source.classNames).toEqual(name === 'words.txt' ? ['ant', 'cat', 'dog'] : undefined);
    expect(source.fingerprint).not.toBe(plain.fingerprint);
    await expectPattern(source);
  });

  it.each([
    ['too few', 'few.txt', '1\n2\n', /2 labels for the 4 images/],
    ['a hole', 'hole.txt', '1\n\n2\n3\n', /no label for image 1/],
    ['negative ones', 'minus.txt', '1\n-1\n2\n3\n', /the label -1 for image 1/],
    ['parts', 'parts.json', '[0.5, 1, 2, 3]', /the label 0\.5/],
    ['no list', 'object.json', '{"a": 1}', /no list of labels/],
    ['no JSON', 'bad.json', '[1', /is no JSON/],
    ['no column of labels', 'table.csv', 'a,b\n1,2\n', /columns a, b, of which none is called "label"/],
    ['a table', 'table.npy', encodeNpy(new Uint8Array(4), [2, 2]), /\[2, 2\], but labels are a list/],
  ])('are refused: %s', async (_, name, content, message) => {
    await expect(openImages(gray, { labels: write(name, content) })).rejects.toThrow(message);
  });

  it('take the place of the set’s own', async () => {
    const labels = write('six.txt', '5\n4\n3\n2\n1\n0\n');
    const source = await openImages(join(FIXTURES, 'stored.npz'), { labels });
    expect(source.labels).toEqual(Int32Array.of(5, 4, 3, 2, 1, 0));
  });
});

describe('a file that is no set', () => {
  it.each([
    [
      'an HDF5 file',
      'a.h5',
      Buffer.from('\x89HDF\r\n\x1a\n......', 'latin1'),
      /HDF5.*save its images as \.npy/,
    ],
    ['a pickle', 'data_batch', Uint8Array.of(0x80, 2, 0x7d, 0x71), /pickle, which can run any program/],
    ['a BMP', 'a.bmp', Buffer.from('BM......'), /BMP picture.*PNG/],
    [
      'an archive of another kind',
      'a.7z',
      Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'),
      /unpack it and give the folder/,
    ],
    ['text', 'a.txt', Buffer.from('hello'), /no file of images that is known: \.npy/],
    ['nothing', 'empty', new Uint8Array(), /no file of images that is known/],
    ['an empty gzip', 'a.gz', gzipSync(new Uint8Array()), /empty once it is unpacked/],
    [
      'IDX labels',
      'labels-idx1',
      Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 6),
      /shape \[2\], but images have/,
    ],
  ])('is refused: %s', async (_, name, content, message) => {
    await expect(openImages(write(name, content))).rejects.toThrow(message);
  });

  it('is refused in folders too', async () => {
    mkdirSync(at('cifar-10-batches-py'));
    write('cifar-10-batches-py/data_batch_1', Uint8Array.of(0x80, 2));
    await expect(openImages(at('cifar-10-batches-py'))).rejects.toThrow(
      /Python version.*fetch the binary version/,
    );
    mkdirSync(at('two'));
    for (const name of ['a.npy', 'b.npy']) write(`two/${name}`, encodeNpy(new Uint8Array(30), [1, 6, 5]));
    await expect(openImages(at('two'))).rejects.toThrow(/several sets: a\.npy, b\.npy; give the path of one/);
  });
});

describe('fingerprints', () => {
  it('follow the content, not the place', async () => {
    mkdirSync(at('elsewhere'));
    const bytes = encodeNpy(patternBytes(4, [1, 6, 5], 'nhw'), [4, 6, 5]);
    const copy = await openImages(write('elsewhere/copy.npy', bytes));
    expect(copy.fingerprint).toBe((await openImages(gray)).fingerprint);
    bytes[bytes.length - 1]! ^= 1;
    const other = await openImages(write('elsewhere/copy.npy', bytes));
    expect(other.fingerprint).not.toBe(copy.fingerprint);
  });

  it('are announced and can be broken off', async () => {
    const reports: [number, number][] = [];
    await openImages(gray, { onProgress: (done, total) => reports.push([done, total]) });
    expect(reports.at(-1)).toEqual([248, 248]);
    await expect(openImages(gray, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

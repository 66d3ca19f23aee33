/** Sets that are arrays in files: .npy, .npz, IDX, CIFAR, Tiny Images, MATLAB. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeNpy, type NpyValues } from '../../npy.ts';
import { openImages } from '../open-images.ts';
import { expectPattern, FIXTURES, patternBytes, readImages, testFolder } from './testing.ts';

const folder = testFolder();
const SHAPE = [3, 5, 4] as const;

function npy(name: string, data: NpyValues, shape: number[]): string {
  const path = join(folder, name);
  writeFileSync(path, encodeNpy(data, shape));
  return path;
}

/** A header without values, for files whose values are holes. */
function header(shape: string, descr = '|u1'): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(`${text}\n`)]);
}

describe('.npy', () => {
  it('reads channels last, first, and none', async () => {
    const last = await openImages(npy('last.npy', patternBytes(7, SHAPE, 'nhwc'), [7, 5, 4, 3]), {
      layout: 'nhwc',
    });
    expect(last).toMatchObject({ name: 'last.npy', length: 7, shape: [3, 5, 4] });
    await expectPattern(last);
    const first = await openImages(npy('first.npy', patternBytes(7, [3, 5, 6], 'nchw'), [7, 3, 5, 6]));
    expect(first.shape).toEqual([3, 5, 6]);
    await expectPattern(first);
    const gray = await openImages(npy('gray.npy', patternBytes(7, [1, 5, 4], 'nhw'), [7, 5, 4]));
    expect(gray.shape).toEqual([1, 5, 4]);
    await expectPattern(gray);
  });

  it('asks for the layout when two axes can be channels', async () => {
    const path = npy('both.npy', patternBytes(2, [3, 5, 3], 'nchw'), [2, 3, 5, 3]);
    await expect(openImages(path)).rejects.toThrow(/both 3 and 3 can be the channels: give the layout/);
    await expectPattern(await openImages(path, { layout: 'nchw' }));
    const other = npy('none.npy', new Uint8Array(2 * 5 * 6 * 7), [2, 5, 6, 7]);
    await expect(openImages(other)).rejects.toThrow(/\[2, 5, 6, 7\]; 1 \(grey\)/);
    await expect(openImages(other, { layout: 'nchw' })).rejects.toThrow(
      /as nchw, its images have 5 channels/,
    );
  });

  it.each([
    ['floats to 1', (bytes: Uint8Array) => Float32Array.from(bytes, (byte) => byte / 255)],
    ['floats to 255', (bytes: Uint8Array) => Float32Array.from(bytes)],
    ['doubles to 255', (bytes: Uint8Array) => Float64Array.from(bytes)],
    ['16-bit numbers', (bytes: Uint8Array) => Uint16Array.from(bytes)],
    ['64-bit numbers', (bytes: Uint8Array) => BigInt64Array.from(bytes, BigInt)],
  ])('reads %s', async (_, convert) => {
    const path = npy('typed.npy', convert(patternBytes(7, [1, 6, 5], 'nhw')), [7, 6, 5]);
    await expectPattern(await openImages(path));
  });

  it('reads the other byte order', async () => {
    const data = patternBytes(7, [1, 6, 5], 'nhw');
    const swapped = new Uint8Array(data.length * 2);
    for (const [i, byte] of data.entries()) swapped[2 * i + 1] = byte;
    writeFileSync(join(folder, 'big.npy'), Buffer.concat([header('7, 6, 5', '>u2'), swapped]));
    await expectPattern(await openImages(join(folder, 'big.npy')));
  });

  it('takes drawings of 0 and 1 as black and white, and a range that is given', async () => {
    const drawings = npy('drawings.npy', Uint8Array.of(0, 1, 1, 0), [1, 2, 2]);
    expect([...(await readImages(await openImages(drawings), [0]))]).toEqual([0, 1, 1, 0]);
    const bytes = await readImages(await openImages(drawings, { range: [0, 255] }), [0]);
    expect(bytes[1]).toBeCloseTo(1 / 255);
    const signed = npy('signed.npy', Float32Array.of(-1, 1, 0, -1), [1, 2, 2]);
    await expect(openImages(signed)).rejects.toThrow(/values from -1 to 1; .*give the range/);
    expect([...(await readImages(await openImages(signed, { range: [-1, 1] }), [0]))]).toEqual([
      0, 1, 0.5, 0,
    ]);
  });

  it('names the image whose values are no numbers', async () => {
    const values = new Float32Array(200 * 4).fill(0.5);
    values[199 * 4 + 2] = Number.NaN;
    const source = await openImages(npy('nan.npy', values, [200, 2, 2]));
    await readImages(source, [0, 198]);
    await expect(readImages(source, [3, 199])).rejects.toThrow(/Image 199 of .*nan\.npy.*not finite/);
  });

  it('reads a file that is larger than memory', async () => {
    const path = join(folder, 'huge.npy');
    const count = 6_500_000;
    writeFileSync(path, header(`${count}, 32, 32, 3`));
    truncateSync(path, 128 + count * 3072);
    const before = process.memoryUsage().rss;
    const source = await openImages(path, { range: [0, 255] });
    expect(source).toMatchObject({ length: count, shape: [3, 32, 32] });
    expect(source.fingerprint).toMatch(/^large [0-9a-f]{64}$/);
    const images = await readImages(source, [count - 1, 0, 3_000_000]);
    expect(images.every((pixel) => pixel === 0)).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
    await source.close!();
    expect((await readImages(source, [17])).length).toBe(3072);
  });

  it('refuses damaged files and images that are not there', async () => {
    const path = npy('whole.npy', new Uint8Array(32), [2, 4, 4]);
    const source = await openImages(path);
    await expect(readImages(source, [2])).rejects.toThrow(/the images 0 to 1; there is no image 2/);
    truncateSync(path, 140);
    await expect(openImages(path)).rejects.toThrow(/32 bytes, but 12 follow/);
    await expect(readImages(source, [1])).rejects.toThrow(/ends at byte/);
    await expect(openImages(npy('flat.npy', new Uint8Array(32), [2, 16]))).rejects.toThrow(/shape \[2, 16\]/);
    await expect(openImages(join(folder, 'nothing.npy'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('takes the labels beside it', async () => {
    npy('set-labels.npy', BigInt64Array.of(2n, 0n), [2]);
    const source = await openImages(npy('set-images.npy', new Uint8Array(32), [2, 4, 4]));
    expect(source.labels).toEqual(Int32Array.of(2, 0));
    npy('set-labels.npy', Int32Array.of(1), [1]);
    await expect(openImages(join(folder, 'set-images.npy'))).rejects.toThrow(/has 2 images, but 1 labels/);
  });
});

describe('.npz', () => {
  it('reads what NumPy stored', async () => {
    const source = await openImages(join(FIXTURES, 'stored.npz'));
    expect(source).toMatchObject({ length: 6, labels: Int32Array.of(0, 1, 2, 0, 1, 2) });
    await expectPattern(source);
  });

  it('reads what NumPy compressed, by split', async () => {
    const train = await openImages(join(FIXTURES, 'packed.npz'), { split: 'train' });
    expect(train).toMatchObject({ length: 6, shape: [3, 5, 4] });
    await expectPattern(train);
    const test = await openImages(join(FIXTURES, 'packed.npz'), { split: 'test' });
    expect(test.labels).toEqual(Int32Array.of(0, 1, 2, 0));
    await expectPattern(test, 6);
    await expect(openImages(join(FIXTURES, 'packed.npz'))).rejects.toThrow(
      /arrays x_train, y_train, x_test, y_test; .*give the split/,
    );
  });
});

describe('IDX', () => {
  const idx = (shape: number[], data: Uint8Array) => {
    const head = Buffer.alloc(4 + 4 * shape.length);
    head.writeUInt32BE(0x0800 + shape.length);
    for (const [i, side] of shape.entries()) head.writeUInt32BE(side, 4 + 4 * i);
    return Buffer.concat([head, data]);
  };

  it('reads images with the labels beside them, packed or not, and by split', async () => {
    const set = join(folder, 'idx');
    mkdirSync(set);
    const images = idx([7, 6, 5], patternBytes(7, [1, 6, 5], 'nhw'));
    writeFileSync(join(set, 'train-images-idx3-ubyte'), images);
    writeFileSync(
      join(set, 'train-labels-idx1-ubyte.gz'),
      gzipSync(idx([7], Uint8Array.of(0, 1, 2, 3, 4, 5, 6))),
    );
    writeFileSync(join(set, 't10k-images-idx3-ubyte.gz'), gzipSync(images));
    const train = await openImages(set, { split: 'train' });
    expect(train.labels).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5, 6));
    await expectPattern(train);
    const test = await openImages(set, { split: 'test' });
    expect(test.labels).toBeUndefined();
    await expectPattern(test);
    await expect(openImages(set)).rejects.toThrow(/has the splits test, train: give the one to read/);
    await expect(openImages(set, { split: 'validation' })).rejects.toThrow(/but not "validation"/);
  });

  it('is told by its content', async () => {
    writeFileSync(join(folder, 'digits.dat'), idx([7, 6, 5], patternBytes(7, [1, 6, 5], 'nhw')));
    await expectPattern(await openImages(join(folder, 'digits.dat')));
    writeFileSync(join(folder, 'digits.gz'), gzipSync(idx([7, 6, 5], patternBytes(7, [1, 6, 5], 'nhw'))));
    await expectPattern(await openImages(join(folder, 'digits.gz')));
  });
});

describe('.bin', () => {
  const records = (labels: number[][], first = 0) =>
    Buffer.concat(
      labels.map((label, i) => {
        const image = patternBytes(first + i + 1, [3, 32, 32], 'nchw').subarray((first + i) * 3072);
        return Buffer.concat([Uint8Array.from(label), image]);
      }),
    );

  it('reads CIFAR-10, by file and by folder', async () => {
    const set = join(folder, 'cifar-10-batches-bin');
    mkdirSync(set);
    for (let i = 0; i < 5; i++)
      writeFileSync(join(set, `data_batch_${i + 1}.bin`), records([[i], [9]], 2 * i));
    writeFileSync(join(set, 'test_batch.bin'), records([[3]], 10));
    writeFileSync(join(set, 'batches.meta.txt'), `${[...'abcdefghij'].join('\n')}\n\n`);
    const train = await openImages(set, { split: 'train' });
    expect(train).toMatchObject({ length: 10, shape: [3, 32, 32], classNames: [...'abcdefghij'] });
    expect(train.labels).toEqual(Int32Array.of(0, 9, 1, 9, 2, 9, 3, 9, 4, 9));
    await expectPattern(train);
    const test = await openImages(join(set, 'test_batch.bin'));
    expect(test.labels).toEqual(Int32Array.of(3));
    await expectPattern(test, 10);
    await expect(openImages(set)).rejects.toThrow(/splits train, test/);
  });

  it('reads CIFAR-100 with fine labels', async () => {
    const path = join(folder, 'test.bin');
    writeFileSync(
      path,
      records([
        [19, 99],
        [0, 50],
      ]),
    );
    const source = await openImages(path);
    expect(source.labels).toEqual(Int32Array.of(99, 50));
    await expectPattern(source);
  });

  it('reads Tiny Images by column', async () => {
    const path = join(folder, 'tiny_images.bin');
    writeFileSync(path, patternBytes(5, [3, 32, 32], 'ncwh'));
    const source = await openImages(path);
    expect(source).toMatchObject({ length: 5, shape: [3, 32, 32] });
    await expectPattern(source);
    truncateSync(path, 3000);
    await expect(openImages(path)).rejects.toThrow(/3000 bytes, which is neither/);
  });
});

describe('.mat', () => {
  it.each(['compressed.mat', 'plain.mat'])('reads SVHN as SciPy writes it: %s', async (file) => {
    const source = await openImages(join(FIXTURES, file));
    expect(source).toMatchObject({ length: 12, shape: [3, 5, 4], classNames: [...'0123456789'] });
    expect(source.labels).toEqual(Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2));
    await expectPattern(source);
  });

  it('reads doubles, other names, beside texts and cells', async () => {
    const source = await openImages(join(FIXTURES, 'other.mat'));
    expect(source.labels).toEqual(Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2));
    await expectPattern(source);
  });

  it('says that HDF5 is not read', async () => {
    const path = join(folder, 'new.mat');
    const head = Buffer.alloc(600);
    head.write('MATLAB 7.3 MAT-file, Platform: GLNXA64');
    head.set([0x00, 0x02, 0x49, 0x4d], 124);
    writeFileSync(path, head);
    await expect(openImages(path)).rejects.toThrow(/version 7\.3 \(HDF5\).*"-v7"/);
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeNpy, type NpyValues } from '../npy.ts';
import { loadExtraTestSets } from './folder-sets.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oe-folder-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (length: number, value: (i: number) => number) =>
  Uint8Array.from({ length }, (_, i) => value(i));
const npy = (name: string, data: NpyValues, shape: number[]) =>
  writeFile(join(folder, name), encodeNpy(data, shape));

async function firstImage(): Promise<{ name: string; length: number; image: Float32Array }[]> {
  const sets = await loadExtraTestSets(folder);
  return Promise.all(
    sets.map(async (set) => {
      const image = new Float32Array(784);
      await set.read([0], image);
      return { name: set.name, length: set.length, image };
    }),
  );
}

function idx(shape: number[], data: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  head.setUint32(0, 0x0800 + shape.length);
  for (const [i, dimension] of shape.entries()) head.setUint32(4 + 4 * i, dimension);
  return new Uint8Array([...new Uint8Array(head.buffer), ...data]);
}

describe('loadExtraTestSets', () => {
  it('reads letters and drawings as they are', async () => {
    await npy(
      'notmnist28-images.npy',
      bytes(2 * 784, (i) => i % 256),
      [2, 28, 28, 1],
    );
    await npy(
      'omniglot.npy',
      bytes(784, (i) => i % 2),
      [1, 28, 28],
    );
    const [letters, drawings] = await firstImage();
    expect(letters).toMatchObject({ name: 'notmnist', length: 2 });
    expect(letters!.image).toEqual(Float32Array.from({ length: 784 }, (_, i) => (i % 256) / 255));
    expect(drawings!.name).toBe('omniglot');
    expect([...drawings!.image.subarray(0, 4)]).toEqual([0, 1, 0, 1]);
  });

  it('fits colours to 28 × 28 and grey, alike from both formats of CIFAR-10', async () => {
    const value = (c: number, j: number) => (c * 80 + (j % 32) * 3) % 256;
    await npy(
      'cifar10-test-images.npy',
      bytes(3072, (i) => value(i % 3, Math.floor(i / 3))),
      [1, 32, 32, 3],
    );
    const [fromNpy] = await firstImage();
    await rm(join(folder, 'cifar10-test-images.npy'));
    await mkdir(join(folder, 'cifar-10-batches-bin'));
    const record = bytes(3073, (i) => (i === 0 ? 7 : value(Math.floor((i - 1) / 1024), (i - 1) % 1024)));
    await writeFile(join(folder, 'cifar-10-batches-bin', 'test_batch.bin'), record);
    const [fromBinary] = await firstImage();
    expect(fromBinary).toEqual(fromNpy);
    expect(fromNpy).toMatchObject({ name: 'cifar10', length: 1 });
    const left = 0.2989 * 0 + 0.587 * 80 + 0.114 * 160;
    expect(fromNpy!.image[0]! * 255).toBeGreaterThan(left - 1);
    expect(fromNpy!.image[0]! * 255).toBeLessThan(left + 3);
  });

  it('reads Fashion-MNIST as it is published', async () => {
    await mkdir(join(folder, 'fashion'));
    const images = idx(
      [2, 28, 28],
      bytes(2 * 784, () => 255),
    );
    await writeFile(join(folder, 'fashion', 't10k-images-idx3-ubyte.gz'), gzipSync(images));
    await writeFile(
      join(folder, 'fashion', 't10k-labels-idx1-ubyte.gz'),
      gzipSync(idx([2], Uint8Array.of(1, 2))),
    );
    const [clothes] = await firstImage();
    expect(clothes).toMatchObject({ name: 'fashion-mnist', length: 2 });
    expect(clothes!.image[0]).toBe(1);
    await writeFile(join(folder, 'fashion', 't10k-labels-idx1-ubyte.gz'), Uint8Array.of(0x1f, 0x8b, 1, 2));
    await expect(loadExtraTestSets(folder)).rejects.toThrow(/labels-idx1-ubyte\.gz cannot be unpacked/);
  });

  it('says what it looks for when nothing is there', async () => {
    await expect(loadExtraTestSets(folder)).rejects.toThrow(/holds none of the test sets.*omniglot\.npy/);
    await expect(loadExtraTestSets(join(folder, 'no'))).rejects.toThrow(/does not exist/);
  });

  it('refuses other values and shapes', async () => {
    await npy('omniglot.npy', new Float32Array(784).fill(-1), [1, 28, 28]);
    await expect(loadExtraTestSets(folder)).rejects.toThrow(
      /values from -1 to -1; images are numbers from 0/,
    );
    await npy('omniglot.npy', new Uint8Array(784), [784]);
    await expect(loadExtraTestSets(folder)).rejects.toThrow(/shape \[784\]/);
    await npy('omniglot.npy', new Uint8Array(2 * 784), [1, 28, 28, 2]);
    await expect(loadExtraTestSets(folder)).rejects.toThrow(/\[1, 28, 28, 2\]; 1 \(grey\)/);
    await rm(join(folder, 'omniglot.npy'));
    await writeFile(join(folder, 'test_batch.bin'), new Uint8Array(3000));
    await expect(loadExtraTestSets(folder)).rejects.toThrow(/3000 bytes.*3073/);
  });
});

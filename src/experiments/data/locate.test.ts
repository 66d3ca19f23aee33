import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KNOWN_SETS } from './known-sets.ts';
import { locateSet } from './locate.ts';
import { validationLabels } from './tiny-imagenet.ts';

let root: string;
let before: string | undefined;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'oe-locate-'));
  // What the user has fetched must not be found here.
  before = process.env.OE_DATA;
  process.env.OE_DATA = join(root, 'fetched');
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  if (before === undefined) delete process.env.OE_DATA;
  else process.env.OE_DATA = before;
});

let folders = 0;
function folderWith(...files: string[]): string {
  const folder = join(root, String(folders++));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    if (!file.endsWith('/')) writeFileSync(join(folder, file), '');
    else mkdirSync(join(folder, file), { recursive: true });
  }
  return folder;
}

describe('locateSet', () => {
  it.each([
    ['cifar10', 'train', 'cifar10-train-images.npy'],
    ['cifar10', 'test', 'CIFAR10_test.parquet'],
    ['cifar100', 'test', 'cifar100-test-images.npy'],
    ['tiny-imagenet', 'train', 'tinyimagenet32-train30k-images.npy'],
    ['tiny-imagenet', 'test', 'tiny-imagenet-val.npz'],
    ['textures', 'test', 'dtd32-images.npy'],
    ['svhn', 'test', 'test_32x32.mat'],
    ['tiny-images', 'train', 'tiny_images.bin'],
    ['tiny-images-300k', 'train', '300K_random_images.npy'],
  ] as const)('finds %s %s in %s', async (name, part, file) => {
    const folder = folderWith(file, 'unrelated.npy', 'notes.txt');
    expect(await locateSet(name, part, { folder })).toEqual({ spec: join(folder, file) });
    // None of these files is taken for another set.
    for (const other of KNOWN_SETS) {
      if (other.name !== name) expect(await locateSet(other.name, part, { folder })).toBeUndefined();
    }
  });

  it('gives the labels beside, and the split of folders with several', async () => {
    const folder = folderWith('cifar10-test-images.npy', 'cifar10-test-labels.npy', 'cifar-100-binary/');
    expect(await locateSet('cifar10', 'test', { folder })).toEqual({
      spec: join(folder, 'cifar10-test-images.npy'),
      labels: join(folder, 'cifar10-test-labels.npy'),
    });
    expect(await locateSet('cifar100', 'train', { folder })).toEqual({
      spec: join(folder, 'cifar-100-binary'),
      split: 'train',
    });
  });

  it('joins what the paper joins', async () => {
    const folder = folderWith('train_32x32.mat', 'extra_32x32.mat');
    expect(await locateSet('svhn', 'train', { folder })).toEqual({
      spec: [join(folder, 'train_32x32.mat'), join(folder, 'extra_32x32.mat')],
    });
    const alone = folderWith('train_32x32.mat');
    expect(await locateSet('svhn', 'train', { folder: alone })).toEqual({
      spec: join(alone, 'train_32x32.mat'),
    });
  });

  it('takes no list of images for two parts', async () => {
    const folder = folderWith('cifar10.npy');
    expect(await locateSet('cifar10', 'train', { folder })).toBeUndefined();
    const both = folderWith('cifar10/');
    expect(await locateSet('cifar10', 'train', { folder: both })).toEqual({
      spec: join(both, 'cifar10'),
      split: 'train',
    });
  });

  it('says that there is no such folder', async () => {
    await expect(locateSet('svhn', 'test', { folder: join(root, 'nowhere') })).rejects.toThrowError(
      /nowhere cannot be read: it does not exist/,
    );
  });
});

describe('validationLabels', () => {
  const write = (lines: string[]) => {
    const folder = folderWith('val/images/', 'wnids.txt', 'val/val_annotations.txt');
    writeFileSync(join(folder, 'wnids.txt'), 'n09\nn01\n');
    writeFileSync(join(folder, 'val', 'val_annotations.txt'), lines.join('\n'));
    return folder;
  };

  it('are in the order of the pictures’ names, and of the classes’', async () => {
    const folder = write([
      'val_2.JPEG\tn09\t0\t0\t9\t9',
      'val_10.JPEG\tn01\t0\t0\t9\t9',
      'val_0.JPEG\tn09\t0\t0\t9\t9',
    ]);
    // Sorted: val_0, val_10, val_2.
    expect(await validationLabels(folder, 3)).toEqual(Int32Array.of(1, 0, 1));
    expect(await validationLabels(folderWith('other/'), 3)).toBeUndefined();
  });

  it.each([
    ['too few', ['val_0.JPEG\tn09'], 2],
    ['of no class', ['val_0.JPEG\tn07'], 1],
    ['cut off', ['val_0.JPEG'], 1],
  ])('that are %s are refused', async (_, lines, count) => {
    await expect(validationLabels(write(lines), count)).rejects.toThrowError(/does not fit the set/);
  });
});

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dcganGenerator } from '../nn/index.ts';
import { readAlbums, writeAlbums } from './album.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'album-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const shape = [1, 8, 8] as const;
const generator = dcganGenerator({ seed: 1, side: 8, channels: 1, features: 1, latent: 2 });
/** Epoch e of `epochs` is a row of 3 images, as light as it is late. */
const trained = (epochs: number, name = 'gan') => ({
  name,
  synthetic: {
    generator,
    shape,
    album: Array.from({ length: epochs }, (_, i) => ({
      epoch: i + 1,
      pixels: new Float32Array(3 * 64).fill((i + 1) / epochs),
    })),
  },
});

describe('albums', () => {
  it('come back as they were written: a row an epoch, of models with a generator', async () => {
    const folder = join(root, 'whole');
    await writeAlbums(folder, [{ name: 'baseline' }, trained(4)]);
    const [album, ...others] = await readAlbums(folder);
    expect(others).toEqual([]);
    expect(album).toMatchObject({ model: 'gan', epochs: [1, 2, 3, 4], columns: 3, width: 24, height: 32 });
    const pixels = await sharp(album!.webp).greyscale().raw().toBuffer();
    for (const epoch of [1, 2, 3, 4])
      expect(Math.abs(pixels[24 * (8 * epoch - 4) + 12]! - (255 * epoch) / 4)).toBeLessThan(6);
  });

  it('show some of many epochs, the first and the last among them', async () => {
    const folder = join(root, 'long');
    await writeAlbums(folder, [trained(100)]);
    const { epochs, height } = (await readAlbums(folder))[0]!;
    expect([epochs.length, epochs[0], epochs.at(-1), height]).toEqual([20, 1, 100, 160]);
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
  });

  it('are none where no model has a generator', async () => {
    const folder = join(root, 'none');
    await writeAlbums(folder, [{ name: 'baseline' }]);
    expect(existsSync(folder)).toBe(false);
    expect(await readAlbums(folder)).toEqual([]);
  });

  it('say when they are damaged, and lead nowhere else', async () => {
    const folder = join(root, 'damaged');
    await writeAlbums(folder, [trained(1)]);
    const facts = { model: 'gan', epochs: [1], columns: 3, width: 24, height: 8 };
    writeFileSync(join(folder, 'album.json'), JSON.stringify([{ ...facts, file: '../whole/2.webp' }]));
    expect(await readAlbums(folder)).toEqual([]);
    writeFileSync(join(folder, 'album.json'), JSON.stringify([{ ...facts, file: '1.webp', epochs: [] }]));
    await expect(readAlbums(folder)).rejects.toThrowError(/album\.json is damaged/);
  });
});

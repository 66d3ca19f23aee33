/** Many small pictures in one: rows of tiles of one size. Node only. */
import sharp, { type Sharp } from 'sharp';
import type { ImageShape } from '../data/index.ts';

export interface TileSheet {
  sheet: Sharp;
  /** Of a tile. */
  size: { width: number; height: number };
}

/**
 * Lays pictures out on black.
 *
 * @param rows pixels of each picture, channels first, in [0, 1]; what lies outside is shown as black or full
 * @param shape of all of them; with 3 channels they are shown in colour, else the first channel in grey
 * @param maxSide larger pictures are shrunk to it
 */
export async function tileSheet(
  rows: readonly (readonly Float32Array[])[],
  shape: ImageShape,
  { maxSide }: { maxSide: number },
): Promise<TileSheet> {
  const [, height, width] = shape;
  const scale = Math.min(1, maxSide / Math.max(height, width));
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const columns = Math.max(...rows.map((row) => row.length), 1);
  const channels = shape[0] === 3 ? 3 : 1;
  const tiles = await Promise.all(
    rows.flatMap((row, y) =>
      row.map(async (pixels, x) => ({
        input: await sharp(interleaved(pixels, channels, height * width), {
          raw: { width, height, channels },
        })
          .resize({ ...size, fit: 'fill' })
          .png()
          .toBuffer(),
        left: x * size.width,
        top: y * size.height,
      })),
    ),
  );
  const sheet = sharp({
    create: {
      width: columns * size.width,
      height: Math.max(rows.length, 1) * size.height,
      channels: 3,
      background: 'black',
    },
  }).composite(tiles);
  return { sheet: channels === 1 ? sheet.toColourspace('b-w') : sheet, size };
}

function interleaved(pixels: Float32Array, channels: 1 | 3, area: number): Uint8Array {
  const bytes = new Uint8Array(channels * area);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < area; i++) {
      const value = Math.min(1, Math.max(0, pixels[channel * area + i]!));
      bytes[i * channels + channel] = Math.round(255 * value);
    }
  }
  return bytes;
}

/** A generator's images as training went on, beside the results: `album/MODEL.webp` and `album/album.json`. Node only. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OutlierExposureError } from '../errors.ts';
import type { TrainedModel } from '../experiments/index.ts';
import { readFileBounded, writeFileAtomic } from '../files/atomic.ts';
import { isFileName } from './samples.ts';
import { tileSheet } from './tile-sheet.ts';

/** The images that one generator made, as one picture: a row an epoch. */
export interface ShownAlbum {
  /** The classifier that was trained with them. */
  model: string;
  /** Of the rows, from the top; counted from 1. */
  epochs: number[];
  /** Images in a row. */
  columns: number;
  /** Of the whole picture, in pixels. */
  width: number;
  height: number;
  webp: Uint8Array;
}

/** More rows would be longer than a page: of more epochs some are shown, the first and the last among them. */
const MAX_ROWS = 20;
const MAX_SIDE = 64;
const QUALITY = 90;
const MAX_INDEX_BYTES = 2 ** 20;
const MAX_ALBUM_BYTES = 2 ** 22;

const size = z.number().int().min(1).max(4096);
const indexSchema = z
  .array(
    z.object({
      file: z.string(),
      model: z.string(),
      epochs: z.array(z.number().int().min(1)).min(1).max(MAX_ROWS),
      columns: size,
      width: size,
      height: size,
    }),
  )
  .max(100);

/** Writes what the generators of one seed's models made; nothing when none of them had one. */
export async function writeAlbums(
  folder: string,
  models: readonly Pick<TrainedModel, 'name' | 'synthetic'>[],
): Promise<void> {
  const index: z.infer<typeof indexSchema> = [];
  for (const [i, { name, synthetic }] of models.entries()) {
    if (!synthetic || synthetic.album.length === 0) continue;
    const { shape, album } = synthetic;
    const pages = spread(album);
    const area = shape[0] * shape[1] * shape[2];
    const columns = pages[0]!.pixels.length / area;
    const rows = pages.map(({ pixels }) =>
      Array.from({ length: columns }, (_, at) => pixels.subarray(at * area, (at + 1) * area)),
    );
    const { sheet } = await tileSheet(rows, shape, { maxSide: MAX_SIDE });
    const { data, info } = await sheet
      .webp({ quality: QUALITY, smartSubsample: true })
      .toBuffer({ resolveWithObject: true });
    await mkdir(folder, { recursive: true });
    const file = `${i + 1}.webp`;
    await writeFileAtomic(join(folder, file), data);
    const { width, height } = info;
    index.push({ file, model: name, epochs: pages.map(({ epoch }) => epoch), columns, width, height });
  }
  if (index.length > 0)
    await writeFileAtomic(join(folder, 'album.json'), `${JSON.stringify(index, null, 2)}\n`);
}

/** At most so many pages as rows, evenly chosen. */
function spread<T>(pages: readonly T[]): T[] {
  if (pages.length <= MAX_ROWS) return [...pages];
  return Array.from(
    { length: MAX_ROWS },
    (_, row) => pages[Math.round((row * (pages.length - 1)) / (MAX_ROWS - 1))]!,
  );
}

/**
 * Reads what {@link writeAlbums} wrote; nothing when the folder has none.
 *
 * @throws OutlierExposureError `invalid-file` when it is damaged
 */
export async function readAlbums(folder: string): Promise<ShownAlbum[]> {
  const path = join(folder, 'album.json');
  if (!existsSync(path)) return [];
  const bytes = await readFileBounded(path, { what: 'list of made images', maxBytes: MAX_INDEX_BYTES });
  let index: z.infer<typeof indexSchema>;
  try {
    index = indexSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is damaged; remove ${folder} to get a report without these pictures, or run the experiment again.`,
      { cause: error },
    );
  }
  const albums: ShownAlbum[] = [];
  for (const { file, ...facts } of index) {
    // A list from elsewhere must not lead out of its folder.
    if (!isFileName(file) || !existsSync(join(folder, file))) continue;
    const webp = await readFileBounded(join(folder, file), { what: 'picture', maxBytes: MAX_ALBUM_BYTES });
    albums.push({ ...facts, webp });
  }
  return albums;
}

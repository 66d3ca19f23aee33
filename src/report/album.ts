/** A generator's images as training went on, beside the results: `album/N.webp` and `album/album.json`. Node only. */
import { z } from 'zod';
import type { TrainedModel } from '../experiments/index.ts';
import { type Picture, readPictures, writePictures } from './picture-index.ts';

/** More rows would be longer than a page: of more epochs some are shown, the first and the last among them. */
const MAX_ROWS = 20;
const LIST = 'album.json';

const factsSchema = z.object({
  /** The classifier that was trained with them. */
  model: z.string(),
  /** Of the rows, from the top; counted from 1. */
  epochs: z.array(z.number().int().min(1)).min(1).max(MAX_ROWS),
  /** Images in a row. */
  columns: z.number().int().min(1).max(4096),
});

/** The images that one generator made, as one picture: a row an epoch. */
export type ShownAlbum = Picture & z.infer<typeof factsSchema>;

/** Writes what the generators of one seed's models made; nothing when none of them had one. */
export async function writeAlbums(
  folder: string,
  models: readonly Pick<TrainedModel, 'name' | 'synthetic'>[],
): Promise<void> {
  const albums = models.flatMap(({ name, synthetic }) => {
    if (!synthetic || synthetic.album.length === 0) return [];
    const { shape, album } = synthetic;
    const pages = spread(album);
    const area = shape[0] * shape[1] * shape[2];
    const columns = pages[0]!.pixels.length / area;
    const rows = pages.map(({ pixels }) =>
      Array.from({ length: columns }, (_, at) => pixels.subarray(at * area, (at + 1) * area)),
    );
    return [{ rows, shape, facts: { model: name, epochs: pages.map(({ epoch }) => epoch), columns } }];
  });
  await writePictures(folder, LIST, albums);
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
export function readAlbums(folder: string): Promise<ShownAlbum[]> {
  return readPictures(folder, LIST, factsSchema);
}

/** Some pictures of each set beside the results: `sheets/N.webp` and `sheets/sheets.json`. Node only. */
import { z } from 'zod';
import type { ContactSheet } from '../experiments/index.ts';
import { type Picture, readPictures, writePictures } from './picture-index.ts';

const factsSchema = z.object({
  name: z.string(),
  role: z.string(),
  /** How many pictures the set has. */
  count: z.number(),
  /** How many of them are here. */
  shown: z.number(),
});

/** The pictures of one set, as one picture. */
export type Sheet = Picture & z.infer<typeof factsSchema>;

/** As many fit beside each other on a phone. */
const COLUMNS = 6;
const LIST = 'sheets.json';

/** Writes a sheet for each set, and what they are. */
export async function writeSheets(folder: string, sheets: readonly ContactSheet[]): Promise<void> {
  await writePictures(
    folder,
    LIST,
    sheets.map(({ name, role, count, shape, indices, pixels }) => {
      const area = shape[0] * shape[1] * shape[2];
      const pictures = indices.map((_, at) => pixels.subarray(at * area, (at + 1) * area));
      const rows = Array.from({ length: Math.ceil(pictures.length / COLUMNS) }, (_, row) =>
        pictures.slice(row * COLUMNS, (row + 1) * COLUMNS),
      );
      return { rows, shape, facts: { name, role, count, shown: indices.length } };
    }),
  );
}

/**
 * Reads what {@link writeSheets} wrote; nothing when the folder has none.
 *
 * @throws OutlierExposureError `invalid-file` when it is damaged
 */
export function readSheets(folder: string): Promise<Sheet[]> {
  return readPictures(folder, LIST, factsSchema);
}

/** Some pictures of each set beside the results: `sheets/N.webp` and `sheets/sheets.json`. Node only. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OutlierExposureError } from '../errors.ts';
import type { ContactSheet } from '../experiments/index.ts';
import { readFileBounded, writeFileAtomic } from '../files/atomic.ts';
import { isFileName } from './samples.ts';
import { tileSheet } from './tile-sheet.ts';

/** The pictures of one set, as one picture. */
export interface Sheet {
  name: string;
  role: string;
  /** How many pictures the set has. */
  count: number;
  /** How many of them are here. */
  shown: number;
  /** Of the whole sheet, in pixels. */
  width: number;
  height: number;
  webp: Uint8Array;
}

/** As many fit beside each other on a phone. */
const COLUMNS = 6;
/** The report is one file. */
const MAX_SIDE = 64;
const QUALITY = 90;
const MAX_INDEX_BYTES = 2 ** 20;
const MAX_SHEET_BYTES = 2 ** 20;

const side = z.number().int().min(1).max(4096);
const indexSchema = z
  .array(
    z.object({
      file: z.string(),
      name: z.string(),
      role: z.string(),
      count: z.number(),
      shown: z.number(),
      width: side,
      height: side,
    }),
  )
  .max(200);

/** Writes a sheet for each set, and what they are. */
export async function writeSheets(folder: string, sheets: readonly ContactSheet[]): Promise<void> {
  if (sheets.length === 0) return;
  await mkdir(folder, { recursive: true });
  const index: z.infer<typeof indexSchema> = [];
  for (const [i, { name, role, count, shape, indices, pixels }] of sheets.entries()) {
    const area = shape[0] * shape[1] * shape[2];
    const pictures = indices.map((_, at) => pixels.subarray(at * area, (at + 1) * area));
    const rows = Array.from({ length: Math.ceil(pictures.length / COLUMNS) }, (_, row) =>
      pictures.slice(row * COLUMNS, (row + 1) * COLUMNS),
    );
    const { sheet } = await tileSheet(rows, shape, { maxSide: MAX_SIDE });
    const { data, info } = await sheet
      .webp({ quality: QUALITY, smartSubsample: true })
      .toBuffer({ resolveWithObject: true });
    // Numbers, since a set's name need not be a file's.
    const file = `${i + 1}.webp`;
    await writeFileAtomic(join(folder, file), data);
    const { width, height } = info;
    index.push({ file, name, role, count, shown: indices.length, width, height });
  }
  await writeFileAtomic(join(folder, 'sheets.json'), `${JSON.stringify(index, null, 2)}\n`);
}

/**
 * Reads what {@link writeSheets} wrote; nothing when the folder has none.
 *
 * @throws OutlierExposureError `invalid-file` when it is damaged
 */
export async function readSheets(folder: string): Promise<Sheet[]> {
  const path = join(folder, 'sheets.json');
  if (!existsSync(path)) return [];
  const bytes = await readFileBounded(path, { what: 'list of sheets', maxBytes: MAX_INDEX_BYTES });
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
  const sheets: Sheet[] = [];
  for (const { file, ...facts } of index) {
    // A list from elsewhere must not lead out of its folder.
    if (!isFileName(file) || !existsSync(join(folder, file))) continue;
    const webp = await readFileBounded(join(folder, file), { what: 'picture', maxBytes: MAX_SHEET_BYTES });
    sheets.push({ ...facts, webp });
  }
  return sheets;
}

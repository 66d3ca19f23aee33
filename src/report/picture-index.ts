/** Pictures in a folder, with a list of them beside: contact sheets, and what generators made. Node only. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OutlierExposureError } from '../errors.ts';
import { readFileBounded, writeFileAtomic } from '../files/atomic.ts';
import { isFileName } from './samples.ts';
import { tileSheet } from './tile-sheet.ts';

/** A picture of many tiles, as the report shows it. */
export interface Picture {
  /** Of the whole picture, in pixels. */
  width: number;
  height: number;
  webp: Uint8Array;
}

/** The report is one file. */
const MAX_SIDE = 64;
const QUALITY = 90;
const MAX_INDEX_BYTES = 2 ** 20;
const MAX_PICTURE_BYTES = 2 ** 22;
const MAX_PICTURES = 200;

const side = z.number().int().min(1).max(4096);
/** What every entry of a list has. */
const placed = z.object({ file: z.string(), width: side, height: side });

/** Images in rows, each with the facts that go into the list. */
export interface Tiles<Facts> {
  rows: readonly (readonly Float32Array[])[];
  /** Of one image. */
  shape: readonly [channels: number, height: number, width: number];
  facts: Facts;
}

/** Writes `1.webp`, `2.webp`, … and the list of them; nothing when there are none. */
export async function writePictures<Facts extends object>(
  folder: string,
  list: string,
  pictures: readonly Tiles<Facts>[],
): Promise<void> {
  if (pictures.length === 0) return;
  await mkdir(folder, { recursive: true });
  const index = [];
  for (const [i, { rows, shape, facts }] of pictures.entries()) {
    const { sheet } = await tileSheet(rows, shape, { maxSide: MAX_SIDE });
    const { data, info } = await sheet
      .webp({ quality: QUALITY, smartSubsample: true })
      .toBuffer({ resolveWithObject: true });
    // Numbers, since a set's name need not be a file's.
    const file = `${i + 1}.webp`;
    await writeFileAtomic(join(folder, file), data);
    index.push({ file, ...facts, width: info.width, height: info.height });
  }
  await writeFileAtomic(join(folder, list), `${JSON.stringify(index, null, 2)}\n`);
}

/**
 * Reads what {@link writePictures} wrote; nothing when the folder has no list.
 *
 * @param facts what each entry must have beside its file and size
 * @throws OutlierExposureError `invalid-file` when the list is damaged
 */
export async function readPictures<Facts extends object>(
  folder: string,
  list: string,
  facts: z.ZodType<Facts>,
): Promise<(Facts & Picture)[]> {
  const path = join(folder, list);
  if (!existsSync(path)) return [];
  const bytes = await readFileBounded(path, { what: 'list of pictures', maxBytes: MAX_INDEX_BYTES });
  let index: (Facts & z.infer<typeof placed>)[];
  try {
    const entries = z.array(z.intersection(facts, placed)).max(MAX_PICTURES);
    index = entries.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is damaged; remove ${folder} to get a report without these pictures, or run the experiment again.`,
      { cause: error },
    );
  }
  const pictures: (Facts & Picture)[] = [];
  for (const { file, ...entry } of index) {
    // A list from elsewhere must not lead out of its folder.
    if (!isFileName(file) || !existsSync(join(folder, file))) continue;
    const webp = await readFileBounded(join(folder, file), { what: 'picture', maxBytes: MAX_PICTURE_BYTES });
    pictures.push({ ...(entry as unknown as Facts & Picture), webp });
  }
  return pictures;
}

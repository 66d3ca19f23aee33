/** Pictures of the extremes beside the results: `samples/MODEL/SET.png` and `samples/MODEL/samples.json`. Node only. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { OutlierExposureError } from '../errors.ts';
import type { ExtremeImage, Extremes } from '../evaluation/index.ts';
import { readFileBounded, writeFileAtomic } from '../files/atomic.ts';
import { tileSheet } from './tile-sheet.ts';

/** One picture of a set, as a small PNG of its own. */
export interface Sample extends Omit<ExtremeImage, 'pixels'> {
  png: Uint8Array;
}

export interface SampleSet {
  /** The detector by which they were chosen. */
  score: string;
  width: number;
  height: number;
  most: Sample[];
  least: Sample[];
}

/** Larger pictures are shrunk: the report is one file. */
const MAX_SIDE = 64;
const MAX_BYTES = 2 ** 24;

const example = z.object({
  index: z.number(),
  scores: z.record(z.string(), z.number()),
  predicted: z.number(),
  label: z.number().optional(),
});
const side = z.number().int().min(1).max(MAX_SIDE);
const indexSchema = z.record(
  z.string(),
  z.object({
    file: z.string(),
    score: z.string(),
    width: side,
    height: side,
    most: z.array(example).max(64),
    least: z.array(example).max(64),
  }),
);

/** Writes a sheet of pictures for each set, the most anomalous in the first row, and what they are. */
export async function writeSamples(folder: string, extremes: Record<string, Extremes>): Promise<void> {
  const entries = Object.entries(extremes).flatMap(([name, set]) =>
    'shape' in set ? [[name, set] as const] : [],
  );
  if (entries.length === 0) return;
  await mkdir(folder, { recursive: true });
  const index: z.infer<typeof indexSchema> = {};
  for (const [name, { shape, score, most, least }] of entries) {
    const rows = [most, least].map((row) => row.map(({ pixels }) => pixels));
    const { sheet, size } = await tileSheet(rows, shape, { maxSide: MAX_SIDE });
    const file = `${name}.png`;
    await writeFileAtomic(join(folder, file), await sheet.png().toBuffer());
    const facts = ({ pixels: _, ...rest }: ExtremeImage) => rest;
    index[name] = { file, score, ...size, most: most.map(facts), least: least.map(facts) };
  }
  await writeFileAtomic(join(folder, 'samples.json'), `${JSON.stringify(index, null, 2)}\n`);
}

/**
 * Reads what {@link writeSamples} wrote; nothing when the folder has none.
 *
 * @throws OutlierExposureError `invalid-file` when it is damaged
 */
export async function readSamples(folder: string): Promise<Map<string, SampleSet>> {
  const path = join(folder, 'samples.json');
  const sets = new Map<string, SampleSet>();
  if (!existsSync(path)) return sets;
  const text = new TextDecoder().decode(
    await readFileBounded(path, { what: 'list of samples', maxBytes: MAX_BYTES }),
  );
  const damaged = (file: string, cause: unknown) =>
    new OutlierExposureError(
      'invalid-file',
      `${file} is damaged; remove ${folder} to get a report without pictures, or run the experiment again.`,
      { cause },
    );
  let index: z.infer<typeof indexSchema>;
  try {
    index = indexSchema.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(path, error);
  }
  for (const [name, { file, width, height, ...set }] of Object.entries(index)) {
    // A list from elsewhere must not lead out of its folder.
    if (!isFileName(file) || !existsSync(join(folder, file))) continue;
    const sheet = await readFileBounded(join(folder, file), { what: 'picture', maxBytes: MAX_BYTES });
    const cut = async (list: typeof set.most, y: number): Promise<Sample[]> =>
      Promise.all(
        list.map(async ({ label, ...facts }, x) => ({
          ...facts,
          ...(label === undefined ? {} : { label }),
          png: await sharp(sheet, { limitInputPixels: 2 ** 24 })
            .extract({ left: x * width, top: y * height, width, height })
            .png({ compressionLevel: 9 })
            .toBuffer(),
        })),
      );
    try {
      sets.set(name, {
        score: set.score,
        width,
        height,
        most: await cut(set.most, 0),
        least: await cut(set.least, 1),
      });
    } catch (error) {
      throw damaged(join(folder, file), error);
    }
  }
  return sets;
}

/** Whether a name from a file is a plain file name, and no way to somewhere else. */
export function isFileName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  return name.length > 0 && name.length < 200 && !/[/\\\u0000-\u001f]/.test(name) && !name.startsWith('.');
}

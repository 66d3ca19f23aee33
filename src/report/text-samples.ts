/** Texts beside the results: the extremes as `samples/MODEL/texts.json`, some of each set as `sheets/texts.json`. Node only. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Tokenizer } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { ExtremeExample, Extremes, ExtremeText } from '../evaluation/index.ts';
import { type ReadText, readText, type TextSheet } from '../experiments/text-sheet.ts';
import { readFileBounded, writeFileAtomic } from '../files/atomic.ts';

/** One text of a set, with the words that the model knows told apart. */
export interface TextSample extends ExtremeExample, ReadText {}

export interface TextSampleSet {
  /** The detector by which they were chosen. */
  score: string;
  most: TextSample[];
  least: TextSample[];
}

const FILE = 'texts.json';
const MAX_BYTES = 2 ** 24;

const words = {
  words: z.array(z.string()).max(200),
  unknown: z.array(z.number().int().nonnegative()).max(200),
  cut: z.boolean(),
};
const sample = z
  .object({
    index: z.number(),
    scores: z.record(z.string(), z.number()),
    predicted: z.number(),
    label: z.number().optional(),
    ...words,
  })
  .transform(({ label, ...rest }) => ({ ...rest, ...(label === undefined ? {} : { label }) }));
const list = z.array(sample).max(64);
const samplesSchema = z.record(z.string(), z.object({ score: z.string(), most: list, least: list }));
const sheetsSchema = z
  .array(
    z.object({
      name: z.string(),
      role: z.string(),
      count: z.number(),
      texts: z.array(z.object(words)).max(64),
    }),
  )
  .max(200);

/** Texts of each set that is shown to readers of the report; the role as it was written. */
export type ShownTexts = Omit<TextSheet, 'role'> & { role: string };

/** Writes the extremes of each set of texts; nothing when there are none. */
export async function writeTextSamples(
  folder: string,
  extremes: Readonly<Record<string, Extremes>>,
  tokenizer: Tokenizer,
): Promise<void> {
  const asRead = ({ text, ...facts }: ExtremeText) => ({ ...facts, ...readText(text, tokenizer) });
  const sets: Record<string, TextSampleSet> = {};
  for (const [name, set] of Object.entries(extremes)) {
    if ('shape' in set) continue;
    sets[name] = { score: set.score, most: set.most.map(asRead), least: set.least.map(asRead) };
  }
  if (Object.keys(sets).length === 0) return;
  await write(folder, sets);
}

/**
 * Reads what {@link writeTextSamples} wrote; nothing when the folder has none.
 *
 * @throws OutlierExposureError `invalid-file` when it is damaged
 */
export async function readTextSamples(folder: string): Promise<Map<string, TextSampleSet>> {
  return new Map(Object.entries((await read(folder, samplesSchema)) ?? {}));
}

/** Writes some texts of each set. */
export async function writeTextSheets(folder: string, sheets: readonly TextSheet[]): Promise<void> {
  if (sheets.length > 0) await write(folder, sheets);
}

/**
 * Reads what {@link writeTextSheets} wrote; nothing when the folder has none.
 *
 * @throws OutlierExposureError `invalid-file` when it is damaged
 */
export async function readTextSheets(folder: string): Promise<ShownTexts[]> {
  return (await read(folder, sheetsSchema)) ?? [];
}

async function write(folder: string, content: unknown): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(folder, FILE), `${JSON.stringify(content, null, 1)}\n`);
}

async function read<T>(folder: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const path = join(folder, FILE);
  if (!existsSync(path)) return undefined;
  const bytes = await readFileBounded(path, { what: 'list of texts', maxBytes: MAX_BYTES });
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is damaged; remove ${folder} to get a report without these texts, or run the experiment again.`,
      { cause: error },
    );
  }
}

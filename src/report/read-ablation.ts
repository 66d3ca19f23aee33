/** An ablation's results.json, read back. Node only. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { OutlierExposureError } from '../errors.ts';
import type { AblationResults } from '../experiments/index.ts';
import { readFileBounded } from '../files/atomic.ts';

const MAX_RESULTS = 2 ** 26;

const spread = z.looseObject({ fpr: z.number(), auroc: z.number(), aupr: z.number() });
const measurements = {
  models: z
    .array(z.looseObject({ name: z.string(), testError: z.number(), testErrorStd: z.number().optional() }))
    .min(2),
  rows: z
    .array(
      z.looseObject({
        model: z.string(),
        score: z.string(),
        set: z.string(),
        fpr: z.number(),
        auroc: z.number(),
        aupr: z.number(),
        seedStd: spread.optional(),
      }),
    )
    .min(1),
};
const training = z.looseObject({
  outliers: z.looseObject({ name: z.string(), count: z.number() }),
  objective: z.string(),
  lambda: z.number(),
  batch: z.looseObject({ inliers: z.number(), outliers: z.number() }),
  epochs: z.number(),
  learningRate: z.number(),
  order: z.string(),
  start: z.string(),
});
const schema = z
  .looseObject({
    ablation: z.string(),
    title: z.string(),
    question: z.string(),
    factor: z.string(),
    levelsAre: z.enum(['ordered', 'kinds']),
    paper: z.string(),
    subject: z.looseObject({ one: z.string(), many: z.string() }),
    startedAt: z.string(),
    n: z.number(),
    config: z.record(z.string(), z.unknown()),
    flags: z.array(z.string()),
    notes: z.array(z.string()),
    seeds: z.array(z.number()).min(1),
    levels: z
      .array(
        z.looseObject({
          name: z.string(),
          title: z.string(),
          score: z.string(),
          training: training.optional(),
        }),
      )
      .min(2),
    ...measurements,
    data: z.array(
      z.looseObject({ name: z.string(), role: z.string(), count: z.number(), fingerprint: z.string() }),
    ),
    versions: z.record(z.string(), z.string()),
    machine: z.looseObject({ cpu: z.string(), cores: z.number() }),
    durations: z.record(z.string(), z.number()),
  })
  .refine(
    ({ levels, models, rows }) =>
      levels.every(
        ({ name }) =>
          models.some((model) => model.name === name) &&
          rows.some(({ model, set }) => model === name && set === 'mean'),
      ),
    { message: 'a level was not measured', path: ['levels'] },
  );

/**
 * The ablation whose folder it is; nothing for any other folder.
 *
 * @throws OutlierExposureError `invalid-file` when its results are damaged
 */
export async function readAblation(folder: string): Promise<AblationResults | undefined> {
  const path = join(folder, 'results.json');
  if (!existsSync(path)) return undefined;
  const bytes = await readFileBounded(path, { what: 'results file', maxBytes: MAX_RESULTS });
  return parseAblation(new TextDecoder().decode(bytes), path);
}

/** @param path what to call it in errors */
export function parseAblation(text: string, path: string): AblationResults | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Who reads runs says what is wrong.
    return undefined;
  }
  if (typeof json !== 'object' || json === null || !('ablation' in json)) return undefined;
  const result = schema.safeParse(json);
  if (result.success) return result.data as unknown as AblationResults;
  const { path: where, message } = result.error.issues[0]!;
  throw new OutlierExposureError(
    'invalid-file',
    `${path} is damaged: ${where.length > 0 ? `"${where.map(String).join('.')}"` : 'its top level'} is not as expected (${message}); run the ablation again.`,
  );
}

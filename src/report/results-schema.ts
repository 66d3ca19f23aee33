/** What results.json has to be before a report is built from it. Keys that are not known are let through. */
import { z } from 'zod';
import { OutlierExposureError } from '../errors.ts';
import { packageVersion } from '../experiments/environment.ts';
import type { ExperimentResults } from '../experiments/results.ts';

const spread = z.looseObject({ fpr: z.number(), auroc: z.number(), aupr: z.number() });
const row = z.looseObject({
  model: z.string(),
  score: z.string(),
  set: z.string(),
  fpr: z.number(),
  n: z.number(),
  auroc: z.number(),
  aupr: z.number(),
  auprIn: z.number(),
  detectionError: z.number(),
  inCount: z.number(),
  outCount: z.number(),
  seedStd: spread.optional(),
  drawStd: spread.optional(),
});
const measurements = {
  models: z
    .array(z.looseObject({ name: z.string(), testError: z.number(), testErrorStd: z.number().optional() }))
    .min(1),
  rows: z.array(row).min(1),
  validationRows: z.array(row),
  errorDetection: z.array(row),
};
const numbers = z.record(z.string(), z.number());

const schema = z.looseObject({
  experiment: z.string(),
  title: z.string(),
  subject: z.looseObject({ one: z.string(), many: z.string() }).optional(),
  examples: z.enum(['images', 'texts']).optional(),
  classes: z.array(z.string()).optional(),
  startedAt: z.string(),
  config: z.record(z.string(), z.unknown()),
  flags: z.array(z.string()).optional(),
  notes: z.array(z.string()).optional(),
  seeds: z.array(z.number()).min(1),
  draws: z.number(),
  ...measurements,
  perSeed: z.array(z.looseObject({ seed: z.number(), ...measurements })).min(1),
  published: z.looseObject({
    source: z.string(),
    note: z.string().optional(),
    n: z.number(),
    testError: numbers,
    rows: z.record(z.string(), z.record(z.string(), spread)),
  }),
  training: z.array(
    z.looseObject({
      seed: z.number(),
      model: z.string(),
      seconds: z.number(),
      stallShare: z.number(),
      history: z.array(
        z.looseObject({
          epoch: z.number(),
          losses: numbers,
          learningRate: z.number(),
          seconds: z.number(),
        }),
      ),
    }),
  ),
  data: z.array(
    z.looseObject({ name: z.string(), role: z.string(), count: z.number(), fingerprint: z.string() }),
  ),
  versions: z.record(z.string(), z.string()),
  machine: z.looseObject({
    cpu: z.string(),
    cores: z.number(),
    memoryBytes: z.number(),
    os: z.string(),
  }),
  durations: numbers,
  peakMemoryBytes: z.number(),
});

/**
 * Parses the text of results.json.
 *
 * @param path what to call it in errors
 * @throws OutlierExposureError `invalid-file` when it is damaged, `unsupported` when another version wrote it differently
 */
export function parseResults(text: string, path: string): ExperimentResults {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is damaged: it is not JSON (${(error as Error).message}); run the experiment again.`,
      { cause: error },
    );
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data as unknown as ExperimentResults;
  const { path: where, message } = result.error.issues[0]!;
  const place = where.length > 0 ? `"${where.map(String).join('.')}"` : 'its top level';
  const version = versionOf(json);
  if (version !== undefined && version !== packageVersion()) {
    throw new OutlierExposureError(
      'unsupported',
      `${path} was written by version ${version.slice(0, 40)} of this package, and ${packageVersion()} cannot read it (${place}: ${message}); use that version, or run the experiment again.`,
    );
  }
  throw new OutlierExposureError(
    'invalid-file',
    `${path} is damaged: ${place} is not as expected (${message}); run the experiment again.`,
  );
}

function versionOf(json: unknown): string | undefined {
  const found = z
    .looseObject({ versions: z.looseObject({ 'outlier-exposure': z.string() }) })
    .safeParse(json);
  return found.success ? found.data.versions['outlier-exposure'] : undefined;
}

/** What a classifier was exposed to, as the record beside it says: the outliers themselves, where they are still there. */
import { z } from 'zod';
import { type ExampleSet, isMade } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { readFileBounded } from '../files/atomic.ts';
import type { Classifier } from './models.ts';
import { type OpenSetsRun, openForClassifier } from './open-for-classifier.ts';
import { recordPath } from './training/record.ts';

/** Histories of long trainings take less. */
const MAX_BYTES = 2 ** 26;
const ROLE = 'outliers for training';

const optional = <Kind extends z.ZodType>(kind: Kind) =>
  kind.nullish().transform((value) => value ?? undefined);
const schema = z.object({
  settings: z.object({
    outliers: z.union([z.string(), z.array(z.string())]),
    split: optional(z.string()),
    layout: optional(z.enum(['nhwc', 'nchw'])),
    resize: optional(z.enum(['fit', 'stretch'])),
    encoding: optional(z.enum(['utf-8', 'latin1'])),
  }),
  data: z.array(z.object({ role: z.string(), fingerprint: z.string() })),
});

/**
 * The outliers that the classifier was trained with, opened as its record says.
 *
 * @returns nothing without a record, for made outliers, and where the files are gone or have changed since
 */
export async function exposedTo(
  classifier: Classifier,
  { signal, onProgress, opened }: Omit<OpenSetsRun, 'options'>,
): Promise<ExampleSet | undefined> {
  const record = await recordOf(classifier.path);
  if (!record) return undefined;
  const { outliers, split = 'train', layout, resize, encoding } = record.settings;
  const paths = [outliers].flat();
  if (paths.some(isMade)) return undefined;
  const options = classifier.tokenizer ? { split, encoding } : { split, layout, resize };
  let set: ExampleSet;
  try {
    const which = { labelled: 'none' } as const;
    const run = { options, signal, onProgress, opened };
    set = await openForClassifier(classifier, 'outliers of the training', paths, which, run);
  } catch (error) {
    if (error instanceof OutlierExposureError) return undefined;
    throw error;
  }
  const same = record.data.some(({ role, fingerprint }) => role === ROLE && fingerprint === set.fingerprint);
  return same ? set : undefined;
}

async function recordOf(path: string): Promise<z.infer<typeof schema> | undefined> {
  try {
    const what = 'record of a training (JSON)';
    const bytes = await readFileBounded(recordPath(path), { what, maxBytes: MAX_BYTES });
    return schema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    // Any file of this name may lie there; without a record there is nothing to compare with.
    return undefined;
  }
}

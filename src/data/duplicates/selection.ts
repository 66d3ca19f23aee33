/** A cleaned set as a file: which examples of which files are left out, and why. The one format of what is excluded. */
import { z } from 'zod';
import { OutlierExposureError } from '../../errors.ts';
import { TEXT_FORMATS } from '../text/formats/index.ts';

/** What marks the file. */
export const SELECTION_FORMAT = 'outlier-exposure-selection';

/** Why examples are left out. */
export const REMOVAL_REASONS = ['class', 'exact', 'near', 'embedding', 'repeated', 'unreadable'] as const;
export type RemovalReason = (typeof REMOVAL_REASONS)[number];

const index = z.number().int().nonnegative().max(0xfffffffe);
const text = z.string().max(4096);
const setSchema = z.strictObject({
  /** As seen from the file's folder, or absolute. */
  path: text.min(1),
  /** How many examples it has. */
  length: z.number().int().positive().max(0xfffffffe),
  /** Of its content: a set that has changed since is refused. */
  fingerprint: text.max(2 ** 16),
});

/** The schema of the file. */
export const selectionSchema = z.strictObject({
  format: z.literal(SELECTION_FORMAT),
  version: z.literal(1),
  kind: z.enum(['images', 'texts']),
  /** The files that were cleaned; their examples are numbered through. */
  sets: z.array(setSchema).min(1).max(10_000),
  /** How they are read, where that was said. */
  reading: z.strictObject({
    split: text.optional(),
    layout: z.enum(['nhwc', 'nchw']).optional(),
    textFormat: z.enum(TEXT_FORMATS).optional(),
    textColumn: text.optional(),
    labelColumn: text.optional(),
    encoding: z.enum(['utf-8', 'latin1']).optional(),
  }),
  /** The numbers of examples that are left out, by reason. */
  removed: z.partialRecord(z.enum(REMOVAL_REASONS), z.array(index)),
  /** What it was compared with. */
  against: z.array(
    z.strictObject({ name: text, length: z.number().int().nonnegative(), fingerprint: text.max(2 ** 16) }),
  ),
  settings: z.record(text, z.union([z.string(), z.number(), z.array(z.string())])),
});

export type Selection = z.infer<typeof selectionSchema>;

/** Whether JSON means to be a selection: the rest may still be wrong. */
export function isSelection(json: unknown): boolean {
  return (
    typeof json === 'object' && json !== null && (json as { format?: unknown }).format === SELECTION_FORMAT
  );
}

/**
 * A selection from a file's JSON.
 *
 * @param name the file, for errors
 * @throws OutlierExposureError `invalid-file` for what is damaged
 */
export function parseSelection(json: unknown, { name }: { name: string }): Selection {
  const parsed = selectionSchema.safeParse(json);
  const fail = (detail: string): never => {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is no cleaned set: ${detail}; write it anew with \`oe data dedup\`.`,
    );
  };
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return fail(`${issue.path.join('.') || 'its content'}: ${issue.message}`);
  }
  const length = lengthOf(parsed.data);
  for (const [reason, indices] of Object.entries(parsed.data.removed))
    if (indices.some((one) => one >= length))
      return fail(`"${reason}" names an example beyond the ${length} that there are`);
  return parsed.data;
}

/** How many examples the set had before it was cleaned. */
export function lengthOf({ sets }: Pick<Selection, 'sets'>): number {
  return sets.reduce((sum, { length }) => sum + length, 0);
}

/**
 * The numbers of the examples that stay, ascending.
 *
 * @throws OutlierExposureError `invalid-argument` when none do
 */
export function keptIn(selection: Selection, { name }: { name: string }): Uint32Array {
  const gone = new Uint8Array(lengthOf(selection));
  for (const indices of Object.values(selection.removed)) for (const one of indices) gone[one] = 1;
  const kept = new Uint32Array(gone.reduce((sum, one) => sum + 1 - one, 0));
  let at = 0;
  for (let i = 0; i < gone.length; i++) if (!gone[i]) kept[at++] = i;
  if (kept.length > 0) return kept;
  throw new OutlierExposureError(
    'invalid-argument',
    `${name} leaves nothing of its set: all examples are left out.`,
  );
}

/** A set's fingerprint without how it was read, which may be another way the next time. */
export function contentFingerprint(fingerprint: string): string {
  return fingerprint.replace(/, (read as|fitted to|stretched to) .*$/s, '');
}

/**
 * Makes sure that a set that was opened is the one that was cleaned.
 *
 * @param opened what the file's paths hold, in their order
 * @throws OutlierExposureError `invalid-argument` when it is another
 */
export function checkUnchanged(
  { sets }: Selection,
  opened: readonly { length: number; fingerprint: string }[],
  { name }: { name: string },
): void {
  for (const [i, set] of sets.entries()) {
    const found = opened[i];
    if (found?.length === set.length && contentFingerprint(found.fingerprint) === set.fingerprint) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `${name} was made for ${set.path} with ${set.length} examples, which is another set now${found && found.length !== set.length ? ` with ${found.length}` : ''}: run \`oe data dedup\` again.`,
    );
  }
}

/** The file of a threshold: what flags outliers, and what is to be expected of it. Small, JSON, for people to read too. */
import { z } from 'zod';
import { configured, type FittedDetector, findDetector, readFitted, settingsOf } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';

const FORMAT = 'outlier-exposure/threshold';
const VERSION = 1;
/** A file of thousands of data sets would be smaller. */
const MOST_BYTES = 2 ** 20;

const share = z.number().min(0).max(1);
const rate = z.object({
  rate: share,
  interval: z.tuple([share, share]),
  flagged: z.int().min(0),
  count: z.int().min(1),
});
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');
const text = z.string().max(10_000);
const bound = z.number().nullable();

const schema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** What scores at least this is an outlier. */
  threshold: z.number(),
  detector: z.object({
    name: z.string().regex(/^[\w+.-]{1,100}$/, "expected a detector's name"),
    settings: z.record(z.string().max(100), z.number()),
    /** The name of the value that was taken for features, where it was named. */
    features: text.optional(),
    /** What it learned: a safetensors file in the same folder. */
    state: z
      .object({
        file: z.string().regex(/^(?!\.)[^/\\:\0]{1,255}$/, 'expected the name of a file in the same folder'),
        sha256,
      })
      .optional(),
  }),
  /** The ONNX file that was scored. */
  model: z.object({ name: text, sha256 }),
  /** How the threshold was chosen. */
  rule: z.union([
    z.strictObject({ fpr: share }),
    z.strictObject({ tpr: share }),
    z.strictObject({ cost: z.number().positive(), prevalence: share.optional() }),
  ]),
  /** Of the threshold; null where it is open. */
  interval: z.tuple([bound, bound]).optional(),
  /** In-distribution examples that are flagged, and outliers that are found; shares with 95 % confidence intervals. */
  fpr: rate,
  tpr: rate.optional(),
  /** Each set of outliers by itself. */
  sets: z.array(z.object({ name: text, ...rate.shape })),
  /** How often the classifier errs on in-distribution examples: on all, and on those that are not flagged. */
  error: z.object({ all: rate, kept: rate }).optional(),
  data: z.array(z.object({ role: text, name: text, count: z.int().min(0), fingerprint: text })),
  versions: z.record(z.string().max(100), text),
});

/** What a threshold's file holds. Shares are fractions, 0 to 1. */
export type ThresholdFile = z.infer<typeof schema>;

/** The file's text, without the two entries that say what it is. */
export function writeThreshold(file: Omit<ThresholdFile, 'format' | 'version'>): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...file }, undefined, 2)}\n`;
}

/**
 * Reads what {@link writeThreshold} wrote.
 *
 * @param name what errors call the file
 * @throws OutlierExposureError `invalid-file` when it is no such file or a damaged one, `unsupported` when a later version
 * wrote it
 */
export function readThreshold(bytes: Uint8Array, name = 'the file'): ThresholdFile {
  const fail = (detail: string): never => {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is no file of a threshold: ${detail}; write it with oe threshold.`,
    );
  };
  if (bytes.length > MOST_BYTES)
    return fail(`it has ${bytes.length} bytes, where at most ${MOST_BYTES} were expected`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return fail('it is not JSON');
  }
  const head = z.object({ format: z.literal(FORMAT), version: z.int().min(1) }).safeParse(json);
  if (!head.success) return fail(`its "format" is not "${FORMAT}", or its "version" no number`);
  if (head.data.version > VERSION) {
    throw new OutlierExposureError(
      'unsupported',
      `${name} is of version ${head.data.version} of its format, and this package reads ${VERSION}: use a newer one, or choose the threshold again.`,
    );
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  return fail(
    `its "${path.map(String).join('.').slice(0, 200)}" is not as expected (${message.slice(0, 200)})`,
  );
}

/**
 * The detector of a threshold's file, ready to score.
 *
 * @param state the bytes of `file.detector.state.file`, where it has one
 * @param name what errors call the threshold's file
 * @throws OutlierExposureError `invalid-file` when there is no such detector, or its state is missing or another's
 */
export function thresholdDetector(
  file: ThresholdFile,
  state?: Uint8Array,
  name = 'the file',
): FittedDetector {
  const { name: wanted, settings, state: kept } = file.detector;
  const fail = (detail: string): never => {
    throw new OutlierExposureError('invalid-file', `${name} cannot be used: ${detail}`);
  };
  const known = () => {
    try {
      return configured(findDetector(wanted), settings);
    } catch (error) {
      if (error instanceof OutlierExposureError) return fail(error.message);
      throw error;
    }
  };
  const detector = known();
  if (!kept) {
    if (!detector.fit) return { detector, state: {} };
    return fail(
      `it does not name the file that holds what the detector ${wanted} learned; choose the threshold again.`,
    );
  }
  if (!state) return fail(`what the detector ${wanted} learned was not given: it is in ${kept.file}.`);
  const fitted = readFitted(state, kept.file);
  const asText = (values: Record<string, number>) => JSON.stringify(Object.entries(values).sort());
  if (
    fitted.detector.name !== detector.name ||
    asText(settingsOf(fitted.detector)) !== asText(settingsOf(detector))
  )
    return fail(
      `${kept.file} belongs to another detector, or to other settings; choose the threshold again.`,
    );
  return fitted;
}

/** What the drift monitor has seen, kept in a file over restarts. */
import { z } from 'zod';
import { OutlierExposureError } from '../errors.ts';
import { readFileBounded, writeFileAtomic } from '../files/atomic.ts';
import type { DriftMonitor } from '../guard/index.ts';

/** What a monitor watches: another model's scores, or another detector's, do not go on from its state. */
export interface Watched {
  /** The model's SHA-256. */
  model: string;
  /** The detector's name. */
  detector: string;
}

const FORMAT = 'outlier-exposure/served-drift';
/** A monitor of a billion scores takes less. */
const MAX_BYTES = 2 ** 24;

const schema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  model: z.string(),
  detector: z.string(),
  monitor: z.unknown(),
});

/**
 * Reads what another server kept.
 *
 * @returns the state of its monitor, which the monitor checks; undefined where there is no such file yet
 * @throws OutlierExposureError `invalid-file` for a file that is no such state, `invalid-argument` for one of another model or
 * detector
 */
export async function readDriftState(path: string, { model, detector }: Watched): Promise<unknown> {
  let bytes: Uint8Array;
  try {
    bytes = await readFileBounded(path, { what: 'state of the drift monitor', maxBytes: MAX_BYTES });
  } catch (error) {
    if (error instanceof OutlierExposureError && error.code === 'not-found') return undefined;
    throw error;
  }
  const state = parsed(bytes, path);
  if (state.model !== model)
    throw refused(
      path,
      `model (SHA-256 ${state.model.slice(0, 12)}…) than this one (${model.slice(0, 12)}…)`,
    );
  if (state.detector !== detector)
    throw refused(path, `detector, ${state.detector.slice(0, 100)}, than the threshold's, ${detector}`);
  return state.monitor;
}

/** Writes it whole or not at all. */
export function writeDriftState(
  path: string,
  { model, detector }: Watched,
  monitor: DriftMonitor,
): Promise<void> {
  const state: z.infer<typeof schema> = {
    format: FORMAT,
    version: 1,
    model,
    detector,
    monitor: monitor.state(),
  };
  return writeFileAtomic(path, JSON.stringify(state));
}

function parsed(bytes: Uint8Array, path: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (error) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} is no state of a drift monitor as oe serve keeps it: name another file, or remove it.`,
      { cause: error },
    );
  }
}

function refused(path: string, of: string): OutlierExposureError {
  return new OutlierExposureError(
    'invalid-argument',
    `${path} tells of another ${of}: name another file, or remove it.`,
  );
}

/** Thresholds on disk: the file, and beside it what its detector learned. Node only. */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type FittedDetector, settingsOf, writeFitted } from '../../detectors/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded, writeFileAtomic } from '../../files/atomic.ts';
import { readThreshold, type ThresholdFile, thresholdDetector, writeThreshold } from '../file.ts';

/** A threshold that is ready to be used. */
export interface OpenedThreshold {
  file: ThresholdFile;
  detector: FittedDetector;
}

/** What a caller says of a threshold; the detector comes with what it learned. */
export interface SavedThreshold extends Omit<ThresholdFile, 'format' | 'version' | 'detector'> {
  detector: FittedDetector;
  /** The name of the value that was taken for features, where it was named. */
  features?: string | undefined;
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * Writes a threshold's file, and beside it, named after it, a .safetensors file of what its detector learned.
 *
 * @returns the paths that were written
 */
export async function saveThreshold(
  path: string,
  { detector: fitted, features, threshold, ...rest }: SavedThreshold,
): Promise<string[]> {
  const { detector } = fitted;
  const written = [path];
  const described: ThresholdFile['detector'] = { name: detector.name, settings: settingsOf(detector) };
  if (features !== undefined) described.features = features;
  if (detector.fit) {
    const bytes = writeFitted(fitted);
    const file = `${basename(path).replace(/\.json$/i, '')}.safetensors`;
    described.state = { file, sha256: hashOf(bytes) };
    // Before the file that names it: a state without its file is nothing, a file without its state is an error.
    await writeFileAtomic(join(dirname(path), file), bytes);
    written.push(join(dirname(path), file));
  }
  await writeFileAtomic(path, writeThreshold({ threshold, detector: described, ...rest }));
  return written;
}

/**
 * Opens what {@link saveThreshold} wrote: its detector gives the same scores to the bit. Nothing outside the file's folder is
 * read.
 *
 * @throws OutlierExposureError when a file is missing, damaged, or not the one that was written with the other
 */
export async function openThreshold(path: string): Promise<OpenedThreshold> {
  const file = readThreshold(await readFileBounded(path, { what: "threshold's file (.json)" }), path);
  const { state } = file.detector;
  if (!state) return { file, detector: thresholdDetector(file, undefined, path) };
  const place = join(dirname(path), state.file);
  const bytes = await readFileBounded(place, { what: "fitted detector's file (.safetensors)" });
  if (hashOf(bytes) !== state.sha256) {
    throw new OutlierExposureError(
      'invalid-file',
      `${place} is not the file that was written with ${path} (its SHA-256 differs): keep the two together, or choose the threshold again.`,
    );
  }
  return { file, detector: thresholdDetector(file, bytes, path) };
}

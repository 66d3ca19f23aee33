/** What an exported model scores by: its threshold's detector. */
import { type FittedDetector, findDetector } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { ThresholdFile } from '../thresholds/index.ts';
import { openThreshold } from '../thresholds/node/index.ts';
import type { Classifier } from './models.ts';

/**
 * A threshold with its detector; nothing without a path.
 *
 * @throws OutlierExposureError `invalid-argument` when it was chosen for another model
 */
export async function thresholdFor(
  { path: model, sha256 }: Classifier,
  path: string | undefined,
): Promise<{ file: ThresholdFile; detector: FittedDetector } | undefined> {
  if (path === undefined) return undefined;
  const opened = await openThreshold(path);
  if (opened.file.model.sha256 === sha256) return opened;
  throw new OutlierExposureError(
    'invalid-argument',
    `${path} was chosen for another model, ${opened.file.model.name}: choose one for ${model} with oe threshold.`,
  );
}

/** @throws OutlierExposureError `invalid-argument` for a detector that learns from data first */
export function unfitted(name: string): FittedDetector {
  const detector = findDetector(name);
  if (!detector.fit) return { detector, state: {} };
  throw new OutlierExposureError(
    'invalid-argument',
    `The detector ${name} learns from data first: choose a threshold with it by oe threshold --fit, and give its file as --threshold.`,
  );
}

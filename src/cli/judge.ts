/** What `oe score` scores by: a detector, or a threshold's with the score from which on an example is an outlier. */
import { type Detector, type FittedDetector, findDetector } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { openThreshold } from '../thresholds/node/index.ts';
import { checkFit, type FitOptions } from './fit-set.ts';
import type { Classifier } from './models.ts';

export interface JudgeOptions extends FitOptions {
  detector?: string | undefined;
  threshold?: string | undefined;
  strict?: boolean | undefined;
}

export interface Judge {
  detector: Detector | FittedDetector;
  name: string;
  /** Detectors that learn before they score, if they do. */
  unfitted: Detector[];
  features?: string | undefined;
  /** What scores at least this is an outlier. */
  threshold?: number | undefined;
  /** The model that the threshold was chosen for. */
  model?: { name: string; sha256: string };
}

/**
 * @throws OutlierExposureError when there is no such detector or file, or options contradict each other
 */
export async function openJudge(options: JudgeOptions): Promise<Judge> {
  const { detector, threshold, features, strict, fit, fitLabels } = options;
  if (threshold === undefined) {
    if (strict) throw leaveOut('--strict', 'goes with --threshold');
    const found = findDetector(detector ?? 'msp');
    checkFit([found], { fit, fitLabels });
    return { detector: found, name: found.name, unfitted: [found], features };
  }
  const settled = { detector, fit, 'fit-labels': fitLabels, features };
  const given = Object.entries(settled).find(([, value]) => value !== undefined);
  if (given) throw leaveOut(`--${given[0]}`, 'is settled by the file of --threshold');
  const { file, detector: fitted } = await openThreshold(threshold);
  return {
    detector: fitted,
    name: file.detector.name,
    unfitted: [],
    features: file.detector.features,
    threshold: file.threshold,
    model: file.model,
  };
}

function leaveOut(option: string, why: string): OutlierExposureError {
  return new OutlierExposureError('invalid-argument', `${option} ${why}: leave it out.`);
}

/**
 * A threshold says nothing of another model's scores, which is told on standard error.
 *
 * @throws OutlierExposureError `invalid-argument` instead, with `strict`
 */
export function checkJudgedModel(
  { model }: Judge,
  { path, sha256 }: Classifier,
  { threshold, strict }: JudgeOptions,
): void {
  if (!model || model.sha256 === sha256) return;
  const sentence = `${threshold} was chosen for another model, ${model.name} (SHA-256 ${model.sha256.slice(0, 12)}…), than ${path} (${sha256.slice(0, 12)}…)`;
  const advice = 'choose one for this model with oe threshold.';
  if (strict) throw new OutlierExposureError('invalid-argument', `${sentence}: ${advice}`);
  process.stderr.write(`Warning: ${sentence}, so that its rates do not hold: ${advice}\n`);
}

/** All detectors, and how they are asked for by name. */
import { nearestName, OutlierExposureError } from '../errors.ts';
import { confidence } from './confidence.ts';
import type { Detector } from './detector.ts';
import {
  fdbd,
  gradNorm,
  knn,
  mahalanobis,
  nnguide,
  relativeMahalanobis,
  she,
  vim,
} from './features/index.ts';
import { energy, entropy, gen, klMatching, maxLogit, openMax, temperatureScaling } from './logits/index.ts';
import { msp } from './msp.ts';
import { type Rectifier, rectified } from './rectified.ts';
import { ashB, ashP, ashS, dice, react, scale } from './rectifiers/index.ts';
import { rejection } from './reject-class.ts';
import { mcDropout, mcDropoutMutualInformation, odin } from './rewriting/index.ts';
import { configured } from './settings.ts';
import { uniformCrossEntropy } from './uniform-ce.ts';

/** Detectors that stand alone. */
export const detectors: readonly Detector[] = [
  msp,
  uniformCrossEntropy,
  confidence,
  rejection,
  maxLogit,
  energy,
  entropy,
  gen,
  klMatching,
  temperatureScaling,
  openMax,
  mahalanobis,
  relativeMahalanobis,
  knn,
  vim,
  she,
  nnguide,
  fdbd,
  gradNorm,
  odin,
  mcDropout,
  mcDropoutMutualInformation,
];

/** What goes before a `+` and a detector that needs logits alone: `react+energy`. */
export const rectifiers: readonly Rectifier[] = [react, dice, ashP, ashB, ashS, scale];

/** What a rectifier named alone is followed by, as its paper has it. */
const SCORE_OF_RECTIFIERS = 'energy';

/**
 * A detector by its text: `NAME`, `RECTIFIER+NAME`, or either with settings, `NAME:KEY=VALUE,KEY=VALUE`.
 *
 * @throws OutlierExposureError `invalid-argument` for a name or parameter that does not exist, or a value out of range
 */
export function findDetector(text: string): Detector {
  const [name, ...rest] = text.split(':') as [string, ...string[]];
  const detector = byName(name.trim());
  if (rest.length === 0) return detector;
  const settings: Record<string, number> = {};
  for (const pair of rest.join(':').split(',')) {
    const [key, value, ...more] = pair.split('=').map((part) => part.trim());
    if (!key || !value || more.length > 0 || Number.isNaN(Number(value))) {
      throw new OutlierExposureError(
        'invalid-argument',
        `"${text}" sets no number by "${pair}": write ${name}:KEY=NUMBER, several with commas.`,
      );
    }
    settings[key] = Number(value);
  }
  return configured(detector, settings);
}

function byName(name: string): Detector {
  const found = detectors.find((detector) => detector.name === name);
  if (found) return found;
  const [first, second = SCORE_OF_RECTIFIERS, ...more] = name.split('+') as [string, ...string[]];
  const rectifier = rectifiers.find((each) => each.name === first);
  if (rectifier && more.length === 0) {
    const scorer = byName(second);
    if (scorer.needs.every((need) => need === 'logits') && !scorer.rewrite)
      return rectified(rectifier, scorer);
    throw new OutlierExposureError(
      'invalid-argument',
      `"${name}" cannot be: ${second} does not score logits alone, which is all that ${first} gives it.`,
    );
  }
  const names = [...detectors, ...rectifiers].map((each) => each.name);
  const near = nearestName(first, names);
  throw new OutlierExposureError(
    'invalid-argument',
    `There is no detector "${first}"${near ? `; did you mean "${near}"?` : '.'} Known: ${names.join(', ')}.`,
  );
}

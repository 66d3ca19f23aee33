/** Scores that a line of JavaScript computes: of logits `z`, probabilities `p` and the detector's settings `s`. */
import { OutlierExposureError } from '../errors.ts';

const FORMULAS = {
  msp: '-Math.max(...p)',
  'max-logit': '-Math.max(...z)',
  energy:
    '-s.temperature * (Math.max(...z) / s.temperature + Math.log(z.reduce((a, v) => a + Math.exp((v - Math.max(...z)) / s.temperature), 0)))',
  entropy: '-p.reduce((a, v) => a + (v > 0 ? v * Math.log(v) : 0), 0)',
  'uniform-ce':
    'z.reduce((a, v) => a + v, 0) / z.length - Math.max(...z) - Math.log(z.reduce((a, v) => a + Math.exp(v - Math.max(...z)), 0))',
} as const;

/** A detector that the page can compute by itself. */
export type PageDetector = keyof typeof FORMULAS;

/** Their names. */
export const PAGE_DETECTORS = Object.keys(FORMULAS) as PageDetector[];

/** @throws OutlierExposureError `unsupported` for a detector that needs more than logits or has learned something */
export function formulaOf(detector: string): string {
  if (Object.hasOwn(FORMULAS, detector)) return FORMULAS[detector as PageDetector];
  throw new OutlierExposureError(
    'unsupported',
    `The exported page computes ${PAGE_DETECTORS.join(', ')}, but the threshold is one of ${detector}: choose one of these, or take thresholdDetector of outlier-exposure/web in a page of your own (docs/browser.md).`,
  );
}

/**
 * The axis that scores are drawn on: x = ln((1 − c) / c) of the confidence c = −score. MSP crowds near −1; this spreads what is
 * crowded there, in the same order.
 */

/** Confidences beyond 99.999 % stand at the axis' left end. */
export const LOW = Math.log(1e-5 / (1 - 1e-5));

/** The right end: where all classes are equally likely. */
export function highEnd(classes: number): number {
  return Math.max(0.5, Math.log(classes - 1) + 0.25);
}

export function fromScore(score: number): number {
  const confidence = -score;
  return confidence >= 1 ? LOW : Math.max(LOW, Math.log((1 - confidence) / confidence));
}

export function toScore(x: number): number {
  return -1 / (1 + Math.exp(x));
}

/** Confidences for the axis' ticks, with what they are called. */
export function ticks(high: number): { x: number; label: string }[] {
  return [0.9999, 0.99, 0.9, 0.5, 0.2]
    .map((confidence) => ({
      x: fromScore(-confidence),
      label: `${Number((100 * confidence).toFixed(2))}\u00a0%`,
    }))
    .filter(({ x }) => x < high);
}

/** A confidence as a percentage with as many digits as it needs near 100 %. */
export function confidenceText(score: number): string {
  const confidence = -score;
  const digits = confidence > 0.999 ? 3 : confidence > 0.99 ? 2 : 1;
  return `${(100 * confidence).toFixed(digits)}\u00a0%`;
}

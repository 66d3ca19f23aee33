/** ROC and precision-recall curves, thinned for drawing. */
import { type Scores, type SortedScores, sortScores, sweep } from './scores.ts';

export interface CurvePoint {
  x: number;
  y: number;
  /** The score from which on examples are called outliers at this point. */
  threshold: number;
}

export interface CurveOptions {
  /** How far a point left out may lie from one that is kept, on axes from 0 to 1. Default: half a pixel of 1,000; 0 keeps all. */
  tolerance?: number;
}

/** x = false positive rate, y = true positive rate, from (0, 0) to (1, 1). */
export function rocCurve(inScores: Scores, outScores: Scores, options: CurveOptions = {}): CurvePoint[] {
  return rocOfSorted(sortScores(inScores, outScores), options);
}

/** x = recall, y = precision, from recall 0 to 1; the first point repeats the first precision. */
export function prCurve(inScores: Scores, outScores: Scores, options: CurveOptions = {}): CurvePoint[] {
  return prOfSorted(sortScores(inScores, outScores), options);
}

export function rocOfSorted(scores: SortedScores, { tolerance = 0.0005 }: CurveOptions = {}): CurvePoint[] {
  const thin = new Thinner(tolerance);
  thin.add({ x: 0, y: 0, threshold: Number.POSITIVE_INFINITY });
  sweep(scores, (threshold, tp, fp) => {
    thin.add({ x: fp / scores.inliers.length, y: tp / scores.outliers.length, threshold });
  });
  return thin.finish();
}

export function prOfSorted(scores: SortedScores, { tolerance = 0.0005 }: CurveOptions = {}): CurvePoint[] {
  const thin = new Thinner(tolerance);
  let first = true;
  sweep(scores, (threshold, tp, fp) => {
    const point = { x: tp / scores.outliers.length, y: tp / (tp + fp), threshold };
    if (first) thin.add({ ...point, x: 0, threshold: Number.POSITIVE_INFINITY });
    first = false;
    thin.add(point);
    return tp < scores.outliers.length;
  });
  return thin.finish();
}

/**
 * Keeps a point when it has moved by the tolerance since the last one kept, and then also the point before it, so
 * that a long step keeps both its ends. Whatever is left out lies within the tolerance of a point that is kept.
 */
class Thinner {
  readonly #tolerance: number;
  readonly #kept: CurvePoint[] = [];
  #last: CurvePoint | undefined;

  constructor(tolerance: number) {
    this.#tolerance = tolerance;
  }

  add(point: CurvePoint): void {
    const kept = this.#kept.at(-1);
    if (
      !kept ||
      Math.abs(point.x - kept.x) > this.#tolerance ||
      Math.abs(point.y - kept.y) > this.#tolerance
    ) {
      if (this.#last && this.#last !== kept) this.#kept.push(this.#last);
      this.#kept.push(point);
    }
    this.#last = point;
  }

  finish(): CurvePoint[] {
    if (this.#last && this.#last !== this.#kept.at(-1)) this.#kept.push(this.#last);
    return this.#kept;
  }
}

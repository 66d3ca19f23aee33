/** Dropping the points of a curve that nobody could see, in one pass. */

/** A curve in the unit square, as columns, with the score threshold behind each point. */
export interface ThinnedCurve {
  x: Float64Array;
  y: Float64Array;
  thresholds: Float64Array;
}

/**
 * Takes the points of a curve one by one and keeps few of them, such that every dropped point lies within `tolerance`
 * of the straight line between the kept points around it. The first and the last point are always kept; a tolerance
 * of 0 keeps all.
 *
 * From the last kept point (the anchor) it remembers the cone of directions that pass near enough to everything
 * since. A point outside the cone, or one that comes back towards the anchor, ends the line at the point before it
 * (the cone intersection method of Sklansky and Gonzalez, 1980). It needs no memory for what it drops.
 */
export class CurveThinner {
  readonly #keepAll: boolean;
  /** A point may overshoot the line's end and miss its side at once: each gets 1/√2 of the tolerance. */
  readonly #reach: number;
  readonly #x: number[] = [];
  readonly #y: number[] = [];
  readonly #thresholds: number[] = [];
  // The newest point, not kept yet.
  #pending = false;
  #lastX = 0;
  #lastY = 0;
  #lastThreshold = 0;
  // The cone between two directions, counter-clockwise from right to left, and the farthest point's distance.
  #coned = false;
  #rightX = 0;
  #rightY = 0;
  #leftX = 0;
  #leftY = 0;
  #farthest = 0;

  constructor(tolerance: number) {
    this.#keepAll = tolerance === 0;
    this.#reach = tolerance * Math.SQRT1_2;
  }

  push(x: number, y: number, threshold: number): void {
    if (this.#keepAll || this.#x.length === 0) {
      this.#keep(x, y, threshold);
      return;
    }
    if (!this.#extend(x, y)) {
      this.#keep(this.#lastX, this.#lastY, this.#lastThreshold);
      this.#extend(x, y);
    }
    this.#pending = true;
    this.#lastX = x;
    this.#lastY = y;
    this.#lastThreshold = threshold;
  }

  finish(): ThinnedCurve {
    if (this.#pending) this.#keep(this.#lastX, this.#lastY, this.#lastThreshold);
    return {
      x: Float64Array.from(this.#x),
      y: Float64Array.from(this.#y),
      thresholds: Float64Array.from(this.#thresholds),
    };
  }

  #keep(x: number, y: number, threshold: number): void {
    this.#x.push(x);
    this.#y.push(y);
    this.#thresholds.push(threshold);
    this.#pending = false;
    this.#coned = false;
    this.#farthest = 0;
  }

  /** Whether the line from the anchor may end here; if so, narrows the cone. Always true right after a kept point. */
  #extend(x: number, y: number): boolean {
    const dx = x - this.#x[this.#x.length - 1]!;
    const dy = y - this.#y[this.#y.length - 1]!;
    const distance = Math.hypot(dx, dy);
    if (distance < this.#farthest - this.#reach) return false;
    if (this.#coned && (this.#rightX * dy - this.#rightY * dx < 0 || this.#leftX * dy - this.#leftY * dx > 0)) {
      return false;
    }
    if (distance > this.#farthest) this.#farthest = distance;
    if (distance <= this.#reach) return true;
    const sine = this.#reach / distance;
    const cosine = Math.sqrt(1 - sine * sine);
    const rightX = dx * cosine + dy * sine;
    const rightY = dy * cosine - dx * sine;
    const leftX = dx * cosine - dy * sine;
    const leftY = dy * cosine + dx * sine;
    if (!this.#coned || this.#rightX * rightY - this.#rightY * rightX > 0) {
      this.#rightX = rightX;
      this.#rightY = rightY;
    }
    if (!this.#coned || this.#leftX * leftY - this.#leftY * leftX < 0) {
      this.#leftX = leftX;
      this.#leftY = leftY;
    }
    this.#coned = true;
    return true;
  }
}

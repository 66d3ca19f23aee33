/** Scores as they are given out. */
import { GREATEST } from '../logits/rows.ts';

/** In float32, the infinite ones at its ends; NaN stays what it is. */
export function finiteScores(scores: ArrayLike<number>): Float32Array {
  return Float32Array.from(scores, (score) => Math.max(-GREATEST, Math.min(GREATEST, score)));
}

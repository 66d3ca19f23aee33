/** Scores to measure with: two normal distributions that overlap, as float32. */
import { Random } from '../dist/random.js';

export function randomScores(count = 1e6) {
  const random = Random.from(1, 'scores');
  return {
    inliers: Float32Array.from({ length: count }, () => random.normal()),
    outliers: Float32Array.from({ length: count }, () => random.normal() + 1.5),
  };
}

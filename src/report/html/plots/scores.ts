/** One model's scores on one set, as the plots take them. */
import { type DetectionMetrics, detectionMetrics, prCurve, rocCurve } from '../../../metrics/index.ts';
import type { Run } from '../../run.ts';
import { modelTitle } from '../words.ts';

export interface ModelScores {
  name: string;
  title: string;
  inliers: Float32Array;
  outliers: Float32Array;
  metrics: DetectionMetrics;
}

/** The models' scores on a set, in the models' order; empty unless the run has them for all models. */
export function scoresOn({ results, scores }: Run, score: string, set: string): ModelScores[] {
  const found = results.models.flatMap(({ name }) => {
    const ofScore = scores.get(name)?.get(score);
    const [inliers, outliers] = [ofScore?.get('in'), ofScore?.get(set)];
    if (!inliers || !outliers) return [];
    const metrics = detectionMetrics(inliers, outliers, { n: results.rows[0]!.n });
    return [{ name, title: modelTitle(name), inliers, outliers, metrics }];
  });
  return found.length === results.models.length ? found : [];
}

/** A point of a curve, both between 0 and 1. */
export interface Point {
  x: number;
  y: number;
}

/** x = false alarms, y = strangers found; all points. */
export function rocPoints({ inliers, outliers }: ModelScores): readonly Point[] {
  return rocCurve(inliers, outliers, { tolerance: 0 });
}

/** x = strangers found, y = alarms that are right; all points. */
export function prPoints({ inliers, outliers }: ModelScores): readonly Point[] {
  return prCurve(inliers, outliers, { tolerance: 0 });
}

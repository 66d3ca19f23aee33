/** The confidence branch's own score. */
import type { Detector } from './detector.ts';

/**
 * 1 − b(x) = σ(−s(x)), in [0, 1]; higher = more anomalous (DeVries & Taylor 2018, without their step on the input).
 *
 * It orders examples as the papers' −b(x) does, but keeps apart those that are nearly certain: in float32, −b is −1 from
 * s = 17 on, and a trained branch goes beyond that.
 *
 * @param logits the branch's logits s, one an example
 */
export function confidenceScore(logits: Float32Array): Float32Array {
  return logits.map((logit) => 1 / (1 + Math.exp(logit)));
}

export const confidence: Detector = {
  name: 'confidence',
  title: 'Confidence branch',
  needs: ['confidence'],
  formula: '1 − σ(s), with the branch’s logit s',
  source: 'DeVries & Taylor 2018',
  score: (outputs) => confidenceScore(outputs.confidence!.data),
  inGraph: (graph, { confidence: logit }) => graph.add('Sigmoid', [graph.add('Neg', [logit!])]),
};

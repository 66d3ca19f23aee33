/** SCALE: features strengthened by how much of them is in the strongest, without pruning. */
import type { Matrix } from '../outputs.ts';
import type { Rectifier } from '../rectified.ts';
import { featuresAndHead, headLogits } from './head-logits.ts';
import { changeRows, strengthening } from './strongest.ts';

/** z·exp(s₁/s₂); s₁ the sum of all features of an example, s₂ of its strongest (Xu et al. 2024). A copy. */
export function scaledFeatures(features: Matrix, percent: number): Matrix {
  return changeRows(features, percent, (row, strongest, out) => {
    const factor = strengthening(row, strongest);
    for (let d = 0; d < row.length; d++) out[d] = row[d]! * factor;
  });
}

/** W·z′ + b, with z′ as {@link scaledFeatures} gives it. */
export const scale: Rectifier = {
  name: 'scale',
  title: 'SCALE',
  formula: 'W·z·exp(s₁/s₂) + b',
  source: 'Xu et al. 2024',
  parameters: {
    percentile: {
      default: 85,
      meaning: "the percentile of an example's features above which they count as its strongest",
      source: 'Xu et al. 2024',
      least: 0,
      most: 100,
      grid: [65, 70, 75, 80, 85, 90, 95],
    },
  },
  logits(outputs, { head, algebra, settings }) {
    const { features, head: layer } = featuresAndHead('scale', outputs, head);
    return headLogits(scaledFeatures(features, settings.percentile!), layer, algebra);
  },
};

/** ASH: activation shaping, in its three forms. Of every example the weakest features are pruned. */
import type { Parameter } from '../detector.ts';
import type { Matrix } from '../outputs.ts';
import type { Rectifier } from '../rectified.ts';
import { featuresAndHead, headLogits } from './head-logits.ts';
import { changeRows, strengthening, sums } from './strongest.ts';

/** The strongest features as they are, 0 elsewhere (ASH-P; Djurisic et al. 2023). A copy. */
export function prunedFeatures(features: Matrix, percent: number): Matrix {
  return changeRows(features, percent, (row, strongest, out) => {
    for (let d = 0; d < row.length; d++) out[d] = strongest[d] ? row[d]! : 0;
  });
}

/** s₁/k at the k strongest features, 0 elsewhere, s₁ the sum of all (ASH-B; Djurisic et al. 2023). A copy. */
export function binarizedFeatures(features: Matrix, percent: number): Matrix {
  return changeRows(features, percent, (row, strongest, out) => {
    const count = strongest.reduce((sum, mark) => sum + mark, 0);
    const value = sums(row, strongest).all / count;
    for (let d = 0; d < row.length; d++) out[d] = strongest[d] ? value : 0;
  });
}

/**
 * The strongest features times exp(s₁/s₂), 0 elsewhere; s₁ the sum of all, s₂ of the strongest (ASH-S; Djurisic et al.
 * 2023). A copy.
 */
export function strengthenedFeatures(features: Matrix, percent: number): Matrix {
  return changeRows(features, percent, (row, strongest, out) => {
    const factor = strengthening(row, strongest);
    for (let d = 0; d < row.length; d++) out[d] = strongest[d] ? row[d]! * factor : 0;
  });
}

/** @param value the default */
function percentileOf(value: number): Parameter {
  return {
    default: value,
    meaning: 'the share of features that are pruned, in percent, the weakest of each example',
    source: 'Djurisic et al. 2023',
    least: 0,
    most: 100,
    grid: [65, 70, 75, 80, 85, 90, 95],
  };
}

interface Shape {
  name: string;
  title: string;
  formula: string;
  percentile: number;
  change: (features: Matrix, percent: number) => Matrix;
}

function ash({ name, title, formula, percentile, change }: Shape): Rectifier {
  return {
    name,
    title,
    formula: `W·z′ + b, ${formula}`,
    source: 'Djurisic et al. 2023',
    parameters: { percentile: percentileOf(percentile) },
    logits(outputs, { head, algebra, settings }) {
      const { features, head: layer } = featuresAndHead(name, outputs, head);
      return headLogits(change(features, settings.percentile!), layer, algebra);
    },
  };
}

/** W·z′ + b, with z′ as {@link prunedFeatures} gives it. */
export const ashP: Rectifier = ash({
  name: 'ash-p',
  title: 'ASH-P',
  formula: 'z′ = z at its strongest features, else 0',
  percentile: 90,
  change: prunedFeatures,
});

/** W·z′ + b, with z′ as {@link binarizedFeatures} gives it. */
export const ashB: Rectifier = ash({
  name: 'ash-b',
  title: 'ASH-B',
  formula: 'z′ = s₁/k at its k strongest features, else 0',
  percentile: 65,
  change: binarizedFeatures,
});

/** W·z′ + b, with z′ as {@link strengthenedFeatures} gives it. */
export const ashS: Rectifier = ash({
  name: 'ash-s',
  title: 'ASH-S',
  formula: 'z′ = z·exp(s₁/s₂) at its strongest features, else 0',
  percentile: 90,
  change: strengthenedFeatures,
});

/** DICE: a last layer of the weights that matter. */
import { type Matrix, matrix } from '../outputs.ts';
import type { Rectifier } from '../rectified.ts';
import { learnedTensor } from '../state.ts';
import { featuresAndHead, headLogits } from './head-logits.ts';
import { checkFitFeatures, percentile } from './percentile.ts';

/**
 * W without the weights whose mean contribution V = W ∘ E[z] is at or below a percentile of all contributions (Sun & Li
 * 2022).
 *
 * @param weights W, [classes, width]
 * @param mean E[z], [width]
 */
export function sparseWeights(weights: Matrix, mean: Float32Array, percent: number): Matrix {
  const { data, shape } = weights;
  const contributions = data.map((weight, i) => weight * mean[i % shape[1]]!);
  const least = percentile(contributions, percent);
  return { data: data.map((weight, i) => (contributions[i]! > least ? weight : 0)), shape };
}

function columnMeans({ data, shape: [rows, width] }: Matrix): Float32Array {
  const sums = new Float64Array(width);
  for (let i = 0; i < data.length; i++) sums[i % width]! += data[i]!;
  return Float32Array.from(sums, (sum) => sum / rows);
}

const WEIGHTS = 'dice/weights';

/** (W ∘ M)·z + b, with M 1 where the mean contribution to a class is among the greatest. */
export const dice: Rectifier = {
  name: 'dice',
  title: 'DICE',
  formula: '(W ∘ M)·z + b, M = 1 where W ∘ E[z] is above its percentile',
  source: 'Sun & Li 2022',
  parameters: {
    percentile: {
      default: 90,
      meaning: 'the share of weights that are left out, in percent, by least mean contribution',
      source: "Sun & Li 2022; OpenOOD's default",
      least: 0,
      most: 100,
      grid: [10, 30, 50, 70, 90],
    },
  },
  fit(data, { settings, head }) {
    const { features, head: layer } = featuresAndHead('dice', data, head);
    checkFitFeatures('dice', features);
    const { data: weights, shape } = sparseWeights(
      matrix(layer.weights, layer.width),
      columnMeans(features),
      settings.percentile!,
    );
    return { [WEIGHTS]: { elementType: 'float32', shape, data: weights } };
  },
  logits(outputs, { head, algebra, state }) {
    const { features, head: layer } = featuresAndHead('dice', outputs, head);
    const shape = [layer.classes, layer.width];
    const { data } = learnedTensor('dice', state, WEIGHTS, { elementType: 'float32', shape, of: 'weights' });
    const weights = data as Float32Array;
    return headLogits(features, { ...layer, weights }, algebra);
  },
};

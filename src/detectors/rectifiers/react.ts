/** ReAct: activations cut off at the top. */
import type { Matrix } from '../outputs.ts';
import type { Rectifier } from '../rectified.ts';
import { learnedTensor } from '../state.ts';
import { featuresAndHead, headLogits } from './head-logits.ts';
import { checkFitFeatures, percentile } from './percentile.ts';

/** min(z, c), feature by feature (Sun, Guo & Li 2021). A copy; NaN stays NaN. */
export function clipFeatures({ data, shape }: Matrix, threshold: number): Matrix {
  return { data: data.map((value) => Math.min(value, threshold)), shape };
}

const THRESHOLD = 'react/threshold';

/**
 * W·min(z, c) + b, with c the 90th percentile of all activations of in-distribution examples. Some implementations take a
 * constant 1 for c, which means something else in every network.
 */
export const react: Rectifier = {
  name: 'react',
  title: 'ReAct',
  formula: 'W·min(z, c) + b, c a percentile of in-distribution activations',
  source: 'Sun, Guo & Li 2021',
  parameters: {
    percentile: {
      default: 90,
      meaning: 'the percentile of in-distribution activations above which they are cut off',
      source: "Sun, Guo & Li 2021; OpenOOD's default",
      least: 0,
      most: 100,
      grid: [85, 90, 95, 99],
    },
  },
  fit(data, { settings, head }) {
    const { features } = featuresAndHead('react', data, head);
    checkFitFeatures('react', features);
    const threshold = percentile(features.data, settings.percentile!);
    return { [THRESHOLD]: { elementType: 'float32', shape: [1], data: Float32Array.of(threshold) } };
  },
  logits(outputs, { head, algebra, state }) {
    const { features, head: layer } = featuresAndHead('react', outputs, head);
    const { data } = learnedTensor('react', state, THRESHOLD, {
      elementType: 'float32',
      shape: [1],
      of: 'data',
    });
    return headLogits(clipFeatures(features, Number(data[0])), layer, algebra);
  },
};

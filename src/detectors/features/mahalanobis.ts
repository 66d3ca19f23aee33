/** Distance from the nearest class in the features' own units. */
import type { Detector, FitContext, FitData, FittedState, Parameter } from '../detector.ts';
import { fitLabels } from '../logits/state.ts';
import { classMeans, meanOfMeans } from './class-means.ts';
import { fitGaussians, type Gaussians, gaussiansOf, gaussiansState, nearestDistances } from './gaussians.ts';
import { finiteScores } from './scores.ts';
import { fitFeatures } from './state.ts';

export const SHRINKAGE: Readonly<Record<string, Parameter>> = {
  shrinkage: {
    default: 0,
    meaning: 'the share s in (1 − s)·Σ + s·(tr Σ / width)·I; above 0, features that never vary count too',
    source: 'Lee et al. 2018 have none; Ledoit & Wolf 2004 for the form',
    least: 0,
    most: 1,
  },
};

/**
 * Learns the classes' means by their true labels, and the covariance around them that they share:
 * Σ = Σ_i (z_i − μ_{y_i})(z_i − μ_{y_i})ᵀ / n.
 *
 * @throws OutlierExposureError `invalid-argument` without labels, when a class has no example, or no feature varies
 */
export async function fitMahalanobis(
  detector: string,
  data: FitData,
  context: FitContext,
): Promise<Gaussians> {
  const features = fitFeatures(detector, data);
  const labels = fitLabels(detector, data);
  const means = classMeans(features, labels, { detector, classes: data.logits.shape[1], what: 'no example' });
  const centre = meanOfMeans(means, labels, features.shape[1]);
  return fitGaussians(features, { means, labels, centre }, { ...context, detector });
}

/**
 * min_k (z − μ_k)ᵀΣ⁺(z − μ_k), at least 0; higher = more anomalous (Lee et al. 2018, on the penultimate features, without
 * their step on the input). Σ⁺ is the inverse, or where Σ is singular (dead features) the pseudo-inverse: directions with
 * less than 10⁻¹⁰ of the largest variance count for nothing, unless `shrinkage` gives them some. Does not change when
 * features are shifted, scaled or turned alike in fitting and scoring.
 */
export const mahalanobis: Detector = {
  name: 'mahalanobis',
  title: 'Mahalanobis distance',
  needs: ['logits', 'features'],
  formula: 'min_k (z − μ_k)ᵀΣ⁻¹(z − μ_k)',
  source: 'Lee, Lee, Lee & Shin 2018',
  parameters: SHRINKAGE,
  async fit(data, context): Promise<FittedState> {
    return gaussiansState(await fitMahalanobis('mahalanobis', data, context), '');
  },
  async score({ features }, context) {
    const gaussians = gaussiansOf('mahalanobis', context.state, '', features!.shape[1]);
    return finiteScores(await nearestDistances(features!, gaussians, context));
  },
};

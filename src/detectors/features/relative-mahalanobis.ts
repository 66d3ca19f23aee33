/** Mahalanobis distance from the nearest class, less that from all classes together. */
import type { Detector } from '../detector.ts';
import { fitGaussians, gaussiansOf, gaussiansState, nearestDistances } from './gaussians.ts';
import { fitMahalanobis, SHRINKAGE } from './mahalanobis.ts';
import { finiteScores } from './scores.ts';
import { fitFeatures } from './state.ts';

const NAME = 'relative-mahalanobis';

/**
 * min_k d_k − d_0, with d_0 = (z − μ_0)ᵀΣ_0⁺(z − μ_0) of one Gaussian fitted to all examples; higher = more anomalous
 * (Ren et al. 2021). Both covariances are divided by n: where the background's alone is left undivided, as in a peer, d_0
 * vanishes and plain Mahalanobis distance remains. True labels and singular covariances as in {@link mahalanobis}.
 */
export const relativeMahalanobis: Detector = {
  name: NAME,
  title: 'Relative Mahalanobis distance',
  needs: ['logits', 'features'],
  formula: 'min_k (z − μ_k)ᵀΣ⁻¹(z − μ_k) − (z − μ_0)ᵀΣ_0⁻¹(z − μ_0)',
  source: 'Ren et al. 2021',
  parameters: SHRINKAGE,
  async fit(data, context) {
    const classes = await fitMahalanobis(NAME, data, context);
    const features = fitFeatures(NAME, data);
    const { centre } = classes;
    const all = { means: centre, labels: new Int32Array(features.shape[0]), centre };
    const background = await fitGaussians(features, all, { ...context, detector: NAME });
    return { ...gaussiansState(classes, 'class.'), ...gaussiansState(background, 'background.') };
  },
  async score({ features }, context) {
    const [, width] = features!.shape;
    const [classes, background] = ['class.', 'background.'].map((prefix) =>
      gaussiansOf(NAME, context.state, prefix, width),
    );
    const nearest = await nearestDistances(features!, classes!, context);
    const distance = await nearestDistances(features!, background!, context);
    return finiteScores(nearest.map((value, i) => value - distance[i]!));
  },
};

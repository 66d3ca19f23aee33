/** A logit for the part of the features that training data do not have. */
import type { Head } from '../../classifier/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { rowBlocks } from '../algebra.ts';
import type { Detector, ScoreContext } from '../detector.ts';
import { rowMax, softMaximum } from '../logits/rows.ts';
import { float64State, stateOf } from '../logits/state.ts';
import type { Matrix } from '../outputs.ts';
import { covarianceOf, deviationScale } from './covariance.ts';
import { centredRows } from './rows.ts';
import { finiteScores } from './scores.ts';
import { fitFeatures, matrixOf } from './state.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** The paper's number of principal directions for features of a width. */
export function principalDirections(width: number): number {
  if (width >= 2048) return 1000;
  return width >= 768 ? 512 : Math.floor(width / 2);
}

/**
 * u = −W⁺b, in double precision: where all logits would be zero, as near as can be.
 *
 * Taken from the eigenvectors of the smaller of W·Wᵀ and Wᵀ·W. Singular values of W below about a millionth of the
 * largest count as zero: weights in float32 say nothing of them.
 */
export function logitOrigin({ weights, bias, classes, width }: Head): Float64Array {
  const wide = width >= classes;
  const [size, across] = wide ? [classes, width] : [width, classes];
  const at = (i: number, j: number) => (wide ? weights[i * width + j]! : weights[j * width + i]!);
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let d = 0; d < across; d++) sum += at(i, d) * at(j, d);
      gram[i * size + j] = gram[j * size + i] = sum;
    }
  }
  const { values, vectors } = symmetricEigen({ data: gram, width: size });
  const least = 1e-12 * values[0]!;
  // W⁺ = Wᵀ(WWᵀ)⁺ where there are fewer classes than features, (WᵀW)⁺Wᵀ elsewhere.
  const right = Float64Array.from({ length: size }, (_, i) => {
    if (wide) return bias[i]!;
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += at(i, k) * bias[k]!;
    return sum;
  });
  const solved = new Float64Array(size);
  for (const [row, value] of values.entries()) {
    if (!(value > least)) continue;
    let sum = 0;
    for (let d = 0; d < size; d++) sum += vectors[row * size + d]! * right[d]!;
    for (let d = 0; d < size; d++) solved[d] = solved[d]! + (vectors[row * size + d]! * sum) / value;
  }
  if (!wide) return solved.map((value) => -value);
  return Float64Array.from({ length: width }, (_, d) => {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += at(k, d) * solved[k]!;
    return -sum;
  });
}

/** ‖R(z − u)‖₂ of each row, R with orthonormal rows; NaN where a feature is not finite. */
async function residuals(
  features: Matrix,
  { origin, residual }: { origin: Float64Array; residual: Matrix },
  { algebra, signal }: Pick<ScoreContext, 'algebra' | 'signal'>,
): Promise<Float64Array> {
  const lengths = new Float64Array(features.shape[0]);
  const [directions] = residual.shape;
  for (const { from, block } of rowBlocks(features, directions)) {
    signal?.throwIfAborted();
    const { rows, scales } = centredRows(block, origin);
    const parts = await algebra.products(rows, residual, { keep: true });
    for (let i = 0; i < scales.length; i++) {
      let sum = 0;
      for (let r = i * directions; r < (i + 1) * directions; r++) sum += parts.data[r]! ** 2;
      lengths[from + i] = Math.sqrt(sum) * scales[i]!;
    }
  }
  return lengths;
}

/**
 * α‖R(z − u)‖₂ − lse(f); higher = more anomalous (Wang et al. 2022). u = −W⁺b; R spans what is left of the features after
 * the first `dim` eigenvectors of Σ_i (z_i − u)(z_i − u)ᵀ, which is symmetric and decomposed as such, unlike in a peer;
 * α = Σ_i max_k f_k / Σ_i ‖R(z_i − u)‖ over the examples to learn from. Labels are not used, logits are not clipped. NaN
 * where a feature or logit is.
 */
export const vim: Detector = {
  name: 'vim',
  title: 'Virtual-logit matching',
  needs: ['logits', 'features', 'head'],
  formula: 'α‖R(z + W⁺b)‖₂ − lse(f)',
  source: 'Wang, Li, Feng & Zhang 2022',
  parameters: {
    dim: {
      default: 0,
      meaning:
        'how many principal directions are taken away; 0: 1000 from a width of 2048, 512 from 768, else half',
      source: 'Wang et al. 2022, code',
      least: 0,
      integer: true,
    },
  },
  async fit(data, { head, settings, algebra, signal }) {
    const features = fitFeatures('vim', data);
    const [count, width] = features.shape;
    const dim = settings.dim || principalDirections(width);
    if (dim >= width) {
      throw new OutlierExposureError(
        'invalid-argument',
        `The detector vim cannot take ${dim} directions away from features of width ${width}: set dim to ${width - 1} or less.`,
      );
    }
    const origin = logitOrigin(head!);
    const centres = { centres: origin, centreOf: () => 0 };
    const scale = deviationScale(features, origin);
    const covariance = await covarianceOf(features, { ...centres, scale }, { algebra, signal });
    const vectors = symmetricEigen(covariance).vectors.subarray(dim * width);
    const residual: Matrix = { data: Float32Array.from(vectors), shape: [width - dim, width] };
    const lengths = await residuals(features, { origin, residual }, { algebra, signal });
    const [, classes] = data.logits.shape;
    let [logits, length, size] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      logits += rowMax(data.logits.data, i * classes, classes);
      length += lengths[i]!;
      let square = 0;
      for (let d = 0; d < width; d++) square += (features.data[i * width + d]! - origin[d]!) ** 2;
      size += Math.sqrt(square);
    }
    // What float32 products leave of nothing is no residual.
    if (!(length > 1e-6 * size)) {
      throw new OutlierExposureError(
        'invalid-argument',
        `The detector vim finds nothing beyond ${dim} principal directions in the ${count} examples to learn from: set dim to less, or give more examples.`,
      );
    }
    return {
      origin: float64State(origin, [width]),
      residual: { elementType: 'float32', ...residual },
      alpha: float64State(Float64Array.of(logits / length), [1]),
    };
  },
  async score({ features, logits }, context) {
    const [, width] = features!.shape;
    const origin = stateOf('vim', context.state, 'origin', [width]);
    const residual = matrixOf('vim', context.state, 'residual', width);
    const alpha = stateOf('vim', context.state, 'alpha', [1])[0]!;
    const [, classes] = logits.shape;
    const lengths = await residuals(features!, { origin, residual }, context);
    return finiteScores(
      lengths.map((length, i) => alpha * length - softMaximum(logits.data, i * classes, classes, 1)),
    );
  },
};

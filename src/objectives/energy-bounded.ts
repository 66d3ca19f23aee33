/** Energy-bounded learning (Liu, Wang, Owens & Li 2020, section 3.3). */
import { OutlierExposureError } from '../errors.ts';
import { meanCrossEntropy } from './cross-entropy.ts';
import { type BatchValues, checkNumbers, type Objective, outlierLogitsOf } from './objective.ts';

export interface EnergyBoundedOptions {
  /**
   * m_in: in-distribution energies above it are penalized. Default −23, the authors' for CIFAR-10 (−27 for CIFAR-100); networks
   * whose logits are small want it nearer to what theirs reach.
   */
  inMargin?: number;
  /** m_out: outliers' energies below it are penalized. Default −5, the authors' for CIFAR-10 and CIFAR-100. */
  outMargin?: number;
  /** The weight of both penalties. Default 0.1, the authors'. */
  weight?: number;
}

/**
 * L = E_in[ cross-entropy ] + weight · ( E_in[ max(0, E(x) − m_in)² ] + E_out[ max(0, m_out − E(x'))² ] ), where
 * E = −logsumexp_k z_k is the free energy: low for what the classifier knows, high for outliers. The detector `energy` scores
 * by it.
 *
 * @throws OutlierExposureError `invalid-argument` for a weight below 0 or margins that are no numbers
 */
export function energyBounded({
  inMargin = -23,
  outMargin = -5,
  weight = 0.1,
}: EnergyBoundedOptions = {}): Objective {
  checkNumbers('Energy-bounded learning', 'from', { weight });
  if (!Number.isFinite(inMargin) || !Number.isFinite(outMargin)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `Energy-bounded learning cannot have the margins ${inMargin} and ${outMargin}: give finite numbers.`,
    );
  }
  return {
    name: 'energy',
    outliers: true,
    build(values) {
      const { graph, inlierLogits } = values;
      const outlierLogits = outlierLogitsOf(values, 'Energy-bounded learning');
      const crossEntropy = meanCrossEntropy(values);
      // With F = −E: E − m_in = −m_in − F, and m_out − E = m_out + F.
      const above = graph.add('Sub', [graph.scalar(-inMargin), logSumExp(values, inlierLogits)]);
      const below = graph.add('Add', [graph.scalar(outMargin), logSumExp(values, outlierLogits)]);
      const [inlierEnergy, outlierEnergy] = [above, below].map((value) => meanSquaredExcess(values, value));
      const both = graph.add('Add', [inlierEnergy!, outlierEnergy!]);
      const loss = graph.add('Add', [crossEntropy, graph.add('Mul', [graph.scalar(weight), both])]);
      return {
        loss,
        parts: { crossEntropy, inlierEnergy: inlierEnergy!, outlierEnergy: outlierEnergy! },
      };
    },
  };
}

/** [examples]. */
function logSumExp({ graph }: BatchValues, logits: string): string {
  return graph.add('ReduceLogSumExp', [logits, graph.ints([1])], { keepdims: 0 });
}

/** mean max(0, x)², a scalar. */
function meanSquaredExcess({ graph }: BatchValues, value: string): string {
  const excess = graph.add('Relu', [value]);
  return graph.add('ReduceMean', [graph.add('Mul', [excess, excess])], { keepdims: 0 });
}

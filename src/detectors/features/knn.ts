/** Distance from the k-th nearest example. */
import { rowBlocks } from '../algebra.ts';
import type { Detector, ScoreContext } from '../detector.ts';
import type { Matrix } from '../outputs.ts';
import { checkBank, directed, rowsAt } from './neighbours.ts';
import { normalizedRows } from './rows.ts';
import { fitFeatures, matrixOf } from './state.ts';

/**
 * ‖z/‖z‖ − b‖₂ of the k-th nearest row b of the bank, in [0, 2]; higher = more anomalous. Neighbours are chosen by float32
 * products, the distance is that of the rows themselves in double precision. NaN where a feature is not finite.
 *
 * @param bank rows of length 1
 */
export async function neighbourDistances(
  features: Matrix,
  bank: Matrix,
  k: number,
  { algebra, signal }: Pick<ScoreContext, 'algebra' | 'signal'>,
): Promise<Float32Array> {
  const scores = new Float32Array(features.shape[0]);
  const [, width] = bank.shape;
  for (const { from, block } of rowBlocks(features, k)) {
    signal?.throwIfAborted();
    const { rows, norms } = normalizedRows(block);
    const nearest = await algebra.largest(rows, bank, k, { keep: true });
    for (let i = 0; i < norms.length; i++) {
      const [own, other] = [i * width, nearest.rows[i * k + k - 1]! * width];
      let sum = 0;
      for (let d = 0; d < width; d++) sum += (rows.data[own + d]! - bank.data[other + d]!) ** 2;
      scores[from + i] = Number.isNaN(norms[i]!) ? Number.NaN : Math.sqrt(sum);
    }
  }
  return scores;
}

/**
 * {@link neighbourDistances} from the features of the examples to learn from, which are the bank; labels are not used.
 * Features are divided by their length first, as the paper has it and a peer has not; it is the distance itself, where the
 * reference gives its square. Zeros have no direction: they are left out of the bank, and are at distance 1 from all.
 */
export const knn: Detector = {
  name: 'knn',
  title: 'Distance from the k-th nearest neighbour',
  needs: ['logits', 'features'],
  formula: '‖z/‖z‖ − z_(k)/‖z_(k)‖‖₂',
  source: 'Sun, Ming, Zhu & Li 2022',
  parameters: {
    k: {
      default: 50,
      meaning: 'which neighbour counts',
      source: 'Sun et al. 2022, CIFAR-10; 200 for CIFAR-100, 1000 for ImageNet',
      least: 1,
      integer: true,
      grid: [1, 5, 10, 20, 50, 100, 200],
    },
  },
  fit(data, { settings }) {
    const { rows, norms } = normalizedRows(fitFeatures('knn', data));
    const places = directed(norms);
    checkBank('knn', places.length, settings.k!, 'k');
    const bank = places.length === norms.length ? rows : rowsAt(rows, places);
    return { bank: { elementType: 'float32', ...bank } };
  },
  score({ features }, context) {
    const { k } = context.settings as { k: number };
    const bank = matrixOf('knn', context.state, 'bank', features!.shape[1]);
    checkBank('knn', bank.shape[0], k, 'k');
    return neighbourDistances(features!, bank, k, context);
  },
};

/** Energy, guided by how like the surest neighbours an example is. */
import { Random } from '../../random.ts';
import { rowBlocks } from '../algebra.ts';
import type { Detector } from '../detector.ts';
import { softMaximum } from '../logits/rows.ts';
import { stateOf } from '../logits/state.ts';
import { checkBank, directed, rowsAt } from './neighbours.ts';
import { normalizedRows, powerOfTwo } from './rows.ts';
import { finiteScores } from './scores.ts';
import { fitFeatures, matrixOf } from './state.ts';

/**
 * −lse(f) · mean of the k largest ⟨z/‖z‖, lse(f_i)·z_i/‖z_i‖⟩ over a bank of examples to learn from; higher = more
 * anomalous (Park et al. 2023). Labels are not used. The bank is the share `bank` of the examples, drawn once from all of
 * them (not by whole batches, as in a peer), and never fewer than k. Where lse(f) is negative, sureness and likeness
 * point apart, as in the paper. NaN where a feature or logit is not finite.
 */
export const nnguide: Detector = {
  name: 'nnguide',
  title: 'Nearest neighbour guidance',
  needs: ['logits', 'features'],
  formula: '−lse(f) · mean_k largest ⟨z/‖z‖, lse(f_i)·z_i/‖z_i‖⟩',
  source: 'Park, Jung & Teoh 2023',
  parameters: {
    k: {
      default: 100,
      meaning: 'how many neighbours are averaged',
      source: 'Park et al. 2023',
      least: 1,
      integer: true,
      grid: [1, 5, 10, 100],
    },
    bank: {
      default: 0.01,
      meaning: 'the share of the examples to learn from that are compared with',
      source: 'Park et al. 2023, ImageNet',
      least: 0,
      most: 1,
    },
    seed: { default: 0, meaning: 'which examples they are', source: 'none', integer: true },
  },
  fit(data, { settings }) {
    const { rows, norms } = normalizedRows(fitFeatures('nnguide', data));
    const [{ k, bank: share, seed }, [, classes]] = [
      settings as Record<string, number>,
      data.logits.shape,
    ] as const;
    const places = directed(norms);
    checkBank('nnguide', places.length, k!, 'k');
    const size = Math.min(places.length, Math.max(k!, Math.ceil(share! * places.length)));
    const drawn = Random.from(seed!, 'nnguide').permutation(places.length).subarray(0, size).sort();
    const bank = rowsAt(
      rows,
      drawn.map((at) => places[at]!),
    );
    const energies = Float64Array.from(drawn, (at) =>
      softMaximum(data.logits.data, places[at]! * classes, classes, 1),
    );
    // What is multiplied in float32 must stay small; what it was divided by is known, and comes back in double.
    const scale = powerOfTwo(energies.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
    const [, width] = bank.shape;
    for (const [i, energy] of energies.entries())
      for (let d = i * width; d < (i + 1) * width; d++) bank.data[d] = bank.data[d]! * (energy / scale);
    return {
      bank: { elementType: 'float32', ...bank },
      scale: { elementType: 'float64', shape: [1], data: Float64Array.of(scale) },
    };
  },
  async score({ features, logits }, { state, settings, algebra, signal }) {
    const { k } = settings as { k: number };
    const bank = matrixOf('nnguide', state, 'bank', features!.shape[1]);
    const scale = stateOf('nnguide', state, 'scale', [1])[0]!;
    checkBank('nnguide', bank.shape[0], k, 'k');
    const [count, classes] = logits.shape;
    const scores = new Float64Array(count);
    for (const { from, block } of rowBlocks(features!, k)) {
      signal?.throwIfAborted();
      const { rows, norms } = normalizedRows(block);
      const { products } = await algebra.largest(rows, bank, k, { keep: true });
      for (let i = 0; i < norms.length; i++) {
        let sum = 0;
        for (let at = i * k; at < (i + 1) * k; at++) sum += products.data[at]!;
        const energy = softMaximum(logits.data, (from + i) * classes, classes, 1);
        scores[from + i] = Number.isNaN(norms[i]!) ? Number.NaN : -energy * (sum / k) * scale;
      }
    }
    return finiteScores(scores);
  },
};

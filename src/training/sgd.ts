/** Stochastic gradient descent. */
import type { Optimizer } from './optimizer.ts';

export interface SgdOptions {
  momentum?: number;
  nesterov?: 'on' | 'off';
  /** L2 penalty, added to the gradient. */
  weightDecay?: number;
}

/**
 * As PyTorch's SGD: g ← g + decay·w, v ← momentum·v + g, w ← w − lr·(g + momentum·v) with Nesterov momentum, and
 * w − lr·v without. Defaults are the paper's: momentum 0.9, Nesterov, no decay.
 */
export function sgd({ momentum = 0.9, nesterov = 'on', weightDecay = 0 }: SgdOptions = {}): Optimizer {
  return {
    name: 'sgd',
    slots: momentum === 0 ? [] : ['momentum'],
    scalars: (learningRate) => ({
      learningRate,
      ...(momentum === 0 ? {} : { momentum }),
      ...(weightDecay === 0 ? {} : { weightDecay }),
    }),
    update({ graph, parameter, gradient, slots, scalars }) {
      const mul = (a: string, b: string) => graph.add('Mul', [a, b]);
      const add = (a: string, b: string) => graph.add('Add', [a, b]);
      const decayed = weightDecay === 0 ? gradient : add(gradient, mul(scalars.weightDecay!, parameter));
      let direction = decayed;
      const next: string[] = [];
      if (momentum !== 0) {
        const velocity = add(mul(scalars.momentum!, slots[0]!), decayed);
        next.push(velocity);
        direction = nesterov === 'on' ? add(decayed, mul(scalars.momentum!, velocity)) : velocity;
      }
      return { parameter: graph.add('Sub', [parameter, mul(scalars.learningRate!, direction)]), slots: next };
    },
  };
}

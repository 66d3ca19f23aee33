/** Adam (Kingma & Ba 2015). */
import type { Optimizer } from './optimizer.ts';

export interface AdamOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** L2 penalty, added to the gradient. */
  weightDecay?: number;
}

/** As PyTorch's Adam: w ← w − lr · m̂ / (√v̂ + ε), with the two moving averages corrected for starting at zero. */
export function adam({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  weightDecay = 0,
}: AdamOptions = {}): Optimizer {
  return {
    name: 'adam',
    slots: ['mean', 'square'],
    scalars: (learningRate, step) => ({
      stepSize: learningRate / (1 - beta1 ** step),
      // √v̂ = √v / √(1 − β₂^t)
      squareScale: 1 / Math.sqrt(1 - beta2 ** step),
      ...(weightDecay === 0 ? {} : { weightDecay }),
    }),
    update({ graph, parameter, gradient, slots, scalars }) {
      const mul = (a: string, b: string) => graph.add('Mul', [a, b]);
      const add = (a: string, b: string) => graph.add('Add', [a, b]);
      const blend = (rate: number, old: string, value: string) =>
        add(mul(graph.scalar(rate), old), mul(graph.scalar(1 - rate), value));
      const decayed = weightDecay === 0 ? gradient : add(gradient, mul(scalars.weightDecay!, parameter));
      const mean = blend(beta1, slots[0]!, decayed);
      const square = blend(beta2, slots[1]!, mul(decayed, decayed));
      const scale = add(mul(graph.add('Sqrt', [square]), scalars.squareScale!), graph.scalar(epsilon));
      const change = mul(scalars.stepSize!, graph.add('Div', [mean, scale]));
      return { parameter: graph.add('Sub', [parameter, change]), slots: [mean, square] };
    },
  };
}

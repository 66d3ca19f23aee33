/** Gradients of normalizations: over the batch, with its own or stored statistics, and over single examples. */
import type { GradientRule, RuleContext } from '../rule.ts';

export const normalizationRules: Record<string, GradientRule> = {
  BatchNormalization: (c) => (c.int('training_mode', 0) === 1 ? training(c) : inference(c)),
  LayerNormalization: (c) => {
    if (c.gradients[0] === undefined || c.gradients[1] !== undefined || c.gradients[2] !== undefined) {
      throw c.unsupported('the loss depends on its mean or deviation, which have no rule');
    }
    const [x, scale] = [c.input(0), c.input(1)];
    const shape = c.shape(x);
    const first = c.int('axis', -1);
    const from = first < 0 ? first + shape.length : first;
    const axes = c.ints(shape.flatMap((_, axis) => (axis >= from ? [axis] : [])));
    const mean = (value: string) => c.add('ReduceMean', [value, axes], { keepdims: 1 });
    const centred = c.add('Sub', [x, mean(x)]);
    const inverse = inverseDeviation(c, mean(c.add('Mul', [centred, centred])));
    const normalized = c.add('Mul', [centred, inverse]);
    // dx = inverse · (s − mean(s) − x̂ · mean(s · x̂)), where s = dy · scale
    const scaled = c.add('Mul', [c.gradient, scale]);
    const along = c.add('Mul', [normalized, mean(c.add('Mul', [scaled, normalized]))]);
    const across = c.add('Sub', [c.add('Sub', [scaled, mean(scaled)]), along]);
    return [
      c.needs(0) ? c.add('Mul', [inverse, across]) : undefined,
      c.needs(1) ? c.sumTo(c.add('Mul', [c.gradient, normalized]), shape, c.shape(scale)) : undefined,
      c.needs(2) ? c.sumTo(c.gradient, shape, c.shape(c.input(2))) : undefined,
    ];
  },
};

/** A vector over channels as [C, 1, …], so that it broadcasts against [N, C, …]. */
function perChannel(c: RuleContext, vector: string, rank: number): string {
  return rank <= 2
    ? vector
    : c.add('Unsqueeze', [vector, c.ints(Array.from({ length: rank - 2 }, (_, i) => i + 1))]);
}

function reducedAxes(rank: number): number[] {
  return [0, ...Array.from({ length: Math.max(0, rank - 2) }, (_, i) => i + 2)];
}

function inverseDeviation(c: RuleContext, variance: string): string {
  const epsilon = c.scalar(c.float('epsilon', 1e-5));
  return c.add('Reciprocal', [c.add('Sqrt', [c.add('Add', [variance, epsilon])])]);
}

function training(c: RuleContext): readonly (string | undefined)[] {
  const ownStatistics = c.float('momentum', 0.9) === 0;
  const [, meanGradient, varianceGradient] = c.gradients;
  const further = meanGradient !== undefined || varianceGradient !== undefined;
  if (c.gradients[0] === undefined || (further && !ownStatistics)) {
    throw c.unsupported('the loss depends on its running mean or variance, which have no rule');
  }
  const [x, scale] = [c.input(0), c.input(1)];
  const shape = c.shape(x);
  const rank = shape.length;
  const axes = c.ints(reducedAxes(rank));
  const count = shape.reduce((product, size) => product * size, 1) / shape[1]!;
  const sum = (value: string) => c.add('ReduceSum', [value, axes], { keepdims: 0 });

  // With momentum 0 the node's further outputs are the batch's own statistics; otherwise they are mixed with the
  // running ones, and have to be taken again.
  let mean: string;
  let variance: string;
  if (ownStatistics) {
    mean = c.node.outputs[1] ||= c.graph.unique(`${c.output()}/mean`);
    variance = c.node.outputs[2] ||= c.graph.unique(`${c.output()}/variance`);
  } else {
    mean = c.add('ReduceMean', [x, axes], { keepdims: 0 });
    const centred = c.add('Sub', [x, perChannel(c, mean, rank)]);
    variance = c.add('ReduceMean', [c.add('Mul', [centred, centred]), axes], { keepdims: 0 });
  }

  // x̂ = (x − mean)·inverse: dscale = Σ dy·x̂, dbias = Σ dy, and
  // dx = scale·inverse·(dy − dbias/n − x̂·dscale/n), gathered as a·dy − k·x + d to pass over the data least often.
  const inverse = inverseDeviation(c, variance);
  const biasGradient = sum(c.gradient);
  const productSum = sum(c.add('Mul', [c.gradient, x]));
  const scaleGradient = c.add('Mul', [
    inverse,
    c.add('Sub', [productSum, c.add('Mul', [mean, biasGradient])]),
  ]);
  let inputGradient: string | undefined;
  if (c.needs(0)) {
    const a = c.add('Mul', [scale, inverse]);
    const perCount = c.add('Mul', [a, c.scalar(1 / count)]);
    let k = c.add('Mul', [perCount, c.add('Mul', [inverse, scaleGradient])]);
    // The variance's own gradient adds 2·dvariance·(x − mean)/n, and the mean's dmean/n.
    if (varianceGradient) k = c.add('Sub', [k, c.add('Mul', [varianceGradient, c.scalar(2 / count)])]);
    let d = c.add('Sub', [c.add('Mul', [k, mean]), c.add('Mul', [perCount, biasGradient])]);
    if (meanGradient) d = c.add('Add', [d, c.add('Mul', [meanGradient, c.scalar(1 / count)])]);
    const scaled = c.add('Mul', [c.gradient, perChannel(c, a, rank)]);
    const pulled = c.add('Mul', [x, perChannel(c, k, rank)]);
    inputGradient = c.add('Add', [c.add('Sub', [scaled, pulled]), perChannel(c, d, rank)]);
  }
  return [inputGradient, scaleGradient, biasGradient];
}

function inference(c: RuleContext): readonly (string | undefined)[] {
  const [x, scale, mean, variance] = [c.input(0), c.input(1), c.input(3), c.input(4)];
  const rank = c.shape(x).length;
  const axes = c.ints(reducedAxes(rank));
  const sum = (value: string) => c.add('ReduceSum', [value, axes], { keepdims: 0 });
  const inverse = inverseDeviation(c, variance);
  const slope = c.add('Mul', [scale, inverse]);
  const statistics = c.needs(1) || c.needs(3) || c.needs(4);
  const biasGradient = c.needs(2) || c.needs(3) ? sum(c.gradient) : undefined;
  const scaleGradient = statistics
    ? c.add('Mul', [inverse, sum(c.add('Mul', [c.gradient, c.add('Sub', [x, perChannel(c, mean, rank)])]))])
    : undefined;
  return [
    c.needs(0) ? c.add('Mul', [c.gradient, perChannel(c, slope, rank)]) : undefined,
    scaleGradient,
    biasGradient,
    c.needs(3) ? c.add('Neg', [c.add('Mul', [slope, biasGradient!])]) : undefined,
    // dvariance = −½·scale·inverse²·dscale
    c.needs(4)
      ? c.add('Mul', [c.scalar(-0.5), c.add('Mul', [c.add('Mul', [slope, inverse]), scaleGradient!])])
      : undefined,
  ];
}

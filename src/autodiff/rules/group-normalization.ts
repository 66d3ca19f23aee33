/** Gradients of normalizations of one example by groups of channels, by channels, and by its norm. */
import type { GradientRule, RuleContext } from '../rule.ts';

export const groupNormalizationRules: Record<string, GradientRule> = {
  InstanceNormalization: (c) => normalizedByGroups(c, c.shape(c.input(0))[1]!),
  GroupNormalization: (c) => normalizedByGroups(c, c.int('num_groups', 1)),
  LpNormalization: (c) => {
    const shape = c.shape(c.input(0));
    const axis = c.int('axis', -1);
    const axes = c.ints([axis < 0 ? axis + shape.length : axis]);
    const x = c.input(0);
    // dx = (dy − dn · Σ dy · y) / ‖x‖, with dn the gradient of the norm: y for p = 2, sign x for p = 1
    const euclidean = c.int('p', 2) === 2;
    const norm = c.add(euclidean ? 'ReduceL2' : 'ReduceL1', [x, axes], { keepdims: 1 });
    const along = c.add('ReduceSum', [c.add('Mul', [c.gradient, c.output()]), axes], { keepdims: 1 });
    const pulled = c.add('Mul', [euclidean ? c.output() : c.add('Sign', [x]), along]);
    return [c.add('Div', [c.add('Sub', [c.gradient, pulled]), norm])];
  },
};

/**
 * x [N, C, …] is normalized over each example's groups of channels, and scaled by channels. With x̂ the normalized
 * values and s = dy · scale: dx = inverse · (s − mean(s) − x̂ · mean(s · x̂)), means over the group.
 */
function normalizedByGroups(c: RuleContext, groups: number): readonly (string | undefined)[] {
  const [x, scale, bias] = [c.input(0), c.input(1), c.input(2)];
  const shape = c.shape(x);
  const [batch, channels] = shape as [number, number];
  const grouped = [batch, groups, shape.reduce((product, size) => product * size, 1) / (batch * groups)];
  const mean = (value: string) => c.add('ReduceMean', [value, c.ints([2])], { keepdims: 1 });
  const values = c.reshape(x, grouped);
  const centred = c.add('Sub', [values, mean(values)]);
  const variance = mean(c.add('Mul', [centred, centred]));
  const deviation = c.add('Sqrt', [
    c.add('Add', [variance, c.scalar(c.float('epsilon', Math.fround(1e-5)))]),
  ]);
  const normalized = c.add('Div', [centred, deviation]);
  const perChannel = [channels, ...shape.slice(2).map(() => 1)];
  const others = c.ints(shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])));
  const overOthers = (value: string) => c.add('ReduceSum', [value, others], { keepdims: 0 });

  let inputGradient: string | undefined;
  if (c.needs(0)) {
    const scaled = c.reshape(c.add('Mul', [c.gradient, c.reshape(scale, perChannel)]), grouped);
    const along = c.add('Mul', [normalized, mean(c.add('Mul', [scaled, normalized]))]);
    const across = c.add('Sub', [c.add('Sub', [scaled, mean(scaled)]), along]);
    inputGradient = c.reshape(c.add('Div', [across, deviation]), shape);
  }
  return [
    inputGradient,
    c.needs(1) ? overOthers(c.add('Mul', [c.gradient, c.reshape(normalized, shape)])) : undefined,
    bias && c.needs(2) ? overOthers(c.gradient) : undefined,
  ];
}

/** Gradients of reductions. */
import type { GradientRule, RuleContext } from '../rule.ts';

/** The axes reduced, counted from the front; none when the node only works element by element. */
function reducedAxes(c: RuleContext): number[] {
  const rank = c.shape(c.input(0)).length;
  // Before opset 18 (13 for ReduceSum) axes are an attribute.
  const axes = c.constantInput(1) ?? c.intList('axes');
  if (!axes || axes.length === 0) {
    return c.int('noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, i) => i);
  }
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** A value of the output's shape, with the reduced axes put back as 1. */
function restored(c: RuleContext, value: string): string {
  const axes = reducedAxes(c);
  if (axes.length === 0 || c.int('keepdims', 1) === 1) return value;
  const shape = c.shape(c.input(0));
  return c.reshape(
    value,
    shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
}

/** A rule that sees at least one axis: reducing over none leaves the values as they are. */
function reduction(rule: (c: RuleContext, axes: number[]) => string): GradientRule {
  return (c) => {
    const axes = reducedAxes(c);
    return [axes.length === 0 ? c.gradient : rule(c, axes)];
  };
}

/** Values that tie for the extreme share its gradient. */
function extreme(c: RuleContext, axes: number[]): string {
  const equal = c.add('Equal', [c.input(0), restored(c, c.output())]);
  const mask = c.add('CastLike', [equal, c.input(0)]);
  const ties = c.add('ReduceSum', [mask, c.ints(axes)], { keepdims: 1 });
  return c.add('Mul', [mask, c.add('Div', [restored(c, c.gradient), ties])]);
}

export const reductionRules: Record<string, GradientRule> = {
  ReduceSum: reduction((c) => c.expand(restored(c, c.gradient), c.shape(c.input(0)))),
  ReduceMean: reduction((c, axes) => {
    const shape = c.shape(c.input(0));
    const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
    return c.expand(restored(c, c.add('Div', [c.gradient, c.scalar(count)])), shape);
  }),
  ReduceMax: reduction(extreme),
  ReduceMin: reduction(extreme),
  // These three change single values, too: over no axes they are |x|, |x| and x².
  ReduceL1: (c) => [c.add('Mul', [c.add('Sign', [c.input(0)]), restored(c, c.gradient)])],
  // d‖x‖ / dx = x / ‖x‖
  ReduceL2: (c) => [c.add('Mul', [c.input(0), restored(c, c.add('Div', [c.gradient, c.output()]))])],
  ReduceSumSquare: (c) => [c.add('Mul', [c.input(0), restored(c, c.add('Mul', [c.gradient, c.scalar(2)]))])],
  // d(∏ x) / dx = ∏ x / x
  ReduceProd: reduction((c) =>
    c.add('Div', [restored(c, c.add('Mul', [c.gradient, c.output()])), c.input(0)]),
  ),
  // d log(Σ x) / dx = 1 / Σ x
  ReduceLogSum: (c) => {
    const share = c.add('Div', [c.gradient, c.add('Exp', [c.output()])]);
    return [c.expand(restored(c, share), c.shape(c.input(0)))];
  },
  ReduceLogSumExp: reduction((c) => {
    const softmax = c.add('Exp', [c.add('Sub', [c.input(0), restored(c, c.output())])]);
    return c.add('Mul', [softmax, restored(c, c.gradient)]);
  }),
};

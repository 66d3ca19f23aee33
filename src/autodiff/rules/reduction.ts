/** Gradients of reductions. */
import type { GradientRule, RuleContext } from '../rule.ts';

/** The axes reduced, counted from the front; `undefined` when the node does nothing. */
function reducedAxes(c: RuleContext): number[] | undefined {
  const rank = c.shape(c.input(0)).length;
  // Before opset 18 (13 for ReduceSum) axes are an attribute.
  const axes = c.constantInput(1) ?? c.intList('axes');
  if (!axes || axes.length === 0) {
    return c.int('noop_with_empty_axes', 0) === 1 ? undefined : Array.from({ length: rank }, (_, i) => i);
  }
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** A value of the output's shape, with the reduced axes put back as 1. */
function restored(c: RuleContext, value: string): string {
  const axes = reducedAxes(c)!;
  return c.int('keepdims', 1) === 1
    ? value
    : c.reshape(
        value,
        c.shape(c.input(0)).map((size, axis) => (axes.includes(axis) ? 1 : size)),
      );
}

function reduction(rule: (c: RuleContext, axes: number[]) => string): GradientRule {
  return (c) => {
    const axes = reducedAxes(c);
    return [axes === undefined ? c.gradient : rule(c, axes)];
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
  ReduceL1: reduction((c) => c.add('Mul', [c.add('Sign', [c.input(0)]), restored(c, c.gradient)])),
  // d‖x‖ / dx = x / ‖x‖
  ReduceL2: reduction((c) => c.add('Mul', [c.input(0), restored(c, c.add('Div', [c.gradient, c.output()]))])),
  ReduceSumSquare: reduction((c) =>
    c.add('Mul', [c.input(0), restored(c, c.add('Mul', [c.gradient, c.scalar(2)]))]),
  ),
  ReduceLogSumExp: reduction((c) => {
    const softmax = c.add('Exp', [c.add('Sub', [c.input(0), restored(c, c.output())])]);
    return c.add('Mul', [softmax, restored(c, c.gradient)]);
  }),
};

/** Gradients of elementwise arithmetic, with numpy's broadcasting. */
import type { GradientRule, RuleContext } from '../rule.ts';

/** Builds a rule for a broadcasting operator of two inputs from the two local gradients, made only where needed. */
function binary(left: (c: RuleContext) => string, right: (c: RuleContext) => string): GradientRule {
  return (c) =>
    [left, right].map((local, i) =>
      c.needs(i) ? c.sumTo(local(c), c.shape(c.output()), c.shape(c.input(i))) : undefined,
    );
}

export const arithmeticRules: Record<string, GradientRule> = {
  Add: binary(
    (c) => c.gradient,
    (c) => c.gradient,
  ),
  Sub: binary(
    (c) => c.gradient,
    (c) => c.add('Neg', [c.gradient]),
  ),
  Mul: binary(
    (c) => c.add('Mul', [c.gradient, c.input(1)]),
    (c) => c.add('Mul', [c.gradient, c.input(0)]),
  ),
  Div: binary(
    (c) => c.add('Div', [c.gradient, c.input(1)]),
    // d(a / b) / db = −(a / b) / b, with a / b already there.
    (c) => c.add('Neg', [c.add('Div', [c.add('Mul', [c.gradient, c.output()]), c.input(1)])]),
  ),
  Pow: binary(
    (c) => {
      const exponent = c.input(1);
      const lower = c.add('Pow', [c.input(0), c.add('Sub', [exponent, c.scalar(1, exponent)])]);
      const factor = castLike(c, exponent, c.input(0));
      return c.add('Mul', [c.gradient, c.add('Mul', [factor, lower])]);
    },
    (c) => c.add('Mul', [c.gradient, c.add('Mul', [c.output(), c.add('Log', [c.input(0)])])]),
  ),
  Sum: (c) =>
    c.node.inputs.map((input, i) =>
      c.needs(i) ? c.sumTo(c.gradient, c.shape(c.output()), c.shape(input)) : undefined,
    ),
  Max: (c) => {
    const [a, b, ...more] = c.node.inputs as [string, string, ...string[]];
    if (more.length > 0 || b === undefined)
      throw c.unsupported('only the maximum of two values has a rule; chain several');
    // Where both are equal the first one takes the gradient, as the first of a pooling window does.
    const first = c.add('Where', [c.add('GreaterOrEqual', [a, b]), c.gradient, c.scalar(0)]);
    const full = c.shape(c.output());
    return [
      c.needs(0) ? c.sumTo(first, full, c.shape(a)) : undefined,
      c.needs(1) ? c.sumTo(c.add('Sub', [c.gradient, first]), full, c.shape(b)) : undefined,
    ];
  },
  Neg: (c) => [c.add('Neg', [c.gradient])],
  Abs: (c) => [c.add('Mul', [c.gradient, c.add('Sign', [c.input(0)])])],
  Sqrt: (c) => [c.add('Div', [c.gradient, c.add('Mul', [c.output(), c.scalar(2)])])],
  Exp: (c) => [c.add('Mul', [c.gradient, c.output()])],
  Log: (c) => [c.add('Div', [c.gradient, c.input(0)])],
  Reciprocal: (c) => [c.add('Neg', [c.add('Mul', [c.gradient, c.add('Mul', [c.output(), c.output()])])])],
};

/** An exponent may be of another type (int64, say) than its base. */
function castLike(c: RuleContext, value: string, like: string): string {
  return c.elementType(value) === c.elementType(like) ? value : c.add('CastLike', [value, like]);
}

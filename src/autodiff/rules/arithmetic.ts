/** Gradients of elementwise arithmetic, with numpy's broadcasting. */
import type { GradientRule, RuleContext } from '../rule.ts';

/** Builds a rule for a broadcasting operator of two inputs from the two local gradients, made only where needed. */
function binary(left: (c: RuleContext) => string, right: (c: RuleContext) => string): GradientRule {
  return (c) =>
    [left, right].map((local, i) =>
      c.needs(i) ? c.sumTo(local(c), c.shape(c.output()), c.shape(c.input(i))) : undefined,
    );
}

/** Where values tie, the first of them takes the whole gradient, as the first of a pooling window does. */
function extreme(reaches: 'GreaterOrEqual' | 'LessOrEqual'): GradientRule {
  return (c) => {
    const zero = c.scalar(0);
    let left = c.gradient;
    return c.node.inputs.map((input, i, { length }) => {
      let taken = left;
      if (i < length - 1) {
        const chosen = c.add(reaches, [input, c.output()]);
        taken = c.add('Where', [chosen, left, zero]);
        left = c.add('Where', [chosen, zero, left]);
      }
      return c.needs(i) ? c.sumTo(taken, c.shape(c.output()), c.shape(input)) : undefined;
    });
  };
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
      const [base, exponent] = [c.input(0), c.input(1)];
      const powers = c.fixed(1);
      // A general power costs far more than the product that a square needs.
      if (powers?.every((power) => power === 2))
        return c.add('Mul', [c.gradient, c.add('Mul', [base, c.scalar(2)])]);
      const lower = c.add('Pow', [base, c.add('Sub', [exponent, c.scalar(1, exponent)])]);
      const slope = c.add('Mul', [c.castLike(exponent, base), lower]);
      const gradient = c.add('Mul', [c.gradient, slope]);
      // x⁰ is 1 at x = 0 too, but 0 · 0⁻¹ is not a number.
      if (powers?.every((power) => power !== 0)) return gradient;
      return c.add('Where', [c.add('Equal', [exponent, c.scalar(0, exponent)]), c.scalar(0), gradient]);
    },
    (c) => {
      // 0ⁿ stays 0 whatever n > 0 does, but 0 · log 0 is not a number.
      const zero = c.scalar(0);
      const logarithm = c.add('Where', [
        c.add('Equal', [c.input(0), zero]),
        zero,
        c.add('Log', [c.input(0)]),
      ]);
      const gradient = c.add('Mul', [c.gradient, c.add('Mul', [c.output(), logarithm])]);
      return c.castLike(gradient, c.input(1), c.output());
    },
  ),
  Sum: (c) =>
    c.node.inputs.map((input, i) =>
      c.needs(i) ? c.sumTo(c.gradient, c.shape(c.output()), c.shape(input)) : undefined,
    ),
  Mean: (c) => {
    const share = c.add('Div', [c.gradient, c.scalar(c.node.inputs.length)]);
    return c.node.inputs.map((input, i) =>
      c.needs(i) ? c.sumTo(share, c.shape(c.output()), c.shape(input)) : undefined,
    );
  },
  Max: extreme('GreaterOrEqual'),
  Min: extreme('LessOrEqual'),
  Neg: (c) => [c.add('Neg', [c.gradient])],
  Abs: (c) => [c.add('Mul', [c.gradient, c.add('Sign', [c.input(0)])])],
  // Flat everywhere but at their steps.
  Sign: () => [],
  Floor: () => [],
  Ceil: () => [],
  Round: () => [],
  Sqrt: (c) => [c.add('Div', [c.gradient, c.add('Mul', [c.output(), c.scalar(2)])])],
  Exp: (c) => [c.add('Mul', [c.gradient, c.output()])],
  Log: (c) => [c.add('Div', [c.gradient, c.input(0)])],
  Reciprocal: (c) => [c.add('Neg', [c.add('Mul', [c.gradient, c.add('Mul', [c.output(), c.output()])])])],
};

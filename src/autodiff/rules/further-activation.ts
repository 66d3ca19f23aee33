/** Gradients of the rarer activation functions, and of sine and cosine. */
import type { GradientRule, RuleContext } from '../rule.ts';

/** The gradient times one slope above a border of the input, and another below. */
function split(c: RuleContext, border: number, above: string, below: string): string {
  const condition = c.add('Greater', [c.input(0), c.scalar(border)]);
  return c.add('Mul', [c.gradient, c.add('Where', [condition, above, below])]);
}

export const furtherActivationRules: Record<string, GradientRule> = {
  Selu: (c) => {
    const alpha = c.float('alpha', Math.fround(1.6732632));
    const gamma = c.float('gamma', Math.fround(1.050701));
    // Below 0, γ · α · eˣ is the output plus γ · α.
    const below = c.add('Add', [c.output(), c.scalar(gamma * alpha)]);
    return [split(c, 0, c.scalar(gamma), below)];
  },
  Celu: (c) => {
    // Below 0, e^(x / α) is the output over α, plus 1.
    const below = c.add('Add', [c.add('Div', [c.output(), c.scalar(c.float('alpha', 1))]), c.scalar(1)]);
    return [split(c, 0, c.scalar(1), below)];
  },
  ThresholdedRelu: (c) => [split(c, c.float('alpha', 1), c.scalar(1), c.scalar(0))],
  Softsign: (c) => {
    const denominator = c.add('Add', [c.add('Abs', [c.input(0)]), c.scalar(1)]);
    return [c.add('Div', [c.gradient, c.add('Mul', [denominator, denominator])])];
  },
  Mish: (c) => {
    // With t = tanh(softplus x): t + x · (1 − t²) · σ(x)
    const x = c.input(0);
    const t = c.add('Tanh', [c.add('Softplus', [x])]);
    const steepness = c.add('Sub', [c.scalar(1), c.add('Mul', [t, t])]);
    const changing = c.add('Mul', [c.add('Mul', [x, steepness]), c.add('Sigmoid', [x])]);
    return [c.add('Mul', [c.gradient, c.add('Add', [t, changing])])];
  },
  Sin: (c) => [c.add('Mul', [c.gradient, c.add('Cos', [c.input(0)])])],
  Cos: (c) => [c.add('Neg', [c.add('Mul', [c.gradient, c.add('Sin', [c.input(0)])])])],
};

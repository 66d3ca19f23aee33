/** Gradients of activation functions. */
import type { GradientRule, RuleContext } from '../rule.ts';

/** The gradient where a condition holds, zero elsewhere. */
function gate(c: RuleContext, condition: string): string {
  return c.add('Where', [condition, c.gradient, c.scalar(0)]);
}

export const activationRules: Record<string, GradientRule> = {
  Relu: (c) => [gate(c, c.add('Greater', [c.output(), c.scalar(0)]))],
  LeakyRelu: (c) => {
    const slope = c.scalar(c.float('alpha', 0.01));
    const positive = c.add('Greater', [c.input(0), c.scalar(0)]);
    return [c.add('Where', [positive, c.gradient, c.add('Mul', [c.gradient, slope])])];
  },
  Sigmoid: (c) => {
    const slope = c.add('Mul', [c.output(), c.add('Sub', [c.scalar(1), c.output()])]);
    return [c.add('Mul', [c.gradient, slope])];
  },
  Tanh: (c) => {
    const slope = c.add('Sub', [c.scalar(1), c.add('Mul', [c.output(), c.output()])]);
    return [c.add('Mul', [c.gradient, slope])];
  },
  Softplus: (c) => [c.add('Mul', [c.gradient, c.add('Sigmoid', [c.input(0)])])],
  Erf: (c) => {
    // d erf(x) / dx = 2 / √π · exp(−x²)
    const bell = c.add('Exp', [c.add('Neg', [c.add('Mul', [c.input(0), c.input(0)])])]);
    return [c.add('Mul', [c.gradient, c.add('Mul', [bell, c.scalar(2 / Math.sqrt(Math.PI))])])];
  },
  Clip: (c) => {
    // The bounds themselves pass the gradient on, as in PyTorch's clamp.
    const bounds: string[] = [];
    if (c.has(1)) bounds.push(c.add('GreaterOrEqual', [c.input(0), c.input(1)]));
    if (c.has(2)) bounds.push(c.add('LessOrEqual', [c.input(0), c.input(2)]));
    const [first, second] = bounds;
    if (first === undefined) return [c.gradient];
    return [gate(c, second === undefined ? first : c.add('And', [first, second]))];
  },
  Softmax: (c) => {
    // dx = y · (dy − Σ dy · y)
    const axes = c.ints([c.int('axis', -1)]);
    const inner = c.add('ReduceSum', [c.add('Mul', [c.gradient, c.output()]), axes], { keepdims: 1 });
    return [c.add('Mul', [c.output(), c.add('Sub', [c.gradient, inner])])];
  },
  LogSoftmax: (c) => {
    // dx = dy − softmax(x) · Σ dy
    const axes = c.ints([c.int('axis', -1)]);
    const sum = c.add('ReduceSum', [c.gradient, axes], { keepdims: 1 });
    return [c.add('Sub', [c.gradient, c.add('Mul', [c.add('Exp', [c.output()]), sum])])];
  },
};

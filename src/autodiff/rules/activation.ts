/** Gradients of activation functions. */
import type { GradientRule, RuleContext } from '../rule.ts';

/** The gradient where a condition holds, zero elsewhere. */
function gate(c: RuleContext, condition: string): string {
  return c.add('Where', [condition, c.gradient, c.scalar(0)]);
}

/** A bound takes the gradients of the values that it replaced; the upper one wins where they cross. */
function clipBounds(c: RuleContext): (string | undefined)[] {
  const [x, low, high] = c.node.inputs as [string, string, string];
  const summed = (replaced: string, bound: string) =>
    c.sumTo(gate(c, replaced), c.shape(c.output()), c.shape(bound));
  let [lower, upper]: (string | undefined)[] = [];
  if (c.needs(1)) {
    const below = c.add('Less', [x, low]);
    lower = summed(c.has(2) ? c.add('And', [below, c.add('LessOrEqual', [low, high])]) : below, low);
  }
  if (c.needs(2)) upper = summed(c.add('Greater', [c.has(1) ? c.add('Max', [x, low]) : x, high]), high);
  return [lower, upper];
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
    const both = second === undefined ? first : c.add('And', [first!, second]);
    return [both === undefined ? c.gradient : gate(c, both), ...clipBounds(c)];
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

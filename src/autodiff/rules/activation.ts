/** Gradients of activation functions. */
import { float } from '../../onnx/index.ts';
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

function geluSlope(c: RuleContext): string {
  const x = c.input(0);
  const op = (type: string, a: string, b: string | number) =>
    c.add(type, [a, typeof b === 'number' ? c.scalar(b) : b]);
  const square = op('Mul', x, x);
  if (c.string('approximate', 'none') === 'none') {
    // Φ(x) + x · φ(x), of the normal distribution
    const half = op('Mul', c.add('Erf', [op('Mul', x, Math.SQRT1_2)]), 0.5);
    const density = op('Mul', c.add('Exp', [op('Mul', square, -0.5)]), 1 / Math.sqrt(2 * Math.PI));
    return op('Add', op('Add', half, 0.5), op('Mul', x, density));
  }
  // With t = tanh(√(2 / π) · (x + 0.044715 · x³)): ½ · (1 + t) + ½ · x · (1 − t²) · √(2 / π) · (1 + 3 · 0.044715 · x²)
  const [cubic, root] = [0.044715, Math.sqrt(2 / Math.PI)];
  const inner = op('Mul', op('Mul', x, root), op('Add', op('Mul', square, cubic), 1));
  const t = c.add('Tanh', [inner]);
  const steepness = op('Sub', c.scalar(1), op('Mul', t, t));
  const innerSlope = op('Add', op('Mul', square, 3 * cubic * root), root);
  const changing = op('Mul', op('Mul', x, steepness), innerSlope);
  return op('Mul', op('Add', op('Add', t, 1), changing), 0.5);
}

export const activationRules: Record<string, GradientRule> = {
  // 0 or 1 by the output's sign, in one pass: min(1, 3e38 · y) is below 1 for nothing but numbers beside 0.
  Relu: (c) => [
    c.elementType(c.output()) === 'float32'
      ? c.add('Mul', [
          c.gradient,
          c.add('HardSigmoid', [c.output()], { alpha: float(Math.fround(3e38)), beta: float(0) }),
        ])
      : gate(c, c.add('Greater', [c.output(), c.scalar(0)])),
  ],
  LeakyRelu: (c) => {
    const slope = c.scalar(c.float('alpha', 0.01));
    const positive = c.add('Greater', [c.input(0), c.scalar(0)]);
    return [c.add('Where', [positive, c.gradient, c.add('Mul', [c.gradient, slope])])];
  },
  PRelu: (c) => {
    const [x, slope] = [c.input(0), c.input(1)];
    const negative = c.add('Less', [x, c.scalar(0)]);
    return [
      c.needs(0) ? c.add('Where', [negative, c.add('Mul', [c.gradient, slope]), c.gradient]) : undefined,
      c.needs(1)
        ? c.sumTo(c.add('Mul', [gate(c, negative), x]), c.shape(c.output()), c.shape(slope))
        : undefined,
    ];
  },
  Elu: (c) => {
    // Below 0, α · eˣ is the output plus α.
    const slope = c.add('Add', [c.output(), c.scalar(c.float('alpha', 1))]);
    const negative = c.add('Less', [c.input(0), c.scalar(0)]);
    return [c.add('Where', [negative, c.add('Mul', [c.gradient, slope]), c.gradient])];
  },
  HardSigmoid: (c) => {
    const [above, below] = [
      c.add('Greater', [c.output(), c.scalar(0)]),
      c.add('Less', [c.output(), c.scalar(1)]),
    ];
    return [
      c.add('Mul', [gate(c, c.add('And', [above, below])), c.scalar(c.float('alpha', Math.fround(0.2)))]),
    ];
  },
  HardSwish: (c) => {
    // x · (x / 6 + ½) between −3 and 3; 0 before and x behind.
    const x = c.input(0);
    const slope = c.add('Add', [c.add('Div', [x, c.scalar(3)]), c.scalar(0.5)]);
    const inside = c.add('Less', [c.add('Abs', [x]), c.scalar(3)]);
    const outside = gate(c, c.add('Greater', [x, c.scalar(0)]));
    return [c.add('Where', [inside, c.add('Mul', [c.gradient, slope]), outside])];
  },
  Gelu: (c) => [c.add('Mul', [c.gradient, geluSlope(c)])],
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

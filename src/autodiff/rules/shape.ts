/** Gradients of operators that move values without changing them. */
import type { GradientRule } from '../rule.ts';

/** The gradient of an operator that only renames dimensions. */
const reshaped: GradientRule = (c) => [c.reshape(c.gradient, c.shape(c.input(0)))];

const castBack: GradientRule = (c) => [c.castLike(c.gradient, c.input(0), c.output())];

export const shapeRules: Record<string, GradientRule> = {
  Identity: (c) => [c.gradient],
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Cast: castBack,
  CastLike: castBack,
  Expand: (c) => [c.sumTo(c.gradient, c.shape(c.output()), c.shape(c.input(0)))],
  Transpose: (c) => {
    const rank = c.shape(c.input(0)).length;
    const perm = c.intList('perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
    const inverse: number[] = [];
    for (const [to, from] of perm.entries()) inverse[from] = to;
    return [c.add('Transpose', [c.gradient], { perm: inverse })];
  },
  Where: (c) => {
    const zero = c.scalar(0);
    const share = (i: number, chosen: string, otherwise: string) =>
      c.needs(i)
        ? c.sumTo(c.add('Where', [c.input(0), chosen, otherwise]), c.shape(c.output()), c.shape(c.input(i)))
        : undefined;
    return [undefined, share(1, c.gradient, zero), share(2, zero, c.gradient)];
  },
  Dropout: (c) => {
    const trains = c.has(2) && c.constantInput(2)![0] !== 0;
    if (!trains) return [c.gradient];
    const mask = (c.node.outputs[1] ||= c.graph.unique(`${c.output()}/mask`));
    const kept = c.add('Where', [mask, c.gradient, c.scalar(0)]);
    const ratio = c.has(1) ? c.castLike(c.input(1), c.output()) : c.scalar(0.5);
    return [c.add('Div', [kept, c.add('Sub', [c.scalar(1), ratio])])];
  },
};

/** Gradients of operators that take single elements out, repeat them, or put them in another order. */
import { int64 } from '../../onnx/index.ts';
import type { GradientRule, RuleContext } from '../rule.ts';

const sizeOfAll = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Adds a gradient up at given places along an axis of zeros. */
function scattered(c: RuleContext, indices: string, gradient: string, axis: number): string {
  return c.add('ScatterElements', [c.zeros(c.shape(c.input(0)), c.input(0)), indices, gradient], {
    axis,
    reduction: 'add',
  });
}

export const rearrangementRules: Record<string, GradientRule> = {
  GatherElements: (c) => [scattered(c, c.input(1), c.gradient, c.int('axis', 0))],
  TopK: (c) => {
    if (c.gradients[0] === undefined) return [];
    const indices = (c.node.outputs[1] ||= c.graph.unique(`${c.output()}/indices`));
    return [scattered(c, indices, c.gradients[0], c.int('axis', -1))];
  },
  GatherND: (c) => {
    if (c.int('batch_dims', 0) !== 0) throw c.unsupported('with batch_dims it has no rule');
    const shape = c.shape(c.input(0));
    const depth = c.shape(c.input(1)).at(-1)!;
    const width = sizeOfAll(shape.slice(depth));
    // Each index as the place of its first element in the flattened tensor; negative ones count from the end.
    const sizes = c.graph.constant(int64(shape.slice(0, depth)), 'sizes');
    const zero = c.graph.scalar(0, 'int64');
    const behind = c.add('Where', [c.add('Less', [c.input(1), zero]), sizes, zero]);
    const strides = shape.slice(0, depth).map((_, axis) => sizeOfAll(shape.slice(axis + 1)));
    const places = c.add('Mul', [
      c.add('Add', [c.input(1), behind]),
      c.graph.constant(int64(strides), 'strides'),
    ]);
    const starts = c.add('ReduceSum', [places, c.ints([-1])], { keepdims: 1 });
    const within = c.graph.constant(int64(Array.from({ length: width }, (_, i) => i)), 'within');
    // ScatterND would do without this, but its threads lose sums where an index occurs twice.
    const flat = c.add(
      'ScatterElements',
      [
        c.zeros([sizeOfAll(shape)], c.input(0)),
        c.reshape(c.add('Add', [starts, within]), [-1]),
        c.reshape(c.gradient, [-1]),
      ],
      { axis: 0, reduction: 'add' },
    );
    return [c.reshape(flat, shape)];
  },
  Tile: (c) => {
    const shape = c.shape(c.input(0));
    const repeated = c.shape(c.output());
    // [a · n, b · m] as [a, n, b, m], summed over a and b
    const apart = shape.flatMap((size, axis) => [repeated[axis]! / Math.max(1, size), size]);
    const copies = c.ints(shape.map((_, axis) => 2 * axis));
    return [c.add('ReduceSum', [c.reshape(c.gradient, apart), copies], { keepdims: 0 })];
  },
  DepthToSpace: (c) => {
    const block = c.int('blocksize', 1);
    if (c.string('mode', 'DCR') === 'DCR') return [c.add('SpaceToDepth', [c.gradient], { blocksize: block })];
    const [batch, channels, height, width] = c.shape(c.input(0)) as [number, number, number, number];
    const apart = c.reshape(c.gradient, [batch, channels / block ** 2, height, block, width, block]);
    const together = c.add('Transpose', [apart], { perm: [0, 1, 3, 5, 2, 4] });
    return [c.reshape(together, [batch, channels, height, width])];
  },
  SpaceToDepth: (c) => [
    c.add('DepthToSpace', [c.gradient], { blocksize: c.int('blocksize', 1), mode: 'DCR' }),
  ],
  Trilu: (c) => [c.add('Trilu', [c.gradient, c.node.inputs[1]], { upper: c.int('upper', 1) })],
  CumSum: (c) => [
    c.add('CumSum', [c.gradient, c.input(1)], {
      exclusive: c.int('exclusive', 0),
      reverse: 1 - c.int('reverse', 0),
    }),
  ],
  Einsum: (c) => {
    const equation = c.string('equation', '').replaceAll(' ', '');
    const [terms, result] = equation.split('->') as [string, string | undefined];
    const operands = terms.split(',');
    const plain = (term: string) => /^[a-zA-Z]*$/.test(term) && new Set(term).size === term.length;
    if (result === undefined || ![...operands, result].every(plain))
      throw c.unsupported(
        `its equation "${equation}" has an ellipsis, a repeated index, or no result written out`,
      );
    return operands.map((term, i) => {
      if (!c.needs(i)) return undefined;
      const others = operands.flatMap((other, j) => (j === i ? [] : [{ term: other, value: c.input(j) }]));
      const there = new Set([...result, ...others.flatMap((other) => [...other.term])]);
      if (![...term].every((index) => there.has(index)))
        throw c.unsupported(`its equation "${equation}" sums over an index of one operand alone`);
      return c.add('Einsum', [c.gradient, ...others.map(({ value }) => value)], {
        equation: `${[result, ...others.map((other) => other.term)].join(',')}->${term}`,
      });
    });
  },
};

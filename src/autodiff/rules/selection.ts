/** Gradients of operators that take parts out of values, put them together, or pad them. */
import { dataTypeOf, int64 } from '../../onnx/index.ts';
import type { GradientRule, RuleContext } from '../rule.ts';
import { mappedBack } from './along-axis.ts';

function positive(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function slice(c: RuleContext, value: string, axis: number, from: number, to: number): string {
  return c.add('Slice', [value, c.ints([from]), c.ints([to]), c.ints([axis])]);
}

export const selectionRules: Record<string, GradientRule> = {
  Concat: (c) => {
    const axis = positive(c.int('axis', 0), c.shape(c.output()).length);
    let offset = 0;
    return c.node.inputs.map((input, i) => {
      const from = offset;
      offset += c.shape(input)[axis]!;
      return c.needs(i) ? slice(c, c.gradient, axis, from, offset) : undefined;
    });
  },
  Split: (c) => {
    const parts = c.node.outputs.map((output, i) => c.gradients[i] ?? c.zeros(c.shape(output), c.input(0)));
    return [c.add('Concat', parts, { axis: c.int('axis', 0) })];
  },
  Slice: (c) => {
    const shape = c.shape(c.input(0));
    const rank = shape.length;
    const starts = c.constantInput(1)!;
    const axes = (c.constantInput(3) ?? starts.map((_, i) => i)).map((axis) => positive(axis, rank));
    const steps = c.constantInput(4) ?? starts.map(() => 1);
    const first = shape.map(() => 0);
    const step = shape.map(() => 1);
    for (const [i, axis] of axes.entries()) {
      const size = shape[axis]!;
      step[axis] = steps[i]!;
      const start = starts[i]! < 0 ? starts[i]! + size : starts[i]!;
      first[axis] = Math.max(0, Math.min(start, step[axis]! < 0 ? size - 1 : size));
    }
    const taken = c.shape(c.output());
    if (step.every((stride) => stride === 1)) {
      const ends = shape.map((size, axis) => size - first[axis]! - taken[axis]!);
      return [c.add('Pad', [c.gradient, c.ints([...first, ...ends]), c.scalar(0)])];
    }
    // Steps: put each value back where it came from.
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const indices = c.graph.constant(int64(flatIndices(shape, taken, first, step)), 'slice-indices');
    const flat = c.add('ScatterElements', [c.zeros([size]), indices, c.reshape(c.gradient, [-1])], {
      axis: 0,
    });
    return [c.reshape(flat, shape)];
  },
  Pad: (c) => {
    const mode = c.string('mode', 'constant');
    const shape = c.shape(c.input(0));
    const pads = c.constantInput(1)!;
    const axes = (c.constantInput(3) ?? shape.map((_, i) => i)).map((axis) => positive(axis, shape.length));
    if (mode !== 'constant') return [paddedFromInside(c, mode, { pads, axes })];
    const back = [...shape, ...shape].map(() => 0);
    for (const [i, axis] of axes.entries()) {
      back[axis] = -pads[i]!;
      back[axis + shape.length] = -pads[i + axes.length]!;
    }
    // Padding by the opposite numbers cuts what was added and gives back (as zeros) what was cut.
    const gradients: (string | undefined)[] = [
      c.needs(0) ? c.add('Pad', [c.gradient, c.ints(back), c.scalar(0)]) : undefined,
    ];
    if (c.needs(2)) throw c.unsupported('the padding value itself cannot be trained');
    return gradients;
  },
  Gather: (c) => {
    const data = c.shape(c.input(0));
    const indices = c.shape(c.input(1));
    const axis = positive(c.int('axis', 0), data.length);
    // Bring the gathered axis to the front, add up row by row, and bring it back.
    const around = [...data.slice(0, axis), ...data.slice(axis + 1)];
    const rank = c.shape(c.output()).length;
    const gathered = indices.map((_, i) => axis + i);
    const others = Array.from({ length: rank }, (_, i) => i).filter((i) => !gathered.includes(i));
    const front =
      axis === 0 ? c.gradient : c.add('Transpose', [c.gradient], { perm: [...gathered, ...others] });
    // ScatterND would add whole rows and be quicker, but its threads lose sums where an index occurs twice.
    const width = around.reduce((product, size) => product * size, 1);
    const rows = c.reshape(c.input(1), [-1, 1]);
    const wide =
      c.elementType(c.input(1)) === 'int64' ? rows : c.add('Cast', [rows], { to: dataTypeOf('int64') });
    const first = c.add('Mul', [wide, c.graph.scalar(width, 'int64')]);
    const within = c.graph.constant(int64(Array.from({ length: width }, (_, i) => i)), 'row');
    const flat = c.add(
      'ScatterElements',
      [
        c.zeros([data[axis]! * width]),
        c.reshape(c.add('Add', [first, within]), [-1]),
        c.reshape(front, [-1]),
      ],
      { axis: 0, reduction: 'add' },
    );
    const table = c.reshape(flat, [data[axis]!, ...around]);
    if (axis === 0) return [table];
    const perm = [
      ...Array.from({ length: axis }, (_, i) => i + 1),
      0,
      ...around.slice(axis).map((_, i) => axis + 1 + i),
    ];
    return [c.add('Transpose', [table], { perm })];
  },
};

/** Padding that repeats what is inside: an input gets the gradients of all its copies. */
function paddedFromInside(
  c: RuleContext,
  mode: string,
  { pads, axes }: { pads: readonly number[]; axes: readonly number[] },
): string {
  const shape = c.shape(c.input(0));
  const sources: Record<string, (place: number, size: number) => number> = {
    edge: (place, size) => Math.max(0, Math.min(place, size - 1)),
    // There and back again, the ends not repeated: a period of 2 · (size − 1).
    reflect: (place, size) => {
      const period = Math.max(1, 2 * (size - 1));
      const along = ((place % period) + period) % period;
      return Math.min(along, period - along, size - 1);
    },
    wrap: (place, size) => ((place % size) + size) % size,
  };
  const source = sources[mode];
  if (!source) throw c.unsupported(`padding by ${mode} has no rule`);
  let gradient = c.gradient;
  for (const [i, axis] of axes.entries()) {
    const size = shape[axis]!;
    const [begin, padded] = [pads[i]!, c.shape(c.output())[axis]!];
    if (begin === 0 && padded === size) continue;
    const taps = Array.from({ length: padded }, (_, to) => [[source(to - begin, size), 1]] as const);
    gradient = mappedBack(c, gradient, { axis, rank: shape.length, taps, size });
  }
  return gradient;
}

/** Where each element of a strided slice stands in the flattened tensor it was taken from. */
function flatIndices(
  shape: readonly number[],
  taken: readonly number[],
  first: readonly number[],
  step: readonly number[],
): number[] {
  let indices = [0];
  for (const [axis, size] of shape.entries()) {
    indices = indices.flatMap((base) =>
      Array.from({ length: taken[axis]! }, (_, i) => base * size + first[axis]! + i * step[axis]!),
    );
  }
  return indices;
}

/** Gradients of what maps each axis of a tensor by a matrix of its own: resizing, padding by what is inside. */
import type { TensorData } from '../../onnx/index.ts';
import type { RuleContext } from '../rule.ts';

/** Weights of the inputs that one position of the output is made of: [position in the input, weight]. */
export type Taps = readonly (readonly [from: number, weight: number])[];

/**
 * The gradient of y = x ×ₐ M, along axis a.
 *
 * @param taps one entry for each position of the output: the rows of M, where they are not 0
 * @param size of the axis in the input
 */
export function mappedBack(
  c: RuleContext,
  gradient: string,
  { axis, rank, taps, size }: { axis: number; rank: number; taps: readonly Taps[]; size: number },
): string {
  const last = axis === rank - 1;
  const matrix = c.graph.constant(matrixOf(c, taps, size, last ? 'rows' : 'columns'), 'axis-map');
  if (last) return c.add('MatMul', [gradient, matrix]);
  if (axis === rank - 2) return c.add('MatMul', [matrix, gradient]);
  // Bring the axis to the place before the last one, and back.
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[axis], perm[rank - 2]] = [rank - 2, axis];
  const product = c.add('MatMul', [matrix, c.add('Transpose', [gradient], { perm })]);
  return c.add('Transpose', [product], { perm });
}

/** M [output, input] as rows, or its transpose. */
function matrixOf(c: RuleContext, taps: readonly Taps[], size: number, by: 'rows' | 'columns'): TensorData {
  const elementType = c.elementType(c.output());
  const Values = elementType === 'float64' ? Float64Array : Float32Array;
  const data = new Values(taps.length * size);
  for (const [to, row] of taps.entries())
    for (const [from, weight] of row)
      data[by === 'rows' ? to * size + from : from * taps.length + to]! += weight;
  return {
    elementType: elementType === 'float64' ? 'float64' : 'float32',
    shape: by === 'rows' ? [taps.length, size] : [size, taps.length],
    data,
  };
}

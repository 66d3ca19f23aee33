/** Gradients of matrix products. ONNX Runtime fuses the transpositions into the products. */
import { float } from '../../onnx/index.ts';
import type { GradientRule, RuleContext } from '../rule.ts';

export const productRules: Record<string, GradientRule> = {
  MatMul: (c) => {
    const [a, b] = [c.input(0), c.input(1)];
    const [shapeA, shapeB] = [c.shape(a), c.shape(b)];
    // Vectors take part as one-row or one-column matrices.
    const matrixA = shapeA.length === 1 ? [1, ...shapeA] : shapeA;
    const matrixB = shapeB.length === 1 ? [...shapeB, 1] : shapeB;
    const product = [
      ...broadcast(matrixA.slice(0, -2), matrixB.slice(0, -2)),
      matrixA.at(-2)!,
      matrixB.at(-1)!,
    ];
    const asMatrix = (value: string, shape: readonly number[], matrix: readonly number[]) =>
      shape === matrix ? value : c.reshape(value, matrix);
    const vectors = shapeA.length === 1 || shapeB.length === 1;
    const gradient = vectors ? c.reshape(c.gradient, product) : c.gradient;
    const finish = (
      value: string,
      matrix: readonly number[],
      rows: number,
      columns: number,
      shape: readonly number[],
    ) => {
      const full = [...product.slice(0, -2), rows, columns];
      const summed = c.sumTo(value, full, matrix);
      return shape === matrix ? summed : c.reshape(summed, shape);
    };
    const gradientA = c.needs(0)
      ? finish(
          c.add('MatMul', [gradient, transposed(c, asMatrix(b, shapeB, matrixB), matrixB.length)]),
          matrixA,
          matrixA.at(-2)!,
          matrixA.at(-1)!,
          shapeA,
        )
      : undefined;
    const gradientB = c.needs(1)
      ? finish(
          c.add('MatMul', [transposed(c, asMatrix(a, shapeA, matrixA), matrixA.length), gradient]),
          matrixB,
          matrixB.at(-2)!,
          matrixB.at(-1)!,
          shapeB,
        )
      : undefined;
    return [gradientA, gradientB];
  },
  Gemm: (c) => {
    const [transA, transB] = [c.int('transA', 0), c.int('transB', 0)];
    const [alpha, beta] = [c.float('alpha', 1), c.float('beta', 1)];
    const gemm = (left: string, right: string, transLeft: number, transRight: number) =>
      c.add('Gemm', [left, right], { alpha: float(alpha), transA: transLeft, transB: transRight });
    const [a, b, g] = [c.input(0), c.input(1), c.gradient];
    const gradientA = c.needs(0) ? (transA ? gemm(b, g, transB, 1) : gemm(g, b, 0, 1 - transB)) : undefined;
    const gradientB = c.needs(1) ? (transB ? gemm(g, a, 1, transA) : gemm(a, g, 1 - transA, 0)) : undefined;
    let gradientC: string | undefined;
    if (c.needs(2)) {
      gradientC = c.sumTo(g, c.shape(c.output()), c.shape(c.input(2)));
      if (beta !== 1) gradientC = c.add('Mul', [gradientC, c.scalar(beta)]);
    }
    return [gradientA, gradientB, gradientC];
  },
};

function transposed(c: RuleContext, value: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, i) => i);
  perm[rank - 2] = rank - 1;
  perm[rank - 1] = rank - 2;
  return c.add('Transpose', [value], { perm });
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const sizeA = a[i - rank + a.length] ?? 1;
    const sizeB = b[i - rank + b.length] ?? 1;
    return sizeA === 1 ? sizeB : sizeA;
  });
}

import { describe, expect, it } from 'vitest';
import { Random } from '../../random.ts';
import { type Symmetric, symmetricEigen } from './symmetric-eigen.ts';

/** Σ_i x_i x_iᵀ of drawn rows. */
function drawn(width: number, rows: number, size: (d: number) => number = () => 1): Symmetric {
  const random = Random.from(1, `eigen ${width} ${rows}`);
  const data = new Float64Array(width * width);
  for (let i = 0; i < rows; i++) {
    const x = Float64Array.from({ length: width }, (_, d) => size(d) * random.normal());
    for (let j = 0; j < width; j++) for (let k = 0; k < width; k++) data[j * width + k]! += x[j]! * x[k]!;
  }
  return { data, width };
}

function diagonal(values: readonly number[]): Symmetric {
  const width = values.length;
  const data = new Float64Array(width * width);
  for (const [i, value] of values.entries()) data[i * width + i] = value;
  return { data, width };
}

const tridiagonal: Symmetric = { data: Float64Array.of(2, -1, 0, -1, 2, -1, 0, -1, 2), width: 3 };
const negative: Symmetric = { data: Float64Array.of(0, 3, 3, 0), width: 2 };

const cases: [string, Symmetric][] = [
  ['one value', { data: Float64Array.of(-4), width: 1 }],
  ['two by two, one eigenvalue negative', negative],
  ['tridiagonal', tridiagonal],
  ['a covariance', drawn(40, 200)],
  ['a covariance of lower rank', drawn(40, 15)],
  ['one direction', drawn(12, 1)],
  ['directions of very different size', drawn(20, 80, (d) => 10 ** (-d / 4))],
  ['tiny values', { ...drawn(9, 30), data: drawn(9, 30).data.map((value) => value * 1e-200) }],
  ['large values', { ...drawn(9, 30), data: drawn(9, 30).data.map((value) => value * 1e200) }],
  ['equal eigenvalues', diagonal([3, 1, 3, 1, 3])],
  ['nothing', diagonal([0, 0, 0, 0])],
];

describe('symmetricEigen', () => {
  it.each(cases)('%s: rows at right angles that give the matrix again', (_, matrix) => {
    const { width } = matrix;
    const { values, vectors } = symmetricEigen(matrix);
    const largest = Math.max(...values.map(Math.abs));
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
    for (let j = 0; j < width; j++) {
      for (let k = 0; k < width; k++) {
        let [along, again] = [0, 0];
        for (let i = 0; i < width; i++) {
          along += vectors[j * width + i]! * vectors[k * width + i]!;
          again += (values[i]! / (largest || 1)) * vectors[i * width + j]! * vectors[i * width + k]!;
        }
        expect(along).toBeCloseTo(j === k ? 1 : 0, 12);
        expect(again).toBeCloseTo(matrix.data[j * width + k]! / (largest || 1), 12);
      }
    }
  });

  it('finds what can be found by hand', () => {
    const { values } = symmetricEigen(tridiagonal);
    for (const [i, wanted] of [2 + Math.SQRT2, 2, 2 - Math.SQRT2].entries())
      expect(values[i]).toBeCloseTo(wanted, 14);
    expect([...symmetricEigen(negative).values].map((value) => Math.round(value * 1e14) / 1e14)).toEqual([
      3, -3,
    ]);
  });

  it('leaves the matrix as it was, and gives the same bits again', () => {
    const matrix = drawn(30, 90);
    const before = matrix.data.slice();
    const first = symmetricEigen(matrix);
    expect(matrix.data).toEqual(before);
    expect(symmetricEigen(matrix)).toEqual(first);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (value) => {
    const matrix = { data: Float64Array.of(1, value, value, 1), width: 2 };
    expect(() => symmetricEigen(matrix)).toThrowError(/values that are no finite numbers/);
  });
});

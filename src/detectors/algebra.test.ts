import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { BLOCK_BYTES, rowBlocks } from './algebra.ts';
import { matrix, plainAlgebra, type RuntimeAlgebra, runtimeAlgebra } from './index.ts';

let runtime: Runtime;
let native: RuntimeAlgebra;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
  native = runtimeAlgebra(runtime);
});
afterAll(async () => {
  await native.release();
  await runtime.dispose();
});

/** Eighths, so that products are exact, and many are equal. */
function drawn(rows: number, columns: number, label: string) {
  const random = Random.from(1, label);
  return matrix(
    Float32Array.from({ length: rows * columns }, () => (random.integer(65) - 32) / 8),
    columns,
  );
}

describe('algebra on ONNX Runtime', () => {
  it.each([{ keep: true }, { keep: false }])('multiplies as plain code does, $keep', async (options) => {
    const [a, b] = [drawn(7, 5, 'a'), drawn(9, 5, 'b')];
    const plain = await plainAlgebra.products(a, b);
    for (let times = 0; times < 2; times++) expect(await native.products(a, b, options)).toEqual(plain);
    expect(await native.products(drawn(2, 5, 'c'), b, options)).toEqual(
      await plainAlgebra.products(drawn(2, 5, 'c'), b),
    );
  });

  it.each([{ keep: true }, { keep: false }])(
    'multiplies twice in a row as plain code does, $keep',
    async (options) => {
      const [a, b, c] = [drawn(7, 3, 'a'), drawn(5, 3, 'b'), drawn(2, 5, 'c')];
      const plain = await plainAlgebra.chained(a, b, c);
      expect([plain.first.shape, plain.second.shape]).toEqual([
        [7, 5],
        [7, 2],
      ]);
      expect(plain.second).toEqual(await plainAlgebra.products(await plainAlgebra.products(a, b), c));
      for (let times = 0; times < 2; times++) expect(await native.chained(a, b, c, options)).toEqual(plain);
      // The same b with another c, which must not be taken for the one before.
      const other = drawn(4, 5, 'other');
      expect(await native.chained(a, b, other, options)).toEqual(await plainAlgebra.chained(a, b, other));
    },
  );

  it('leaves out what is zero or twice the same, wide matrices in parts', async () => {
    const [a, width] = [drawn(6, 270, 'wide'), 270];
    const triangular = drawn(width, width, 'triangular');
    for (let i = 0; i < width; i++) triangular.data.fill(0, i * width + i + 1, (i + 1) * width);
    const c = drawn(3, width, 'c');
    const [plain, first] = [
      await plainAlgebra.chained(a, triangular, c),
      await native.chained(a, triangular, c, { keep: true }),
    ];
    expect(first.first).toEqual(plain.first);
    // Sums of products of sums leave the numbers that float32 holds exactly.
    for (const [i, value] of first.second.data.entries())
      expect(value / plain.second.data[i]!).toBeCloseTo(1, 4);
    expect(await native.gram(a)).toEqual(await plainAlgebra.gram(a));
  });

  it('multiplies columns with columns as plain code does', async () => {
    const a = drawn(9, 4, 'a');
    const gram = await native.gram(a);
    expect(gram).toEqual(await plainAlgebra.gram(a));
    const columns = matrix(
      Float32Array.from({ length: 36 }, (_, i) => a.data[(i % 9) * 4 + Math.floor(i / 9)]!),
      9,
    );
    expect(gram).toEqual(await plainAlgebra.products(columns, columns));
  });

  it.each([{ keep: true }, { keep: false }])(
    'finds the largest, over several blocks of rows, $keep',
    async (options) => {
      const [a, b] = [drawn(300, 2, 'a'), drawn(2 ** 16 + 40, 2, 'b')];
      const found = await native.largest(a, b, 50, options);
      expect(found.products.shape).toEqual([300, 50]);
      for (const i of [0, 150, 255, 256, 299]) {
        const row = matrix(a.data.slice(2 * i, 2 * i + 2), 2);
        const sorted = (await plainAlgebra.products(row, b)).data.sort().reverse().slice(0, 50);
        expect(found.products.data.slice(50 * i, 50 * (i + 1))).toEqual(sorted);
        const rows = found.rows.slice(50 * i, 50 * (i + 1));
        expect(new Set(rows).size).toBe(50);
        for (const [at, j] of rows.entries())
          expect(row.data[0]! * b.data[2 * j]! + row.data[1]! * b.data[2 * j + 1]!).toBe(sorted[at]);
      }
    },
  );

  it('asks the last, small block for no more than it has', async () => {
    const b = drawn(2 ** 16 + 3, 2, 'b');
    const a = matrix(Float32Array.of(1, 0, -1, 0), 2);
    expect((await native.largest(a, b, 20)).products).toEqual(
      (await plainAlgebra.largest(a, b, 20)).products,
    );
  });

  it('refuses what does not fit', async () => {
    for (const algebra of [plainAlgebra, native]) {
      await expect(algebra.products(drawn(2, 3, 'a'), drawn(2, 4, 'b'))).rejects.toThrowError(
        /Rows of 3 values/,
      );
      await expect(
        algebra.chained(drawn(2, 3, 'a'), drawn(4, 3, 'b'), drawn(2, 3, 'c')),
      ).rejects.toThrowError(/Rows of 4 values cannot be multiplied with rows of 3/);
      await expect(algebra.largest(drawn(2, 3, 'a'), drawn(2, 3, 'b'), 3)).rejects.toThrowError(
        /The 3 largest of 2 products cannot be taken/,
      );
    }
  });

  it('can be used again after it was released', async () => {
    const own = runtimeAlgebra(runtime);
    const [a, b] = [drawn(3, 4, 'a'), drawn(2, 4, 'b')];
    const before = await own.products(a, b, { keep: true });
    await own.release();
    expect(await own.products(a, b, { keep: true })).toEqual(before);
    await own.release();
  });
});

describe('rowBlocks', () => {
  it('covers all rows, in blocks whose results fit', () => {
    const rows = drawn(10, 3, 'a');
    const results = BLOCK_BYTES / 4 / 4;
    const blocks = [...rowBlocks(rows, results)];
    expect(blocks.map(({ from, block }) => [from, block.shape[0]])).toEqual([
      [0, 4],
      [4, 4],
      [8, 2],
    ]);
    expect(Float32Array.from(blocks.flatMap(({ block }) => [...block.data]))).toEqual(rows.data);
    expect([...rowBlocks(rows, 2 ** 40)]).toHaveLength(10);
    expect([...rowBlocks(matrix(new Float32Array(0), 3), 3)]).toEqual([]);
  });
});

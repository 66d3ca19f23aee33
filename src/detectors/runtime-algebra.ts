/** Products of matrices by ONNX Runtime. */
import { createModel, dataTypeOf, float32, Graph, int64, type Model, writeModel } from '../onnx/index.ts';
import type { Runtime, Session, Tensors } from '../runtime/runtime.ts';
import {
  type Algebra,
  BLOCK_BYTES,
  checkLargest,
  checkProduct,
  emptyLargest,
  type Largest,
  rowRange,
} from './algebra.ts';
import type { Matrix } from './outputs.ts';

export interface RuntimeAlgebra extends Algebra {
  release(): Promise<void>;
}

/**
 * Rows of b whose products with a block of a are taken together. Measured on 50,000 rows of 512 values: with four times as
 * many, loading them takes 70 MB more at its highest; with a quarter, looking for the largest costs 15 % more.
 */
const MOST_ROWS = 2 ** 14;

/** Loads its programs when they are first used; `release` gives them back, and matrices that were kept. */
export function runtimeAlgebra(runtime: Runtime): RuntimeAlgebra {
  const sessions = new Map<string, Promise<Session>>();
  const numbers = new WeakMap<Float32Array, number>();
  let numbered = 0;
  /** Tells kept matrices apart, by their buffers. */
  const numberOf = ({ data }: Matrix) => {
    const number = numbers.get(data) ?? ++numbered;
    numbers.set(data, number);
    return number;
  };
  /** The program of a name; with `kept`, one that holds these matrices. */
  const program = (name: string, kept: readonly Matrix[], make: () => Model) => {
    const key = [name, ...kept.map(numberOf)].join();
    let session = sessions.get(key);
    if (!session) {
      session = runtime.createSession(writeModel(make()));
      sessions.set(key, session);
    }
    return session;
  };
  return {
    async products(a, b, { keep = false } = {}) {
      checkProduct(a, b);
      const held = keep ? { b } : {};
      const session = await program('products', Object.values(held), () => productModel(held));
      const { product } = await session.run(feedsOf({ a, b }, held));
      return { data: product!.data as Float32Array, shape: [a.shape[0], b.shape[0]] };
    },
    async chained(a, b, c, { keep = false } = {}) {
      checkProduct(a, b);
      checkProduct({ data: b.data, shape: [1, b.shape[0]] }, c);
      const held = keep ? { b, c } : {};
      const session = await program('chained', Object.values(held), () => chainModel(held));
      const { first, second } = await session.run(feedsOf({ a, b, c }, held));
      return {
        first: { data: first!.data as Float32Array, shape: [a.shape[0], b.shape[0]] },
        second: { data: second!.data as Float32Array, shape: [a.shape[0], c.shape[0]] },
      };
    },
    async gram(a) {
      const [, width] = a.shape;
      const session = await program(`gram of ${width}`, [], () => gramModel(width));
      return mirrored(Object.values(await session.run(feedsOf({ a }))), width);
    },
    async largest(a, b, count, { keep = false } = {}) {
      checkLargest(a, b, count);
      const found = emptyLargest(a.shape[0], count);
      for (const { from, rows } of blocksOf(b)) {
        const size = Math.max(1, Math.floor(BLOCK_BYTES / 4 / rows.shape[0]));
        const taken = Math.min(count, rows.shape[0]);
        const held = keep ? { b: rows } : {};
        const name = keep ? `${taken} largest, from ${from}` : `${taken} largest`;
        const session = await program(name, keep ? [b] : [], () => largestModel(taken, held));
        for (let row = 0; row < a.shape[0]; row += size) {
          const some = rowRange(a, row, Math.min(a.shape[0], row + size));
          const { product, place } = await session.run(feedsOf({ a: some, b: rows }, held));
          merge(found, row, {
            values: product!.data as Float32Array,
            places: place!.data as Int32Array,
            taken,
            from,
          });
        }
      }
      return found;
    },
    async release() {
      const all = [...sessions.values()];
      sessions.clear();
      for (const session of all) await (await session.catch(() => undefined))?.release();
    },
  };
}

/** Matrices that a program holds, by name. */
type Held = Readonly<Record<string, Matrix>>;

/** The matrices that have to be fed: all but those that the program holds. */
function feedsOf(matrices: Record<string, Matrix>, held: Held = {}): Tensors {
  return Object.fromEntries(
    Object.entries(matrices)
      .filter(([name]) => !held[name])
      .map(([name, { data, shape }]) => [name, { elementType: 'float32', data, shape }]),
  );
}

function blocksOf(b: Matrix): { from: number; rows: Matrix }[] {
  const [total, width] = b.shape;
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(BLOCK_BYTES / 4 / width)));
  const blocks: { from: number; rows: Matrix }[] = [];
  for (let from = 0; from < total; from += most)
    blocks.push({ from, rows: rowRange(b, from, Math.min(total, from + most)) });
  return blocks;
}

/** Sorts the largest of another block of b into those of the blocks before; of equals, the earlier row comes first. */
function merge(
  { products, rows }: Largest,
  firstRow: number,
  { values, places, taken, from }: { values: Float32Array; places: Int32Array; taken: number; from: number },
): void {
  const count = products.shape[1];
  const [oldValues, oldRows] = [new Float32Array(count), new Int32Array(count)];
  for (let i = 0; i < values.length / taken; i++) {
    const at = (firstRow + i) * count;
    oldValues.set(products.data.subarray(at, at + count));
    oldRows.set(rows.subarray(at, at + count));
    let [old, other] = [0, i * taken];
    const end = other + taken;
    for (let to = at; to < at + count; to++) {
      const isNew = other < end && (oldRows[old]! < 0 || values[other]! > oldValues[old]!);
      products.data[to] = isNew ? values[other]! : oldValues[old]!;
      rows[to] = isNew ? from + places[other]! : oldRows[old]!;
      if (isNew) other++;
      else old++;
    }
  }
}

/** A graph of products, with the first matrix as its input. */
function graphOf(name: string): Graph {
  const graph = new Graph(name);
  graph.addInput('a', 'float32', ['m', 'd']);
  return graph;
}

/** A matrix that is held, or else one more input. */
function place(graph: Graph, name: string, held: Held, shape: readonly [string, string]): string {
  const matrix = held[name];
  if (matrix) return graph.addInitializer(name, float32(matrix.data, matrix.shape));
  return graph.addInput(name, 'float32', shape);
}

function productModel(held: Held): Model {
  const graph = graphOf('products');
  const b = place(graph, 'b', held, ['n', 'd']);
  graph.addOutput(graph.add('Gemm', ['a', b], { transB: 1 }, { name: 'product' }));
  return createModel(graph);
}

function chainModel(held: Held): Model {
  const graph = graphOf('chained');
  const c = place(graph, 'c', held, ['l', 'n']);
  const first = held.b
    ? productWithHeld(graph, held.b)
    : graph.add('Gemm', ['a', place(graph, 'b', held, ['n', 'd'])], { transB: 1 }, { name: 'first' });
  graph.addOutput(first);
  graph.addOutput(graph.add('Gemm', [first, c], { transB: 1 }, { name: 'second' }));
  return createModel(graph);
}

/** The columns of `a` from one number to another. */
function columns(graph: Graph, a: string, from: number, to: number): string {
  return graph.add('Slice', [a, graph.ints([from]), graph.ints([to]), graph.ints([1])]);
}

/**
 * A·Bᵀ, named `first`, in parts of rows of B without the zeros that all of these end in: of a triangular factor 5 of 8
 * products remain.
 */
function productWithHeld(graph: Graph, b: Matrix): string {
  const [rows, width] = b.shape;
  const parts = rangesOf(rows).map(({ from, to }) => {
    const some = rowRange(b, from, to);
    let used = 1;
    for (let row = 0; row < to - from; row++)
      for (let d = width - 1; d >= used; d--) if (some.data[row * width + d] !== 0) used = d + 1;
    return { some, used };
  });
  const multiplied = parts.reduce((sum, { some, used }) => sum + some.shape[0] * used, 0);
  if (multiplied > 0.75 * rows * width)
    return graph.add('Gemm', ['a', place(graph, 'b', { b }, ['n', 'd'])], { transB: 1 }, { name: 'first' });
  const products = parts.map(({ some, used }, i) => {
    const data = new Float32Array(some.shape[0] * used);
    for (let row = 0; row < some.shape[0]; row++)
      data.set(some.data.subarray(row * width, row * width + used), row * used);
    const part = graph.addInitializer(`b${i}`, float32(data, [some.shape[0], used]));
    return graph.add('Gemm', [used < width ? columns(graph, 'a', 0, used) : 'a', part], { transB: 1 });
  });
  return graph.add('Concat', products, { axis: 1 }, { name: 'first' });
}

/** Aᵀ·A in parts: columns with themselves and those behind them. The others are the same again. */
function gramModel(width: number): Model {
  const graph = graphOf('gram');
  for (const { from, to } of rangesOf(width)) {
    const rest = from === 0 ? 'a' : columns(graph, 'a', from, width);
    const own = from === 0 && to === width ? 'a' : columns(graph, 'a', from, to);
    graph.addOutput(graph.add('Gemm', [own, rest], { transA: 1 }, { name: `part${from}` }));
  }
  return createModel(graph);
}

/** What {@link gramModel} gives, put together. */
function mirrored(parts: readonly Tensors[string][], width: number): Matrix {
  const data = new Float32Array(width * width);
  for (const [at, { from, to }] of rangesOf(width).entries()) {
    const values = parts[at]!.data as Float32Array;
    const across = width - from;
    for (let i = from; i < to; i++) {
      const row = (i - from) * across - from;
      for (let j = i; j < width; j++) {
        const value = values[row + j]!;
        data[i * width + j] = value;
        data[j * width + i] = value;
      }
    }
  }
  return { data, shape: [width, width] };
}

/** Fewer rows are multiplied whole. */
const LEAST_TO_PART = 256;
const PARTS = 4;

/** 0 to `count` in four parts, or in one where that is little. */
function rangesOf(count: number): { from: number; to: number }[] {
  if (count < LEAST_TO_PART) return [{ from: 0, to: count }];
  const size = Math.ceil(count / PARTS);
  return Array.from({ length: PARTS }, (_, i) => ({ from: i * size, to: Math.min(count, (i + 1) * size) }));
}

/** Only the largest leave the program: all products of a batch with a bank would be a hundred times as much to copy. */
function largestModel(count: number, held: Held): Model {
  const graph = graphOf('largest');
  const b = place(graph, 'b', held, ['n', 'd']);
  const all = graph.add('Gemm', ['a', b], { transB: 1 });
  const k = graph.addInitializer('k', int64([count], [1]));
  const [values, places] = graph.addMany('TopK', [all, k], 2, { axis: 1 });
  graph.addOutput(graph.add('Identity', [values!], {}, { name: 'product' }));
  graph.addOutput(graph.add('Cast', [places!], { to: dataTypeOf('int32') }, { name: 'place' }));
  return createModel(graph);
}

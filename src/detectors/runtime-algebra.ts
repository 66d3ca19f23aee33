/** Products of matrices by ONNX Runtime. */
import { createModel, dataTypeOf, float32, Graph, int64, writeModel } from '../onnx/index.ts';
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

/** Rows of b whose products with a block of a are taken together: with them, 256 rows of a fill a block of products. */
const MOST_ROWS = 2 ** 16;

/** Loads its programs when they are first used; `release` gives them back, and matrices that were kept. */
export function runtimeAlgebra(runtime: Runtime): RuntimeAlgebra {
  const sessions = new Map<string, Promise<Session>>();
  const kept = new Map<Float32Array, Map<string, Promise<Session>>>();
  /** The program of `count` largest (0: all) products; `b` is held in it where it is given. */
  const program = (count: number, from: number, b?: { whole: Float32Array; rows: Matrix }) => {
    let programs = sessions;
    if (b) {
      programs = kept.get(b.whole) ?? new Map();
      kept.set(b.whole, programs);
    }
    const key = `${count} of ${from}`;
    let session = programs.get(key);
    if (!session) {
      session = runtime.createSession(writeModel(productModel(count, b?.rows)));
      programs.set(key, session);
    }
    return session;
  };
  const run = async (
    a: Matrix,
    b: Matrix,
    { whole, from, count }: { whole?: Float32Array | undefined; from: number; count: number },
  ): Promise<Tensors> => {
    const session = await (whole ? program(count, from, { whole, rows: b }) : program(count, 0));
    const feeds: Tensors = { a: { elementType: 'float32', ...a } };
    if (!whole) feeds.b = { elementType: 'float32', ...b };
    return session.run(feeds);
  };
  return {
    async products(a, b, { keep = false } = {}) {
      checkProduct(a, b);
      const { product } = await run(a, b, { whole: keep ? b.data : undefined, from: 0, count: 0 });
      return { data: product!.data as Float32Array, shape: [a.shape[0], b.shape[0]] };
    },
    async largest(a, b, count, { keep = false } = {}) {
      checkLargest(a, b, count);
      const found = emptyLargest(a.shape[0], count);
      const blocks = blocksOf(b);
      for (const { from, rows } of blocks) {
        const size = Math.max(1, Math.floor(BLOCK_BYTES / 4 / rows.shape[0]));
        const taken = Math.min(count, rows.shape[0]);
        for (let row = 0; row < a.shape[0]; row += size) {
          const some = rowRange(a, row, Math.min(a.shape[0], row + size));
          const whole = keep ? b.data : undefined;
          const { product, place } = await run(some, rows, { whole, from, count: taken });
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
      const all = [sessions, ...kept.values()].flatMap((programs) => [...programs.values()]);
      sessions.clear();
      kept.clear();
      for (const session of all) await (await session.catch(() => undefined))?.release();
    },
  };
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

/** Choosing where the products are computed is twice as fast as bringing all of them here first. */
function productModel(count: number, held?: Matrix) {
  const graph = new Graph('products');
  graph.addInput('a', 'float32', ['m', 'd']);
  if (held) graph.addInitializer('b', float32(held.data, held.shape));
  else graph.addInput('b', 'float32', ['n', 'd']);
  if (count === 0) {
    graph.addOutput(graph.add('Gemm', ['a', 'b'], { transB: 1 }, { name: 'product' }));
    return createModel(graph);
  }
  const all = graph.add('Gemm', ['a', 'b'], { transB: 1 });
  const k = graph.addInitializer('k', int64([count], [1]));
  const [values, places] = graph.addMany('TopK', [all, k], 2, { axis: 1 });
  graph.addOutput(graph.add('Identity', [values!], {}, { name: 'product' }));
  graph.addOutput(graph.add('Cast', [places!], { to: dataTypeOf('int32') }, { name: 'place' }));
  return createModel(graph);
}

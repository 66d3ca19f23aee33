/** Products of matrices by ONNX Runtime. */
import { createModel, Graph, writeModel } from '../onnx/index.ts';
import type { Runtime, Session } from '../runtime/runtime.ts';
import { type Algebra, checkProduct } from './algebra.ts';

export interface RuntimeAlgebra extends Algebra {
  release(): Promise<void>;
}

/** Loads its program when it is first used; `release` gives it back. */
export function runtimeAlgebra(runtime: Runtime): RuntimeAlgebra {
  let session: Promise<Session> | undefined;
  return {
    async products(a, b) {
      checkProduct(a, b);
      session ??= runtime.createSession(writeModel(productModel()));
      const { product } = await (await session).run({
        a: { elementType: 'float32', ...a },
        b: { elementType: 'float32', ...b },
      });
      return { data: product!.data as Float32Array, shape: [a.shape[0], b.shape[0]] };
    },
    async release() {
      await (await session)?.release();
    },
  };
}

function productModel() {
  const graph = new Graph('products');
  graph.addInput('a', 'float32', ['m', 'd']);
  graph.addInput('b', 'float32', ['n', 'd']);
  graph.addOutput(graph.add('Gemm', ['a', 'b'], { transB: 1 }, { name: 'product' }));
  return createModel(graph);
}

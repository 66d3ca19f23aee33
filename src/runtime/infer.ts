/** Types and shapes of every value in a graph, as ONNX Runtime infers them. */
import { createModel, type Graph, type TensorType, writeModel } from '../onnx/index.ts';
import type { Runtime } from './runtime.ts';

/**
 * Asks the runtime what type and shape each value has. Bind named dimensions first for shapes of plain numbers.
 *
 * @returns a type for every input, initializer and node output that is a tensor
 */
export async function inferTypes(graph: Graph, runtime: Runtime): Promise<Map<string, TensorType>> {
  const probe = graph.clone();
  probe.outputs.clear();
  for (const node of probe.nodes) {
    // The same at inference, and known to every build of ONNX Runtime.
    if (node.op === 'Dropout' && node.domain === '' && !node.outputs[1]) {
      node.op = 'Identity';
      node.inputs = node.inputs.slice(0, 1);
      node.outputs = node.outputs.slice(0, 1);
      node.attributes = {};
    }
    for (const output of node.outputs) if (output !== '') probe.addOutput(output);
  }
  const session = await runtime.createSession(writeModel(createModel(probe)), { optimization: 'none' });
  const types = new Map<string, TensorType>(session.outputs);
  await session.release();
  for (const [name, type] of graph.inputs) types.set(name, type);
  for (const [name, { elementType, shape }] of graph.initializers) types.set(name, { elementType, shape });
  return types;
}

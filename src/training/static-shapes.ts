/** What a model computes from shapes alone, worked out once the batch size is known. */
import { inputsOf } from '../onnx/edit.ts';
import {
  createModel,
  Graph,
  sizeOf,
  staticShape,
  type TensorData,
  type TensorType,
  writeModel,
  zeros,
} from '../onnx/index.ts';
import { inferTypes } from '../runtime/infer.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Operators whose result differs from run to run. */
const RANDOM: ReadonlySet<string> = new Set([
  'Bernoulli',
  'Multinomial',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
]);

/**
 * Exporters write "the batch size, whatever it is" as `Shape`, `Gather` and `Concat`. Replaces every integer or boolean that
 * follows from shapes by a constant, in place, so that gradient rules see axes, sizes and borders as numbers.
 *
 * @param graph with its inputs' dimensions bound to numbers
 * @returns the types of all values, whose shapes are numbers
 */
export async function foldShapes(graph: Graph, runtime: Runtime): Promise<Map<string, TensorType>> {
  const types = await inferTypes(graph, runtime);
  // Whoever needs a shape says then that a dimension is left to be bound.
  if (![...graph.inputs.values()].every((type) => staticShape(type))) return types;
  const known = (value: string) => staticShape(types.get(value)) !== undefined;
  const fromShapes = shapeValues(graph, types);
  const open = graph.nodes.flatMap(({ outputs }) => outputs.filter((value) => value !== '' && !known(value)));
  if (fromShapes.size === 0 && open.length === 0) return types;
  const values = await valuesOf(graph, [...fromShapes], open, runtime);
  graph.nodes = graph.nodes.filter(({ outputs }) => !outputs.every((name) => values.folded.has(name)));
  for (const [name, tensor] of values.folded) {
    graph.initializers.set(name, tensor);
    types.set(name, { elementType: tensor.elementType, shape: tensor.shape });
  }
  for (const [name, shape] of values.shapes) {
    const elementType = types.get(name)?.elementType ?? 'float32';
    types.set(name, { elementType, shape });
  }
  return types;
}

/** Integers and booleans that depend on shapes and constants, and on no input's or weight's values. */
function shapeValues(graph: Graph, types: ReadonlyMap<string, TensorType>): Set<string> {
  const exact = (value: string) => /int|bool/.test(types.get(value)?.elementType ?? '');
  // Values that are the same at every run, numbers of any type.
  const fixed = new Set(
    [...graph.initializers.keys()].filter((name) => exact(name) || isScalar(graph, name)),
  );
  const found = new Set<string>();
  for (const node of graph.nodes) {
    if (node.domain !== '' || RANDOM.has(node.op)) continue;
    if (Object.values(node.attributes).some((value) => value instanceof Graph)) continue;
    const outputs = node.outputs.filter((output) => output !== '');
    const determined =
      node.op === 'Shape' || node.op === 'Size' || inputsOf(node).every((input) => fixed.has(input));
    if (!determined) continue;
    for (const output of outputs) fixed.add(output);
    if (node.op !== 'Constant' && outputs.every(exact)) for (const output of outputs) found.add(output);
  }
  return found;
}

function isScalar({ initializers }: Graph, name: string): boolean {
  return initializers.get(name)!.shape.length === 0;
}

/** Runs the graph once on zeros: the values wanted, and the shapes of others. */
async function valuesOf(
  graph: Graph,
  wanted: readonly string[],
  open: readonly string[],
  runtime: Runtime,
): Promise<{ folded: Map<string, TensorData>; shapes: Map<string, number[]> }> {
  const probe = graph.clone();
  probe.outputs.clear();
  for (const value of wanted) probe.addOutput(value);
  const shapeOf = new Map(open.map((value) => [value, probe.add('Shape', [value])]));
  for (const name of shapeOf.values()) probe.addOutput(name);
  const session = await runtime.createSession(writeModel(createModel(probe)), { optimization: 'none' });
  try {
    const feeds = Object.fromEntries(
      [...graph.inputs].map(([name, { elementType, shape }]) => {
        const sizes = shape as readonly number[];
        const data = zeros(elementType as Exclude<typeof elementType, 'string'>, sizeOf(sizes));
        return [name, { elementType, shape: sizes, data }];
      }),
    );
    const results = await session.run(feeds);
    return {
      folded: new Map(wanted.map((value) => [value, results[value]!])),
      shapes: new Map(
        [...shapeOf].map(([value, shape]) => [
          value,
          Array.from(results[shape]!.data as BigInt64Array, Number),
        ]),
      ),
    };
  } finally {
    await session.release();
  }
}

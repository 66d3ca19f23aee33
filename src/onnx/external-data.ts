/** Weights that a model keeps in files beside its own. */
import type { GraphProto, TensorProto } from 'onnx-buf';
import { TensorProto_DataLocation } from 'onnx-buf';
import { elementTypeOf } from './data-types.ts';
import { bytesPerElement } from './tensor.ts';

/** Gives `length` bytes of a file, from `offset` on. The location is as the model has it: nobody has checked it yet. */
export type ReadExternal = (location: string, offset: number, length: number) => Uint8Array;

/**
 * Puts values that lie in other files into the tensors themselves.
 *
 * @param fail is told what does not fit, and throws
 */
export function loadExternalData(
  graph: GraphProto,
  read: ReadExternal,
  fail: (detail: string) => never,
): void {
  for (const tensor of tensorsOf(graph)) {
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) continue;
    const { location, offset, length } = placeOf(tensor, fail);
    tensor.rawData = read(location, offset, length) as Uint8Array<ArrayBuffer>;
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
    tensor.externalData = [];
  }
}

/** Where a tensor's bytes lie; their number follows from its shape, whatever the file says. */
function placeOf(tensor: TensorProto, fail: (detail: string) => never) {
  const label = `the tensor "${tensor.name}", which keeps its values in another file,`;
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const whole = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    return /^\d{1,15}$/.test(text) ? Number(text) : fail(`${label} has the ${key} "${text}".`);
  };
  const location = entries.get('location') || fail(`${label} does not say in which.`);
  const elementType = elementTypeOf(tensor.dataType);
  if (!elementType || elementType === 'string') return fail(`${label} has a type that has no fixed size.`);
  const length = tensor.dims
    .map(Number)
    .reduce((product, size) => product * size, bytesPerElement(elementType));
  if (!Number.isSafeInteger(length) || tensor.dims.some((size) => size < 0n))
    return fail(`${label} has the impossible shape [${tensor.dims.join(', ')}].`);
  if ((whole('length') ?? length) !== length)
    return fail(`${label} needs ${length} bytes, but takes ${entries.get('length')}.`);
  return { location, offset: whole('offset') ?? 0, length };
}

function* tensorsOf(graph: GraphProto): Generator<TensorProto> {
  const graphs = [graph];
  for (let next = graphs.pop(); next; next = graphs.pop()) {
    yield* next.initializer;
    for (const { attribute } of next.node) {
      for (const { t, g, tensors, graphs: inner } of attribute) {
        if (t) yield t;
        if (g) graphs.push(g);
        yield* tensors;
        graphs.push(...inner);
      }
    }
  }
}

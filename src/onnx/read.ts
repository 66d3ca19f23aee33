/**
 * Reads .onnx files. They come from strangers: every size is checked against the bytes that are there before
 * anything is allocated, and nothing in them is executed.
 */
import { fromBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  type GraphProto,
  ModelProtoSchema,
  type StringStringEntryProto,
  type TensorProto,
  TensorProto_DataLocation,
  type ValueInfoProto,
} from 'onnx-buf';
import { OutlierExposureError } from '../errors.ts';
import { elementTypeOf } from './data-types.ts';
import { loadExternalData, type ReadExternal } from './external-data.ts';
import { type Attribute, FloatAttribute, FloatsAttribute, Graph, type Model, type Node } from './graph.ts';
import {
  bytesPerElement,
  type Dimension,
  type TensorData,
  type TensorType,
  type TensorValues,
  valuesFromBytes,
} from './tensor.ts';

/** How deep subgraphs may nest: deeper ones come from no exporter, and would exhaust the stack. */
const MAX_DEPTH = 32;
/** A subgraph is a graph in an attribute in a node; the deepest holds a few messages more. */
const MESSAGE_DEPTH = 3 * MAX_DEPTH + 20;
const NESTED = `its subgraphs nest deeper than ${MAX_DEPTH}.`;

/** A byte order mark is part of a text, too. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Parses the bytes of an .onnx file.
 *
 * @param name what to call the file in errors
 * @param readExternal gives the bytes of weights that are kept in other files (`readModelFile` of `onnx/node` does)
 * @throws OutlierExposureError `invalid-file` when it is not an ONNX model or its parts do not fit together,
 *   `unsupported` for weights kept in other files, where nothing reads these, and for model-local functions
 */
export function readModel(
  bytes: Uint8Array,
  { name = 'the model', readExternal }: { name?: string; readExternal?: ReadExternal } = {},
): Model {
  const fail = (detail: string): never => {
    throw new OutlierExposureError('invalid-file', `${name} is not a readable ONNX model: ${detail}`);
  };
  let proto: ReturnType<typeof fromBinary<typeof ModelProtoSchema>>;
  try {
    // Unknown fields would be kept, at many times their size, only to be dropped.
    proto = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false, recursionLimit: MESSAGE_DEPTH });
  } catch (error) {
    if (/recursion depth/.test((error as Error).message)) return fail(NESTED);
    return fail(`its protobuf is damaged (${(error as Error).message}). Export or download it again.`);
  }
  if (!proto.graph) return fail('it holds no graph. Export or download it again.');
  if (proto.opsetImport.length === 0) return fail('it does not say which operator set it uses.');
  if (proto.functions.length > 0) {
    throw new OutlierExposureError(
      'unsupported',
      `${name} has model-local functions, which cannot be edited yet: export it with its functions inlined.`,
    );
  }
  if (readExternal) loadExternalData(proto.graph, readExternal, fail);
  return {
    graph: readGraph(proto.graph, fail, 0),
    opsets: new Map(
      proto.opsetImport.map(({ domain, version }) => [domain === 'ai.onnx' ? '' : domain, Number(version)]),
    ),
    irVersion: Number(proto.irVersion),
    metadata: new Map(proto.metadataProps.map(({ key, value }) => [key, value])),
  };
}

type Fail = (detail: string) => never;

function readGraph(proto: GraphProto, fail: Fail, depth: number): Graph {
  if (depth > MAX_DEPTH) return fail(NESTED);
  if (proto.sparseInitializer.length > 0) return fail('it has sparse initializers; store them densely.');
  const graph = new Graph(proto.name);
  for (const tensor of proto.initializer) {
    if (graph.initializers.has(tensor.name)) return fail(`the initializer "${tensor.name}" is there twice.`);
    graph.initializers.set(tensor.name, readTensor(tensor, fail));
    graph.reserve(tensor.name);
  }
  for (const info of proto.input) {
    // Old files list their weights as inputs too; a weight is not something a caller feeds.
    if (graph.initializers.has(info.name)) continue;
    graph.inputs.set(info.name, readType(info, fail));
    graph.reserve(info.name);
  }
  for (const node of proto.node) {
    const read: Node = {
      op: node.opType,
      domain: node.domain === 'ai.onnx' ? '' : node.domain,
      name: node.name,
      inputs: [...node.input],
      outputs: [...node.output],
      attributes: Object.fromEntries(node.attribute.map((a) => [a.name, readAttribute(a, fail, depth)])),
    };
    if (node.metadataProps.length > 0) read.metadata = entries(node.metadataProps);
    graph.nodes.push(read);
    for (const output of read.outputs) graph.reserve(output);
    // What a subgraph names, nothing around it may be named anew.
    for (const inner of Object.values(read.attributes)) if (inner instanceof Graph) graph.reserveAll(inner);
  }
  // Branches of If often do not say what they give.
  for (const info of proto.output)
    graph.outputs.set(info.name, info.type?.value.case ? readType(info, fail) : undefined);
  return graph;
}

function entries(list: readonly StringStringEntryProto[]): Record<string, string> {
  return Object.fromEntries(list.map(({ key, value }) => [key, value]));
}

function readType(info: ValueInfoProto, fail: Fail): TensorType {
  const value = info.type?.value;
  if (value?.case !== 'tensorType')
    return fail(`"${info.name}" is not a tensor; only tensors go in and out.`);
  const elementType = elementTypeOf(value.value.elemType);
  if (!elementType) return fail(`"${info.name}" has the unknown element type ${value.value.elemType}.`);
  const shape = value.value.shape?.dim.map(({ value: dimension }): Dimension => {
    // Some exporters write -1 for a size that they do not know.
    if (dimension.case === 'dimValue') return dimension.value < 0n ? undefined : Number(dimension.value);
    return dimension.case === 'dimParam' && dimension.value ? dimension.value : undefined;
  });
  return { elementType, shape };
}

function readTensor(proto: TensorProto, fail: Fail): TensorData {
  const label = proto.name ? `the tensor "${proto.name}"` : 'a constant tensor';
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    throw new OutlierExposureError(
      'unsupported',
      `${label} keeps its values in another file: save the model with its weights inside.`,
    );
  }
  const elementType = elementTypeOf(proto.dataType);
  if (!elementType) return fail(`${label} has the unknown element type ${proto.dataType}.`);
  const shape = proto.dims.map(Number);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (shape.some((dimension) => dimension < 0) || !Number.isSafeInteger(size)) {
    return fail(`${label} has the impossible shape [${shape.join(', ')}].`);
  }
  const data = readValues(proto, elementType, label, size, fail);
  if (data.length !== size) {
    return fail(`${label} has shape [${shape.join(', ')}], ${size} values, but holds ${data.length}.`);
  }
  return { elementType, shape, data };
}

function readValues(
  proto: TensorProto,
  elementType: TensorData['elementType'],
  label: string,
  size: number,
  fail: Fail,
): TensorValues {
  if (elementType === 'string') {
    return proto.stringData.map((bytes) => decoder.decode(bytes));
  }
  if (proto.rawData.length > 0) {
    if (proto.rawData.length !== size * bytesPerElement(elementType)) {
      return fail(
        `${label} needs ${size * bytesPerElement(elementType)} bytes, but holds ${proto.rawData.length}.`,
      );
    }
    return valuesFromBytes(elementType, proto.rawData);
  }
  switch (elementType) {
    case 'float32':
      return Float32Array.from(proto.floatData);
    case 'float64':
      return Float64Array.from(proto.doubleData);
    case 'int64':
      return BigInt64Array.from(proto.int64Data);
    case 'uint64':
      return BigUint64Array.from(proto.uint64Data);
    case 'uint32':
      return Uint32Array.from(proto.uint64Data, Number);
    case 'int32':
      return Int32Array.from(proto.int32Data);
    case 'int16':
      return Int16Array.from(proto.int32Data);
    case 'int8':
      return Int8Array.from(proto.int32Data);
    case 'uint8':
    case 'bool':
      return Uint8Array.from(proto.int32Data);
    default:
      return Uint16Array.from(proto.int32Data);
  }
}

function readAttribute(proto: AttributeProto, fail: Fail, depth: number): Attribute {
  switch (proto.type) {
    case AttributeProto_AttributeType.FLOAT:
      return new FloatAttribute(proto.f);
    case AttributeProto_AttributeType.INT:
      return Number(proto.i);
    case AttributeProto_AttributeType.STRING:
      return decoder.decode(proto.s);
    case AttributeProto_AttributeType.TENSOR:
      return proto.t ? readTensor(proto.t, fail) : fail(`the attribute "${proto.name}" holds no tensor.`);
    case AttributeProto_AttributeType.GRAPH:
      return proto.g
        ? readGraph(proto.g, fail, depth + 1)
        : fail(`the attribute "${proto.name}" holds no graph.`);
    case AttributeProto_AttributeType.FLOATS:
      return new FloatsAttribute(proto.floats);
    case AttributeProto_AttributeType.INTS:
      return proto.ints.map(Number);
    case AttributeProto_AttributeType.STRINGS:
      return proto.strings.map((bytes) => decoder.decode(bytes));
    default:
      return fail(`the attribute "${proto.name}" has the unknown type ${proto.type}.`);
  }
}

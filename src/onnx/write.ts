/** A model as the bytes of an .onnx file. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { dataTypeOf } from './data-types.ts';
import { type Attribute, FloatAttribute, FloatsAttribute, Graph, type Model } from './graph.ts';
import type { TensorData, TensorType } from './tensor.ts';

/** Serializes a model; what {@link readModel} reads back. */
export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
  const proto = create(ModelProtoSchema, {
    irVersion: BigInt(model.irVersion),
    producerName: 'outlier-exposure',
    opsetImport: [...model.opsets].map(([domain, version]) =>
      create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
    ),
    metadataProps: [...model.metadata].map(entry),
    graph: graphProto(model.graph),
  });
  return toBinary(ModelProtoSchema, proto);
}

function graphProto(graph: Graph): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name,
    input: [...graph.inputs].map(([name, type]) => valueInfo(name, type)),
    output: [...graph.outputs].map(([name, type]) => valueInfo(name, type)),
    initializer: [...graph.initializers].map(([name, tensor]) => tensorProto(name, tensor)),
    node: graph.nodes.map((node) =>
      create(NodeProtoSchema, {
        opType: node.op,
        domain: node.domain,
        name: node.name,
        input: node.inputs,
        output: node.outputs,
        attribute: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
        metadataProps: Object.entries(node.metadata ?? {}).map(entry),
      }),
    ),
  });
}

function entry([key, value]: [string, string]) {
  return create(StringStringEntryProtoSchema, { key, value });
}

function valueInfo(name: string, type: TensorType | undefined): ValueInfoProto {
  if (!type) return create(ValueInfoProtoSchema, { name });
  const tensor = create(TypeProto_TensorSchema, { elemType: dataTypeOf(type.elementType) });
  if (type.shape) {
    tensor.shape = create(TensorShapeProtoSchema, {
      dim: type.shape.map((dimension) =>
        create(TensorShapeProto_DimensionSchema, {
          value:
            dimension === undefined
              ? { case: undefined }
              : typeof dimension === 'number'
                ? { case: 'dimValue', value: BigInt(dimension) }
                : { case: 'dimParam', value: dimension },
        }),
      ),
    });
  }
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } }),
  });
}

function tensorProto(name: string, tensor: TensorData): TensorProto {
  const proto = create(TensorProtoSchema, {
    name,
    dims: tensor.shape.map(BigInt),
    dataType: dataTypeOf(tensor.elementType),
  });
  if (Array.isArray(tensor.data)) {
    const encoder = new TextEncoder();
    proto.stringData = tensor.data.map((text) => encoder.encode(text) as Uint8Array<ArrayBuffer>);
  } else {
    const { buffer, byteOffset, byteLength } = tensor.data;
    proto.rawData = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  }
  return proto;
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  const proto = create(AttributeProtoSchema, { name });
  const encoder = new TextEncoder();
  const bytes = (text: string) => encoder.encode(text) as Uint8Array<ArrayBuffer>;
  if (typeof value === 'number') {
    proto.type = AttributeProto_AttributeType.INT;
    proto.i = saturatedInt64(value);
  } else if (typeof value === 'string') {
    proto.type = AttributeProto_AttributeType.STRING;
    proto.s = bytes(value);
  } else if (value instanceof FloatAttribute) {
    proto.type = AttributeProto_AttributeType.FLOAT;
    proto.f = value.value;
  } else if (value instanceof FloatsAttribute) {
    proto.type = AttributeProto_AttributeType.FLOATS;
    proto.floats = [...value.values];
  } else if (value instanceof Graph) {
    proto.type = AttributeProto_AttributeType.GRAPH;
    proto.g = graphProto(value);
  } else if (isList(value)) {
    if (typeof value[0] === 'string') {
      proto.type = AttributeProto_AttributeType.STRINGS;
      proto.strings = (value as readonly string[]).map(bytes);
    } else {
      proto.type = AttributeProto_AttributeType.INTS;
      proto.ints = (value as readonly number[]).map(saturatedInt64);
    }
  } else {
    proto.type = AttributeProto_AttributeType.TENSOR;
    proto.t = tensorProto('', value);
  }
  return proto;
}

function isList(value: Attribute): value is readonly number[] | readonly string[] {
  return Array.isArray(value);
}

/** Exporters write "to the end" as 2^63 − 1, which a JavaScript number rounds up to 2^63: bring it back. */
function saturatedInt64(value: number): bigint {
  const limit = 2n ** 63n;
  const big = BigInt(Math.trunc(value));
  return big >= limit ? limit - 1n : big < -limit ? -limit : big;
}

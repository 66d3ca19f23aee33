import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { createModel, Graph } from './graph.ts';
import { readModel } from './read.ts';
import { float32, type TensorData } from './tensor.ts';
import { models, sampleModel } from './testing.ts';
import { writeModel } from './write.ts';

const opsetImport = [create(OperatorSetIdProtoSchema, { version: 21n })];
const SEED = { seed: 20_181_211 };

type GraphInit = Parameters<typeof create<typeof GraphProtoSchema>>[1];
type TensorInit = Parameters<typeof create<typeof TensorProtoSchema>>[1];

function bytesOf(graph: GraphInit, opsets = opsetImport): Uint8Array {
  const proto = create(ModelProtoSchema, { opsetImport: opsets, graph: create(GraphProtoSchema, graph) });
  return toBinary(ModelProtoSchema, proto);
}

function readWeight(tensor: TensorInit): TensorData {
  const initializer = [create(TensorProtoSchema, { name: 'w', ...tensor })];
  return readModel(bytesOf({ initializer })).graph.initializers.get('w')!;
}

/** Reads, and lets only the package's own errors pass. */
function survives(bytes: Uint8Array): void {
  try {
    readModel(bytes);
  } catch (error) {
    if (!(error instanceof OutlierExposureError)) throw error;
  }
}

describe('typed fields, as other writers use them', () => {
  const { FLOAT, DOUBLE, INT64, UINT64, UINT32, INT32, INT16, INT8, UINT8, BOOL, FLOAT16, STRING } =
    TensorProto_DataType;
  const cases: [string, TensorInit, TensorData['data']][] = [
    ['float32', { dataType: FLOAT, floatData: [1.5, -2] }, Float32Array.of(1.5, -2)],
    ['float64', { dataType: DOUBLE, doubleData: [0.1, 1e300] }, Float64Array.of(0.1, 1e300)],
    ['int64', { dataType: INT64, int64Data: [2n ** 62n, -1n] }, BigInt64Array.of(2n ** 62n, -1n)],
    ['uint64', { dataType: UINT64, uint64Data: [2n ** 63n, 1n] }, BigUint64Array.of(2n ** 63n, 1n)],
    ['uint32', { dataType: UINT32, uint64Data: [2n ** 31n, 1n] }, Uint32Array.of(2 ** 31, 1)],
    ['int32', { dataType: INT32, int32Data: [-5, 5] }, Int32Array.of(-5, 5)],
    ['int16', { dataType: INT16, int32Data: [-5, 5] }, Int16Array.of(-5, 5)],
    ['int8', { dataType: INT8, int32Data: [-5, 5] }, Int8Array.of(-5, 5)],
    ['uint8', { dataType: UINT8, int32Data: [255, 5] }, Uint8Array.of(255, 5)],
    ['bool', { dataType: BOOL, int32Data: [1, 0] }, Uint8Array.of(1, 0)],
    ['float16', { dataType: FLOAT16, int32Data: [0x3c00, 0xc000] }, Uint16Array.of(0x3c00, 0xc000)],
    ['string', { dataType: STRING, stringData: [Uint8Array.of(104, 105), new Uint8Array()] }, ['hi', '']],
  ];
  it.each(cases)('hold %s', (elementType, tensor, data) => {
    expect(readWeight({ ...tensor, dims: [2n] })).toEqual({ elementType, shape: [2], data });
  });
});

describe('a file that cannot be', () => {
  const { FLOAT } = TensorProto_DataType;
  it.each([
    ['no ONNX at all', new TextEncoder().encode('<html>not found</html>'), /protobuf is damaged/],
    ['empty', new Uint8Array(), /holds no graph/],
    ['without operator set', bytesOf({}, []), /which operator set/],
  ])('is %s', (_, bytes, message) => {
    expect(() => readModel(bytes, { name: 'cat.onnx' })).toThrow(message);
    expect(() => readModel(bytes, { name: 'cat.onnx' })).toThrow(/^cat\.onnx is not a readable ONNX model/);
  });

  it.each<[string, TensorInit, RegExp]>([
    ['fewer values than its shape', { dataType: FLOAT, dims: [3n], floatData: [1] }, /3 values, but holds 1/],
    [
      'fewer bytes',
      { dataType: FLOAT, dims: [3n], rawData: new Uint8Array(4) },
      /needs 12 bytes, but holds 4/,
    ],
    ['a size beyond all memory', { dataType: FLOAT, dims: [2n ** 40n] }, /1099511627776 values, but holds 0/],
    ['sizes that overflow', { dataType: FLOAT, dims: [2n ** 40n, 2n ** 40n] }, /impossible shape/],
    [
      'more than infinitely many',
      { dataType: FLOAT, dims: [...Array(40).fill(2n ** 62n), 0n] },
      /impossible/,
    ],
    ['a negative size', { dataType: FLOAT, dims: [-1n], floatData: [] }, /impossible shape \[-1\]/],
    ['an unknown type', { dataType: 99, dims: [0n] }, /unknown element type 99/],
  ])('has a tensor of %s', (_, tensor, message) => {
    expect(() => readWeight(tensor)).toThrow(message);
  });

  it('has no values and no memory for a shape with a 0 in it', () => {
    const shape = [0, 2 ** 40];
    expect(readWeight({ dataType: FLOAT, dims: shape.map(BigInt) })).toEqual(float32([], shape));
  });

  it('keeps its weights elsewhere', () => {
    const dataLocation = TensorProto_DataLocation.EXTERNAL;
    expect(() => readWeight({ dataType: FLOAT, dims: [1n], dataLocation })).toThrow(/weights inside/);
  });

  it('has a weight twice', () => {
    const w = create(TensorProtoSchema, { name: 'w', dataType: FLOAT, dims: [0n] });
    expect(() => readModel(bytesOf({ initializer: [w, w] }))).toThrow(/"w" is there twice/);
  });

  it.each([33, 60, 500])('nests its subgraphs %i deep', (depth) => {
    expect(() => readModel(nested(depth))).toThrow(/nest deeper than 32/);
  });
});

it('reads subgraphs as deep as it says', () => {
  expect(readModel(nested(32)).graph.nodes).toHaveLength(1);
});

it('reads outputs whose type says nothing, as branches of If have them', () => {
  const output = [create(ValueInfoProtoSchema, { name: 'y', type: create(TypeProtoSchema) })];
  const model = readModel(bytesOf({ output }));
  expect([...model.graph.outputs]).toEqual([['y', undefined]]);
  expect([...readModel(writeModel(model)).graph.outputs]).toEqual([['y', undefined]]);
});

/** The bytes of a model with subgraphs in subgraphs, written from the inside out: recursion would not get there. */
function nested(depth: number): Uint8Array {
  const field = (number: number, content: Uint8Array): Uint8Array => {
    const header = [(number << 3) | 2];
    for (let length = content.length; ; length >>>= 7) {
      header.push(length > 127 ? (length & 127) | 128 : length);
      if (length <= 127) break;
    }
    return Uint8Array.from([...header, ...content]);
  };
  const type = toBinary(
    AttributeProtoSchema,
    create(AttributeProtoSchema, { name: 'body', type: AttributeProto_AttributeType.GRAPH }),
  );
  let graph: Uint8Array = new Uint8Array();
  for (let i = 0; i < depth; i++) {
    const attribute = Uint8Array.from([...type, ...field(6, graph)]);
    graph = field(1, field(5, attribute));
  }
  const model = toBinary(ModelProtoSchema, create(ModelProtoSchema, { opsetImport }));
  return Uint8Array.from([...model, ...field(7, graph)]);
}

describe('names', () => {
  it('of subgraphs are not given to new values around them', () => {
    const graph = readModel(writeModel(sampleModel())).graph;
    expect(graph.unique('inner Neg')).toBe('inner Neg.1');
    expect(graph.unique('w')).toBe('w.1');
  });

  it('of old files list weights as inputs too, which nobody feeds', () => {
    const w = create(TensorProtoSchema, { name: 'w', dataType: TensorProto_DataType.FLOAT, dims: [0n] });
    const graph = new Graph();
    graph.addInput('w', 'float32', [0]);
    const { graph: read } = readModel(
      Uint8Array.from([...writeModel(createModel(graph)), ...bytesOf({ initializer: [w] })]),
    );
    expect([...read.inputs.keys()]).toEqual([]);
    expect(read.initializers.get('w')).toEqual(float32([], [0]));
  });
});

describe('damaged bytes', () => {
  const sample = writeModel(sampleModel());

  it('of every length are read or refused', () => {
    for (let length = 0; length < sample.length; length++) survives(sample.subarray(0, length));
  });

  it('with any bit turned are read or refused', () => {
    for (let bit = 0; bit < sample.length * 8; bit++) {
      const bytes = sample.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      survives(bytes);
    }
  });

  it('cut up, overwritten and put together anew are read or refused', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(12),
      insert: fc.uint8Array({ maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.option(models), fc.array(edit, { minLength: 1, maxLength: 6 }), (model, edits) => {
        let bytes = model ? writeModel(model) : sample;
        for (const { at, remove, insert } of edits) {
          const from = Math.floor(at * bytes.length);
          bytes = Uint8Array.from([...bytes.subarray(0, from), ...insert, ...bytes.subarray(from + remove)]);
        }
        survives(bytes);
      }),
      { ...SEED, numRuns: 500 },
    );
  });

  it('of nothing but small messages take time and memory in proportion', () => {
    const before = process.memoryUsage().rss;
    const began = performance.now();
    const count = 200_000;
    // An empty node each two bytes; then fields that no message has.
    survives(bytesOf({ node: Array(count).fill(create(NodeProtoSchema)) }));
    survives(Uint8Array.from({ length: 2 * count }, (_, i) => (i % 2 ? 0 : 0x78)));
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(1e9);
  });
});

/** Random models for tests of what is written and read. */
import fc from 'fast-check';
import {
  type Attribute,
  createModel,
  FloatAttribute,
  FloatsAttribute,
  Graph,
  type Model,
  type Node,
} from './graph.ts';
import { type ElementType, sizeOf, type TensorData, type TensorType, type TensorValues } from './tensor.ts';

const text = fc.string({ unit: 'binary', maxLength: 8 });
const word = fc.string({ minLength: 1, maxLength: 6 });
const float32Value = fc.float().map((value) => (Object.is(value, -0) ? 0 : value));
const integer = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3, max: 3 }));

/** How to make the values of each element type. */
const VALUES: Record<ElementType, (length: number) => fc.Arbitrary<TensorValues>> = {
  float32: (n) => list(n, float32Value).map((values) => Float32Array.from(values)),
  float64: (n) => list(n, fc.double()).map((values) => Float64Array.from(values)),
  float16: (n) => list(n, fc.nat(0xffff)).map((values) => Uint16Array.from(values)),
  bfloat16: (n) => list(n, fc.nat(0xffff)).map((values) => Uint16Array.from(values)),
  int8: (n) => list(n, fc.integer({ min: -128, max: 127 })).map((values) => Int8Array.from(values)),
  uint8: (n) => list(n, fc.nat(255)).map((values) => Uint8Array.from(values)),
  int16: (n) => list(n, fc.integer({ min: -32768, max: 32767 })).map((values) => Int16Array.from(values)),
  uint16: (n) => list(n, fc.nat(0xffff)).map((values) => Uint16Array.from(values)),
  int32: (n) => list(n, fc.integer()).map((values) => Int32Array.from(values)),
  uint32: (n) => list(n, fc.nat(2 ** 31 - 1)).map((values) => Uint32Array.from(values)),
  int64: (n) =>
    list(n, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((v) => BigInt64Array.from(v)),
  uint64: (n) => list(n, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map((v) => BigUint64Array.from(v)),
  bool: (n) => list(n, fc.nat(1)).map((values) => Uint8Array.from(values)),
  string: (n) => list(n, text),
};

export const ELEMENT_TYPES = Object.keys(VALUES) as ElementType[];

function list<T>(length: number, value: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(value, { minLength: length, maxLength: length });
}

export const tensors: fc.Arbitrary<TensorData> = fc
  .record({
    elementType: fc.constantFrom(...ELEMENT_TYPES),
    shape: fc.array(fc.nat(3), { maxLength: 3 }),
  })
  .chain(({ elementType, shape }) =>
    VALUES[elementType](sizeOf(shape)).map((data) => ({ elementType, shape, data })),
  );

const types: fc.Arbitrary<TensorType> = fc.record({
  elementType: fc.constantFrom(...ELEMENT_TYPES),
  shape: fc.option(fc.array(fc.oneof(fc.nat(1000), word, fc.constant(undefined)), { maxLength: 4 }), {
    nil: undefined,
  }),
});

function attributes(depth: number): fc.Arbitrary<Attribute> {
  const flat: fc.Arbitrary<Attribute>[] = [
    integer,
    fc.array(integer, { maxLength: 4 }),
    text,
    fc.array(text, { minLength: 1, maxLength: 3 }),
    float32Value.map((value) => new FloatAttribute(value)),
    fc.array(float32Value, { maxLength: 3 }).map((values) => new FloatsAttribute(values)),
    tensors,
  ];
  return fc.oneof(...flat, ...(depth > 0 ? [graphs(depth - 1)] : []));
}

function nodes(depth: number): fc.Arbitrary<Node> {
  const names = fc.array(fc.oneof(fc.constant(''), text), { maxLength: 3 });
  return fc.record(
    {
      op: word,
      domain: fc.constantFrom('', 'com.microsoft', 'my.own'),
      name: text,
      inputs: names,
      outputs: names,
      attributes: fc.dictionary(word, attributes(depth), { maxKeys: 3, noNullPrototype: true }),
      metadata: fc.dictionary(word, text, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
    },
    { requiredKeys: ['op', 'domain', 'name', 'inputs', 'outputs', 'attributes'], noNullPrototype: true },
  );
}

/** Graphs whose parts need not make sense: only their form is written and read. */
export function graphs(depth = 2): fc.Arbitrary<Graph> {
  return fc
    .record({
      name: text,
      inputs: fc.array(types, { maxLength: 2 }),
      outputs: fc.array(fc.option(types, { nil: undefined }), { maxLength: 2 }),
      initializers: fc.array(tensors, { maxLength: 2 }),
      nodes: fc.array(nodes(depth), { maxLength: 3 }),
      hint: text,
    })
    .map(({ name, inputs, outputs, initializers, nodes, hint }) => {
      const graph = new Graph(name);
      for (const type of inputs) graph.inputs.set(graph.unique(`in ${hint}`), type);
      for (const tensor of initializers) graph.constant(tensor, `weight ${hint}`);
      for (const [i, type] of outputs.entries()) graph.addOutput(`out ${i} ${hint}`, type);
      graph.nodes = nodes;
      return graph;
    });
}

export const models: fc.Arbitrary<Model> = fc
  .record({
    graph: graphs(),
    metadata: fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 3 }),
  })
  .map(({ graph, metadata }) => createModel(graph, metadata));

/** A model that ONNX Runtime runs, with something of everything in it. */
export function sampleModel(): Model {
  const graph = new Graph('sample');
  graph.addInput('x', 'float32', ['batch', 3]);
  graph.addInput('flag', 'bool', []);
  const w = { elementType: 'float32' as const, shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  graph.addInitializer('w', w);
  const y = graph.add('Gemm', ['x', 'w', undefined], { alpha: new FloatAttribute(0.5), transA: 0 });
  const branch = (op: string) => {
    const inner = new Graph(op);
    inner.addOutput(inner.add(op, [y], {}, { name: `inner ${op}` }));
    return inner;
  };
  const chosen = graph.add('If', ['flag'], { then_branch: branch('Neg'), else_branch: branch('Abs') });
  const table = graph.add('Constant', [], { value: { ...w, shape: [3, 2] } });
  const low = graph.add('Constant', [], { value_floats: new FloatsAttribute([-3, -4]) });
  const shape = graph.add('Constant', [], { value_ints: [-1] });
  const sum = graph.add('Add', [chosen, graph.add('Slice', [table, graph.ints([0]), graph.ints([1])])]);
  graph.addOutput(
    graph.add('Reshape', [graph.add('Max', [sum, low]), shape], {}, { metadata: { why: 'flat' } }),
  );
  return createModel(graph, [['trained', 'no']]);
}
